// Shader text: what the wrapper refuses, and the whole text of two shaders. No device is needed.

import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BackendError } from "../../src/errors.ts";
import { elementwise, type Spec } from "../../src/kernels/mod.ts";
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

test.run();
