// Every way to a matrix product on WebGPU against the reference, not only the one that would be chosen.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Epilogue } from "../../src/kernels/epilogue.ts";
import { type Candidate, type Kernel, matmul } from "../../src/kernels/mod.ts";
import type { Shape } from "../../src/shape.ts";
import { outputsOn, uniform } from "../support/cpu.ts";
import { assertClose, hasWebGpu, reference, webgpu } from "../support/devices.ts";
import type { HostTensor } from "../support/parity.ts";
import { bindEpilogue, type Product, productOf, specsOf } from "../support/matmul_products.ts";

const test = suite("matmul on WebGPU");

type Params = ReturnType<typeof productOf>["params"];

/** The kernel, one way. */
function by(candidate: Candidate, epilogue?: Epilogue): Kernel<Params> {
  const { candidates: _, ...kernel } = matmul;
  return {
    ...kernel,
    name: `matmul, ${candidate.name}${epilogue === undefined ? "" : ", with more"}`,
    webgpu: () => candidate.program(epilogue),
  };
}

/** Sums of K products of numbers below 1 in magnitude, in f32 and in any order. */
function tolerance(K: number): { rtol: number; atol: number } {
  return { rtol: 1e-6, atol: 3e-7 * (1 + K ** 0.75) };
}

const EMPTY = "nothing to do";
const seen = new Set<string>();

/** Compares all ways whose names hold `only`; results twice, bit by bit. */
async function compare(product: Product, only = ""): Promise<void> {
  const call = productOf(product), { inputs, params } = call;
  const want = await outputsOn(reference, matmul, call);
  const candidates = matmul.candidates!(inputs, want, params).filter(({ name }) => {
    return name.includes(only) || name === EMPTY;
  });
  assert.ok(candidates.length > 0, `No way ${only} for ${JSON.stringify(product)}`);
  for (const candidate of candidates) {
    seen.add(candidate.name.split(/[ ,]/)[0]!);
    const what = `${candidate.name} of ${JSON.stringify(product)}`;
    const got = await outputsOn(webgpu!, by(candidate), call);
    const again = await outputsOn(webgpu!, by(candidate), call);
    want.forEach(({ shape, data }, i) => {
      assert.equal(got[i]!.shape, shape, what);
      assertClose(got[i]!.data, data, tolerance(product.K), `${what}, output ${i}`);
      assert.equal(again[i]!.data, got[i]!.data, `${what}: runs differ`);
    });
  }
}

const WAYS = [[false, false], [false, true], [true, false], [true, true]] as const;

async function compareAll(product: Product, only?: string): Promise<void> {
  for (const [transposeA, transposeB] of WAYS) {
    await compare({ ...product, transposeA, transposeB }, only);
  }
}

if (hasWebGpu) {
  test("all ways equal the reference around sizes of 1, primes and blocks", async () => {
    await compareAll({ M: 17, N: 19, K: 23 });
    await compare({ M: 1, N: 1, K: 1, columnSums: true });
    await compare({ M: 20, N: 36, K: 36, transposeA: true, columnSums: true });
    await compare({ M: 18, N: 18, K: 18, transposeA: true, transposeB: true, columnSums: true });
  });

  test("thin products equal the reference", async () => {
    await compareAll({ M: 1, N: 68, K: 67 }, "thin");
    await compareAll({ M: 2, N: 35, K: 36, columnSums: true }, "thin");
    await compare({ M: 4, N: 67, K: 34, columnSums: true }, "thin");
    await compareAll({ M: 67, N: 1, K: 68, columnSums: true }, "thin");
    await compareAll({ M: 35, N: 3, K: 36 }, "thin");
    await compare({ M: 68, N: 4, K: 66, transposeA: true, columnSums: true }, "thin");
    await compareAll({ M: 3, N: 131, K: 3 }, "thin");
    await compareAll({ M: 129, N: 1, K: 2 }, "thin");
  });

  test("products over nothing are 0, and nothing is left out of nothing", async () => {
    for (const columnSums of [false, true]) {
      await compareAll({ M: 5, N: 9, K: 0, columnSums });
      await compareAll({ M: 0, N: 4, K: 3, columnSums });
      await compareAll({ M: 4, N: 0, K: 3, columnSums });
      await compareAll({ M: 3, N: 4, K: 2, columnSums, batchA: [0], batchB: [0] });
    }
  });

  test("batches that match, broadcast or are one product equal the reference", async () => {
    const batches: readonly (readonly [Shape, Shape])[] = [
      [[3], [3]],
      [[3], []],
      [[], [3]],
      [[2, 1], [1, 3]],
    ];
    for (const [batchA, batchB] of batches) {
      await compare({ M: 9, N: 12, K: 9, batchA, batchB, columnSums: true }, "blocked");
      await compare({ M: 9, N: 12, K: 9, batchA, batchB, columnSums: true }, "naive");
      await compare({ M: 9, N: 7, K: 8, batchA, batchB, transposeA: true }, "small");
      await compare({ M: 9, N: 7, K: 8, batchA, batchB, transposeB: true }, "registers");
      await compare({ M: 2, N: 12, K: 9, batchA, batchB, transposeA: true }, "thin");
    }
  });

  test("products whose sums are long share k among lanes and workgroups", async () => {
    await compare({ M: 18, N: 20, K: 4500, columnSums: true }, "k in");
    await compare({ M: 20, N: 10, K: 1031, transposeA: true, columnSums: true }, "k in");
    await compare({ M: 12, N: 24, K: 1568 }, "small 8x8");
    await compare({ M: 3, N: 8, K: 5000, transposeB: true }, "thin");
  });

  test("tiles of all sizes equal the reference", async () => {
    // As many tiles as make each the choice, by many small planes.
    await compare({ M: 65, N: 66, K: 17, batchA: [33], batchB: [33] }, "64x64x16, 4x4");
    await compare(
      { M: 33, N: 36, K: 20, batchA: [33], batchB: [1], columnSums: true },
      "blocked 32x32",
    );
    await compare({ M: 130, N: 68, K: 18, batchA: [32], batchB: [32] }, "128x64x16");
  });

  test("an epilogue goes over C and not over the column sums", async () => {
    for (const [M, N, K] of [[3, 21, 40], [18, 20, 263]] as const) {
      const call = productOf({ M, N, K, columnSums: true });
      const bias = uniform([N], 3), residual = uniform([M, N], 4);
      const [c, sums] = await outputsOn(reference, matmul, call);
      const want = c!.data.map((value, at) => {
        return Math.max(0, Math.fround(value + bias.data[at % N]!) + residual.data[at]!);
      });
      const specs = specsOf([bias, residual]);
      const more: Epilogue = {
        operands: [["bias", specs[0]!], ["residual", specs[1]!]],
        functions: `fn epilogue(at: u32, value: f32) -> f32 {
  return max(0.0, value + bias[at % ${N}u] + residual[at]);
}
`,
      };
      for (const candidate of matmul.candidates!(call.inputs, [c!, sums!], call.params)) {
        const inputs: HostTensor[] = [...call.inputs, bias, residual];
        const kernel = bindEpilogue(by(candidate, more), call.inputs.length);
        const got = await outputsOn(webgpu!, kernel, { inputs, params: call.params });
        assertClose(got[0]!.data, want, tolerance(K), `${candidate.name} of ${M} ${N} ${K}`);
        assertClose(got[1]!.data, sums!.data, tolerance(K), `${candidate.name}, column sums`);
      }
    }
  });

  test("all rungs of the ladder have been here", () => {
    seen.delete("nothing");
    const rungs = ["blocked", "naive", "registers", "small", "thin", "tiled"];
    assert.equal([...seen].sort(), rungs);
  });
}

test.run();
