// How products are launched on WebGPU: decided without a device.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Candidate, matmul, type Program } from "../../src/kernels/mod.ts";
import { assertSnapshot } from "./snapshots.ts";
import { paramsOf, type Product, shapesOf } from "../support/matmul_products.ts";

const test = suite("ways of matmul");

function waysOf(product: Product): readonly Candidate[] {
  const inputs = shapesOf(product).map((shape) => ({ shape, dtype: "f32" as const }));
  const params = paramsOf(product);
  return matmul.candidates!(inputs, matmul.outputs(inputs, params), params);
}

function first(product: Product): { readonly name: string; readonly program: Program } {
  const way = waysOf(product)[0]!;
  return { name: way.name, program: way.program() };
}

/** Workgroups of a program's largest dispatch. */
function groupsOf({ dispatches }: Program): number {
  return Math.max(...dispatches.map(({ workgroups: [x, y, z] }) => x * y * z));
}

test("layers of the models get at least 128 workgroups in one dispatch", () => {
  const layers: readonly Product[] = [
    { M: 64, N: 128, K: 1568 },
    { M: 64, N: 1568, K: 128, transposeB: true },
    { M: 1568, N: 128, K: 64, transposeA: true, columnSums: true },
    { M: 128, N: 128, K: 784 },
    { M: 784, N: 128, K: 128, transposeA: true, columnSums: true },
    { M: 1024, N: 1024, K: 1024 },
    { M: 512, N: 512, K: 512 },
    { M: 256, N: 256, K: 256 },
    { M: 4096, N: 16, K: 64 },
    { M: 1, N: 4096, K: 1024, transposeB: true },
    { M: 1, N: 4096, K: 1024 },
    { M: 16384, N: 1, K: 1024 },
  ];
  for (const layer of layers) {
    const { name, program } = first(layer), what = `${name} of ${JSON.stringify(layer)}`;
    assert.is(program.dispatches.length, 1, what);
    assert.ok(groupsOf(program) >= 128, `${what}: ${groupsOf(program)} workgroups`);
  }
});

test("a few outputs of very long sums share k among workgroups", () => {
  const { name, program } = first({ M: 40, N: 48, K: 60000 });
  assert.match(name, /^blocked .*k in \d+$/);
  assert.is(program.dispatches.length, 2);
  assert.ok(groupsOf(program) >= 128, name);
});

test("large products do at least 16 FLOP per byte that they read", () => {
  for (const size of [1024, 2048, 4096]) {
    const { products, reads } = waysOf({ M: size, N: size, K: size })[0]!.figures!;
    const perByte = 2 * products / (4 * reads);
    assert.ok(perByte >= 16, `${size}: ${perByte}`);
  }
});

test("large products take tiles of at least 64x64", () => {
  assert.match(first({ M: 1024, N: 1024, K: 1024 }).name, /^blocked 64x64x16/);
  assert.match(first({ M: 4096, N: 4096, K: 1024 }).name, /^blocked 128x64x16, 8x8 each/);
});

test("every product has a way without waiting, and its first way is that of webgpu()", () => {
  for (const M of [1, 5, 64, 700]) {
    for (const N of [1, 10, 64, 700]) {
      for (const K of [0, 1, 64, 2000]) {
        const ways = waysOf({ M, N, K });
        assert.ok(ways.some(({ waits }) => !waits));
        const names = ways.map(({ name }) => name);
        assert.is(new Set(names).size, names.length, `equal names: ${names}`);
        const inputs = shapesOf({ M, N, K }).map((shape) => ({ shape, dtype: "f32" as const }));
        const params = paramsOf({ M, N, K });
        const program = matmul.webgpu(inputs, matmul.outputs(inputs, params), params);
        assert.equal(program, ways[0]!.program());
      }
    }
  }
});

test("ways that do not wait have no barrier, and the others have one", () => {
  for (const product of [{ M: 40, N: 40, K: 40 }, { M: 2, N: 40, K: 900 }]) {
    for (const { name, waits, program } of waysOf(product)) {
      const barrier = program().dispatches.some(({ code }) => code.includes("workgroupBarrier"));
      assert.is(barrier, waits, name);
    }
  }
});

test("more workgroups than a dimension holds are folded into two", () => {
  const products: readonly Product[] = [
    { M: 5, N: 8, K: 4, batchA: [70001], batchB: [70001] },
    { M: 2, N: 8, K: 4, batchA: [70001], batchB: [70001] },
    { M: 65, N: 8, K: 4, batchA: [70001], batchB: [70001], columnSums: true },
  ];
  for (const product of products) {
    for (const { name, program } of waysOf(product)) {
      for (const { workgroups, code } of program().dispatches) {
        assert.ok(workgroups.every((count) => count <= 65535), `${name}: ${workgroups}`);
        const [x, y] = workgroups;
        if (y > 1) assert.ok(code.includes(`group.y * ${x}u`), `${name} does not unfold`);
      }
    }
  }
});

/** One shape for each kind of way, by the beginning of the way's name. */
const SNAPSHOTS: readonly (readonly [file: string, way: string, product: Product])[] = [
  ["naive", "naive", { M: 6, N: 5, K: 7 }],
  ["tiled", "tiled", { M: 20, N: 17, K: 18, transposeB: true }],
  ["blocked", "blocked 64x64x16, 4x4", { M: 1024, N: 1024, K: 1024 }],
  ["blocked_edges", "blocked 32x32", { M: 33, N: 34, K: 35, transposeA: true, columnSums: true }],
  ["blocked_split", "blocked 64x16x16, 4x4 each, k in", { M: 48, N: 16, K: 60000 }],
  ["small", "small 8x8", { M: 64, N: 128, K: 1568 }],
  ["thin_rows", "thin", { M: 1, N: 1024, K: 512, transposeB: true }],
  ["thin_columns", "thin", { M: 1024, N: 2, K: 512, transposeA: true }],
  ["registers", "registers", { M: 256, N: 256, K: 256 }],
];

test("shaders are as they were", () => {
  for (const [file, prefix, product] of SNAPSHOTS) {
    const way = waysOf(product).find(({ name }) => name.startsWith(prefix));
    if (way === undefined) throw new Error(`No way ${prefix} for ${JSON.stringify(product)}`);
    assertSnapshot(`matmul_${file}`, way);
  }
});

test.run();
