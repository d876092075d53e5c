// Shader text: what the wrapper refuses, and the whole text of two shaders. No device is needed.

import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BackendError } from "../../src/errors.ts";
import { elementwise, matmul, type Spec } from "../../src/kernels/mod.ts";
import {
  bytesOf,
  declare,
  f32,
  foldWorkgroups,
  MAX_WORKGROUPS,
  perElement,
  ravel,
  typeName,
  u32,
  unravel,
  wgsl,
} from "../../src/kernels/wgsl.ts";
import { type Shape, sizeOf, stridesOf } from "../../src/shape.ts";
import { isA, says } from "../support/errors.ts";
import { build } from "../support/numbers.ts";

function spec(shape: Shape): Spec {
  return { shape, dtype: "f32" };
}

test("wgsl`` puts strings, booleans and finite numbers in", () => {
  assert.is(wgsl`a ${"x"} ${1} ${-0.5} ${true}`, "a x 1 -0.5 true");
});

test("wgsl`` refuses what is no shader text", () => {
  const refused: readonly (readonly [unknown, string])[] = [
    [NaN, "NaN"],
    [Infinity, "Infinity"],
    [-Infinity, "-Infinity"],
    [undefined, "undefined"],
    [null, "null"],
    [[1, 2], "1,2"],
    [{}, "[object Object]"],
    [1n, "1"],
  ];
  for (const [value, text] of refused) {
    assert.throws(
      () => wgsl`let x = ${value as number};`,
      says(
        BackendError,
        `Cannot write shader text with the value ${text}: ` +
          "values must be strings, booleans or finite numbers",
      ),
    );
  }
});

test("wgsl`` keeps the branch whose condition holds", () => {
  function code(a: boolean, b: boolean): string {
    return wgsl`
      #if ${a}
      first
      #if ${b}
      inner
      #endif
      #elif ${b}
      second
      #else
      third
      #endif
      end`.replaceAll(/\s+/g, " ").trim();
  }
  assert.is(code(true, true), "first inner end");
  assert.is(code(true, false), "first end");
  assert.is(code(false, true), "second end");
  assert.is(code(false, false), "third end");
});

test("wgsl`` does not look for directives in what is put in", () => {
  const inner = wgsl`#if ${true}
yes
#endif`;
  assert.is(wgsl`${inner}!`.replaceAll(/\s+/g, ""), "yes!");
});

test("wgsl`` refuses directives that the preprocessor overlooks", () => {
  assert.throws(
    () =>
      wgsl`#if ${true}
a
#else;
b
#endif`,
    says(
      BackendError,
      "Cannot write shader text with #else in it: directives must stand alone on their lines",
    ),
  );
  assert.throws(() => wgsl`#define X 1`, isA(BackendError, /with #define in it/));
  assert.throws(() =>
    wgsl`#if ${true}
a`
  );
});

test("f32() writes literals that WGSL takes as f32", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0.0f"],
    [-0, "0.0f"],
    [1, "1.0f"],
    [-2.5, "-2.5f"],
    [0.1, "0.10000000149011612f"],
    [1e21, "1.0000000200408773e+21f"],
    [2 ** -30, "9.313225746154785e-10f"],
    [3.4028234663852886e38, "3.4028234663852886e+38f"],
  ];
  for (const [value, text] of cases) assert.is(f32(value), text);
  fc.assert(fc.property(fc.float({ noDefaultInfinity: true, noNaN: true }), (value) => {
    const text = f32(value);
    assert.match(text, /^-?\d+(\.\d+)?(e[+-]\d+)?f$/);
    assert.match(text, /[.e]/);
    assert.is(Number(text.slice(0, -1)), value + 0);
  }));
});

test("f32() refuses what is not finite in f32", () => {
  for (const value of [NaN, Infinity, -Infinity, 1e39]) {
    assert.throws(
      () => f32(value),
      says(BackendError, `Cannot write ${value} as an f32 literal: it must be finite in f32`),
    );
  }
});

test("u32() writes whole numbers, and negative ones as steps backwards", () => {
  assert.is(u32(0), "0u");
  assert.is(u32(-0), "0u");
  assert.is(u32(4294967295), "4294967295u");
  assert.is(u32(-1), "4294967295u");
  for (const value of [0.5, NaN, Infinity, 2 ** 32, -(2 ** 31) - 1]) {
    assert.throws(
      () => u32(value),
      says(
        BackendError,
        `Cannot write ${value} as a u32 literal: it must be a whole number from -2^31 to 2^32 - 1`,
      ),
    );
  }
});

test("foldWorkgroups() covers the count within the limits, with little waste", () => {
  assert.equal(foldWorkgroups(1), [1, 1, 1]);
  assert.equal(foldWorkgroups(65535), [65535, 1, 1]);
  assert.equal(foldWorkgroups(65536), [32768, 2, 1]);
  assert.equal(foldWorkgroups(65535 ** 2), [65535, 65535, 1]);
  fc.assert(fc.property(fc.integer({ min: 1, max: MAX_WORKGROUPS ** 2 }), (count) => {
    const [x, y, z] = foldWorkgroups(count);
    assert.ok(x <= MAX_WORKGROUPS && y <= MAX_WORKGROUPS && z === 1);
    assert.ok(x * y >= count && x * y - count < y, `${x} x ${y} for ${count}`);
  }));
  assert.throws(
    () => foldWorkgroups(65535 ** 2 + 1),
    says(
      BackendError,
      "Cannot launch 4294836226 workgroups: two dimensions take at most 4294836225",
    ),
  );
});

test("declare() binds operands in order, outputs for writing", () => {
  assert.is(
    declare([["x", spec([2])], ["index", { dtype: "i32" }], ["y", { dtype: "u32" }]], 2),
    `@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> index: array<i32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;`,
  );
  assert.throws(() => declare([["x", { dtype: "f64" }]], 1), isA(BackendError));
  assert.throws(
    () => typeName("f64"),
    says(BackendError, "Cannot run an f64 kernel on WebGPU: WGSL has no f64; use f32"),
  );
  assert.is(bytesOf(spec([2, 3])), 24);
});

/** The value of sums of products, quotients and rests, as unravel() and ravel() write them. */
function valueOf(expression: string, names: ReadonlyMap<string, number>): number {
  function word(text = "0u"): number {
    return /^\d+u$/.test(text) ? parseInt(text) : names.get(text)!;
  }
  return expression.split(" + ").reduce((sum, term) => {
    const [first, operator, second] = term.split(" ");
    const a = word(first), b = word(second);
    if (operator === "*") return sum + a * b;
    if (operator === "/") return sum + Math.floor(a / b);
    return sum + (operator === "%" ? a % b : a);
  }, 0);
}

function evaluate(statements: string, expression: string, i: number): number {
  const names = new Map([["i", i]]);
  for (const [, name, value] of statements.matchAll(/let (\w+) = ([^;]+);/g)) {
    names.set(name!, valueOf(value!, names));
  }
  return valueOf(expression, names);
}

test("unravel() and ravel() undo each other", () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 });
  fc.assert(
    fc.property(shapes, fc.nat(9), (shape, offset) => {
      const statements = unravel("i", "x", shape);
      const places = build(
        shape,
        (x) => x.reduce((sum, k, a) => sum + k * stridesOf(shape)[a]!, 0),
      );
      const expression = ravel("x", stridesOf(shape), offset);
      for (let i = 0; i < sizeOf(shape); i++) {
        assert.is(evaluate(statements, expression, i), places[i]! + offset);
      }
    }),
    { numRuns: 50 },
  );
  assert.is(ravel("x", []), "0u");
  assert.is(ravel("x", [0, 0]), "0u");
  assert.is(ravel("x", [1, 0, 3], 2), "x0 + x2 * 3u + 2u");
});

test("perElement() folds, and guards the last workgroup", () => {
  const size = 64 * 65536 + 1;
  const { code, workgroups } = perElement({ size, declarations: "", body: "", operands: [0] });
  assert.equal(workgroups, [32769, 2, 1]);
  assert.match(code, "let i = (group.y * 32769u + group.x) * 64u + local;");
  assert.match(code, `if (i >= ${size}u) { return; }`);
});

test("the shader of an elementwise function with broadcasting", () => {
  const { dispatches } = elementwise.mul.webgpu(
    [spec([3, 1, 5]), spec([4, 1])],
    [spec([3, 4, 5])],
    undefined,
  );
  assert.is(dispatches.length, 1);
  const { code, operands, workgroups } = dispatches[0]!;
  assert.equal([operands, workgroups], [[0, 1, 2], [1, 1, 1]]);
  assert.is(
    code,
    `alias T = f32;
@group(0) @binding(0) var<storage, read> in_a: array<f32>;
@group(0) @binding(1) var<storage, read> in_b: array<f32>;
@group(0) @binding(2) var<storage, read_write> out_y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * 1u + group.x) * 64u + local;
  if (i >= 60u) { return; }
  let x0 = i / 20u; let x0r = i % 20u;
  let x1 = x0r / 5u; let x1r = x0r % 5u;
  let x2 = x1r;
  let a = in_a[x0 * 5u + x2];
  let b = in_b[x1];
  out_y[i] = a * b;
}
`,
  );
});

test("the shader of an elementwise function without broadcasting has no coordinates", () => {
  const { dispatches } = elementwise.add.webgpu(
    [spec([4, 5]), spec([])],
    [spec([4, 5])],
    undefined,
  );
  assert.match(dispatches[0]!.code, "let a = in_a[i];\n  let b = in_b[0u];\n  out_y[i] = a + b;");
  const { dispatches: none } = elementwise.add.webgpu(
    [spec([0]), spec([])],
    [spec([0])],
    undefined,
  );
  assert.equal(none, []);
});

test("the shader of a batched matrix product with a transposed operand", () => {
  const { dispatches } = matmul.webgpu([spec([2, 3, 5]), spec([7, 5])], [spec([2, 3, 7])], {
    transposeA: false,
    transposeB: true,
  });
  assert.is(dispatches.length, 1);
  const { code, operands, workgroups } = dispatches[0]!;
  assert.equal([operands, workgroups], [[0, 1, 2], [2, 1, 1]]);
  assert.is(
    // Where a directive stood an empty line is left.
    code.replaceAll(/^ +$\n/gm, ""),
    `@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;

var<workgroup> tile_a: array<vec4f, 128>;
var<workgroup> tile_b: array<vec4f, 128>;

fn load_a(start: u32, m: u32, k: u32) -> f32 {
  if (m >= 3u || k >= 5u) { return 0.0; }
  return a[start + m * 5u + k];
}

fn load_b(start: u32, k: u32, n: u32) -> f32 {
  if (n >= 7u || k >= 5u) { return 0.0; }
  return b[start + n * 5u + k];
}

fn store(start: u32, m: u32, n: u32, values: vec4f) {
  if (m >= 3u) { return; }
  let at = start + m * 7u + n;
  if (n < 7u) { c[at] = values.x; }
  if (n + 1u < 7u) { c[at + 1u] = values.y; }
  if (n + 2u < 7u) { c[at + 2u] = values.z; }
  if (n + 3u < 7u) { c[at + 3u] = values.w; }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 2u + group.x;
  if (flat >= 2u) { return; }
  let batch = flat / 1u;
  let x0 = batch;
  let start_a = (x0) * 15u;
  let start_b = (0u) * 35u;
  let row = flat % 1u / 1u * 32u;
  let column = flat % 1u * 32u;
  let y = local / 8u;
  let x = local % 8u;
  var c0 = vec4f(); var c1 = vec4f(); var c2 = vec4f(); var c3 = vec4f();

  for (var base = 0u; base < 5u; base += 16u) {
    for (var at = local; at < 128u; at += 64u) {
      let k = base + at / 8u;
      let m = row + at % 8u * 4u;
      let n = column + at % 8u * 4u;
      tile_a[at] = vec4f(load_a(start_a, m, k), load_a(start_a, m + 1u, k), load_a(start_a, m + 2u, k), load_a(start_a, m + 3u, k));
      tile_b[at] = vec4f(load_b(start_b, k, n), load_b(start_b, k, n + 1u), load_b(start_b, k, n + 2u), load_b(start_b, k, n + 3u));
    }
    workgroupBarrier();
    for (var k = 0u; k < 16u; k++) {
      let rows = tile_a[k * 8u + y];
      let columns = tile_b[k * 8u + x];
      c0 += rows.x * columns;
      c1 += rows.y * columns;
      c2 += rows.z * columns;
      c3 += rows.w * columns;
    }
    workgroupBarrier();
  }

  let start_c = batch * 21u;
  let m = row + y * 4u;
  let n = column + x * 4u;
  store(start_c, m, n, c0);
  store(start_c, m + 1u, n, c1);
  store(start_c, m + 2u, n, c2);
  store(start_c, m + 3u, n, c3);
}
`,
  );
});

test.run();
