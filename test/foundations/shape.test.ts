import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ShapeError } from "../../src/errors.ts";
import {
  broadcastAxes,
  broadcastShapes,
  broadcastStrides,
  checkShape,
  formatShape,
  inferShape,
  normalizeAxes,
  normalizeAxis,
  reduceShape,
  sameShape,
  type Shape,
  sizeOf,
  stridesOf,
} from "../../src/shape.ts";
import { isA, says } from "../support/errors.ts";
import { build } from "../support/numbers.ts";

const test = suite("shapes");

/** Shapes of up to four axes with sizes 0 to 4. */
const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });

/** A shape, and one that broadcasts to it. */
const pairs = fc.tuple(
  shapes,
  fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  fc.nat(4),
).map(([to, ones, dropped]) => {
  return { to, from: to.map((size, i) => ones[i] ? 1 : size).slice(Math.min(dropped, to.length)) };
});

/** Coordinates of `to` as coordinates of what was broadcast to it. */
function sourceOf(x: readonly number[], from: Shape, to: Shape): number[] {
  return from.map((size, axis) => size === 1 ? 0 : x[axis + to.length - from.length]!);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

test("sizeOf() and stridesOf() agree with counting, also without elements", () => {
  assert.is(sizeOf([]), 1);
  assert.is(sizeOf([3, 0, 5]), 0);
  assert.equal(stridesOf([]), []);
  assert.equal(stridesOf([2, 3, 4]), [12, 4, 1]);
  fc.assert(fc.property(shapes, (shape) => {
    const flat = build(shape, (x) => dot(x, stridesOf(shape)));
    assert.equal(flat, Array.from({ length: sizeOf(shape) }, (_, i) => i));
  }));
});

test("formatShape() writes shapes as errors show them", () => {
  assert.is(formatShape([]), "[]");
  assert.is(formatShape([32, 784]), "[32, 784]");
});

test("sameShape() compares sizes and ranks", () => {
  assert.ok(sameShape([], []));
  assert.ok(sameShape([2, 3], [2, 3]));
  assert.not(sameShape([2, 3], [3, 2]));
  assert.not(sameShape([2], [2, 1]));
  assert.not(sameShape([2, 1], [2]));
});

test("checkShape() refuses what is no size", () => {
  checkShape("make a tensor", []);
  checkShape("make a tensor", [0, 1, 2]);
  for (const size of [-1, 0.5, NaN, Infinity]) {
    assert.throws(
      () => checkShape("make a tensor", [2, size]),
      says(
        ShapeError,
        `Cannot make a tensor with shape [2, ${size}]: sizes must be whole numbers >= 0`,
      ),
    );
  }
});

test("broadcastShapes() aligns at the last axis", () => {
  const cases: readonly (readonly [readonly Shape[], Shape])[] = [
    [[], []],
    [[[]], []],
    [[[2, 3]], [2, 3]],
    [[[8, 1, 3], [4, 1]], [8, 4, 3]],
    [[[4, 1], [8, 1, 3]], [8, 4, 3]],
    [[[3], []], [3]],
    [[[1], [1, 1]], [1, 1]],
    [[[2, 1], [1, 3], [4, 1, 1]], [4, 2, 3]],
    [[[1], [0]], [0]],
    [[[0], [1]], [0]],
    [[[0, 3], [2, 1, 1]], [2, 0, 3]],
  ];
  for (const [given, wanted] of cases) assert.equal(broadcastShapes("add", given), wanted);
});

test("broadcastShapes() is symmetric, and gives a shape that holds both", () => {
  fc.assert(fc.property(pairs, ({ from, to }) => {
    assert.equal(broadcastShapes("add", [from, to]), to);
    assert.equal(broadcastShapes("add", [to, from]), to);
  }));
});

test("broadcastShapes() names all shapes and the two sizes that differ", () => {
  assert.throws(
    () => broadcastShapes("add", [[2, 3], [4, 1], [5, 4]]),
    says(
      ShapeError,
      "Cannot add operands of shapes [2, 3] and [4, 1] and [5, 4]: " +
        "sizes 2 and 4, counted from the last axis, must be equal or 1",
    ),
  );
  // No element is not any number of elements.
  assert.throws(() => broadcastShapes("add", [[0], [2]]), isA(ShapeError, /sizes 0 and 2/));
});

test("broadcastStrides() reads what a naive broadcast reads", () => {
  fc.assert(fc.property(pairs, ({ from, to }) => {
    const strides = broadcastStrides(from, to), own = stridesOf(from);
    const got = build(to, (x) => dot(x, strides));
    assert.equal(got, build(to, (x) => dot(sourceOf(x, from, to), own)));
  }));
});

test("broadcastAxes() are the axes whose sum undoes a broadcast", () => {
  assert.equal(broadcastAxes([3], [2, 3]), [0]);
  assert.equal(broadcastAxes([1, 3], [2, 3]), [0]);
  assert.equal(broadcastAxes([2, 1], [2, 1]), []);
  assert.equal(broadcastAxes([], [1]), [0]);
  assert.equal(broadcastAxes([1], [0]), [0]);
  fc.assert(fc.property(pairs, ({ from, to }) => {
    const rest = reduceShape(to, broadcastAxes(from, to), false);
    assert.is(sizeOf(rest), sizeOf(from));
    assert.equal(rest.filter((size) => size !== 1), from.filter((size) => size !== 1));
  }));
});

test("normalizeAxis() counts from the end when negative", () => {
  assert.is(normalizeAxis("sum", 0, 3), 0);
  assert.is(normalizeAxis("sum", 2, 3), 2);
  assert.is(normalizeAxis("sum", -1, 3), 2);
  assert.is(normalizeAxis("sum", -3, 3), 0);
  for (const axis of [3, -4, 0.5, NaN, Infinity]) {
    assert.throws(
      () => normalizeAxis("sum", axis, 3),
      says(
        RangeError,
        `Cannot sum along axis ${axis} of a tensor with 3 axes: ` +
          "axis must be a whole number from -3 to 2",
      ),
    );
  }
  assert.throws(() => normalizeAxis("sum", 0, 0), isA(RangeError, /a tensor with 0 axes/));
});

test("normalizeAxes() sorts, and takes one, several or all", () => {
  assert.equal(normalizeAxes("sum", undefined, 3), [0, 1, 2]);
  assert.equal(normalizeAxes("sum", undefined, 0), []);
  assert.equal(normalizeAxes("sum", [], 3), []);
  assert.equal(normalizeAxes("sum", -1, 3), [2]);
  assert.equal(normalizeAxes("sum", [-1, 0], 3), [0, 2]);
  assert.throws(
    () => normalizeAxes("sum", [2, -1], 3),
    says(RangeError, "Cannot sum along axes [2, 2]: each axis must occur once"),
  );
});

test("reduceShape() drops axes, or keeps them with size 1", () => {
  assert.equal(reduceShape([2, 3, 4], [0, 2], false), [3]);
  assert.equal(reduceShape([2, 3, 4], [0, 2], true), [1, 3, 1]);
  assert.equal(reduceShape([2, 3], [], false), [2, 3]);
  assert.equal(reduceShape([], [], true), []);
});

test("inferShape() fills in the one size that is open", () => {
  assert.equal(inferShape([2, 6], [3, -1]), [3, 4]);
  assert.equal(inferShape([2, 6], [-1]), [12]);
  assert.equal(inferShape([], [-1, 1]), [1, 1]);
  assert.equal(inferShape([6], [2, 3]), [2, 3]);
  assert.equal(inferShape([1], []), []);
  assert.equal(inferShape([0, 3], [-1, 3]), [0, 3]);
  assert.equal(inferShape([0, 3], [7, 0]), [7, 0]);
  fc.assert(fc.property(shapes, fc.nat(3), (shape, at) => {
    const open = shape.map((size, axis) => axis === at ? -1 : size);
    if (sizeOf(open) !== 0) assert.equal(inferShape(shape, open), shape);
  }));
});

test("inferShape() refuses what does not fit, and what is not clear", () => {
  const cases: readonly (readonly [Shape, Shape])[] = [
    [[2, 3], [4]],
    [[2, 3], [-1, 4]],
    [[2, 3], [-1, -1]],
    [[2, 3], [-2, -3]],
    [[2, 3], [-1, -2]],
    [[0, 3], [0, -1]],
    [[3], [1.5, 2]],
    [[3], [NaN]],
  ];
  for (const [shape, wanted] of cases) {
    const size = sizeOf(shape);
    assert.throws(
      () => inferShape(shape, wanted),
      says(
        ShapeError,
        `Cannot reshape ${formatShape(shape)} to ${formatShape(wanted)}: ` +
          `${size} elements must stay ${size}, and at most one size may be -1`,
      ),
    );
  }
});

test.run();
