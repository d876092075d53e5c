import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import { type Shape, sizeOf } from "../../src/shape.ts";
import { cat, stack, tensor } from "../../src/tensor/mod.ts";
import { forEachDevice, reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { at, build, numbers, sample } from "../support/numbers.ts";

const CASES: readonly (readonly [shapes: readonly Shape[], axis: number])[] = [
  [[[3]], 0],
  [[[2], [3], [1]], 0],
  [[[2, 3], [4, 3]], 0],
  [[[2, 3], [2, 1]], 1],
  [[[2, 3], [2, 5]], -1],
  [[[3, 1, 2], [3, 4, 2], [3, 2, 2]], 1],
  [[[2, 0], [2, 3], [2, 0]], 1],
  [[[0, 3], [0, 3]], 0],
  [Array.from({ length: 7 }, (_, i) => [2, i + 1, 3]), 1],
  [Array.from({ length: 8 }, (_, i) => [2, i, 3]), 1],
  [Array.from({ length: 49 }, () => [2, 1]), 1],
  [Array.from({ length: 61 }, (_, i) => [i % 3, 2]), 0],
];

forEachDevice((device, label) => {
  const test = suite(`cat on ${label}`);

  test("puts tensors one after the other", async () => {
    for (const [shapes, axis] of CASES) {
      const parts = shapes.map((shape, k) => numbers(sizeOf(shape), k).map(Math.fround));
      const y = cat(parts.map((data, k) => tensor(data, { shape: shapes[k]!, device })), axis);
      const along = axis < 0 ? axis + shapes[0]!.length : axis;
      const places = shapes.flatMap((shape, k) => {
        return Array.from({ length: shape[along]! }, (_, place) => [k, place] as const);
      });
      const wanted = shapes[0]!.map((size, a) => a === along ? places.length : size);
      assert.equal(y.shape, wanted);
      const want = build(wanted, (x) => {
        const [k, place] = places[x[along]!]!;
        return at(parts[k]!, shapes[k]!, x.map((own, a) => a === along ? place : own));
      });
      assert.equal([...await y.data()], want, `${shapes.length} parts along ${axis}`);
    }
  });

  test("takes the same tensor twice, and keeps integers and their bounds", async () => {
    const x = tensor(Uint32Array.of(5, 2), { device });
    const y = cat([x, x, tensor(Uint32Array.of(9), { device })]);
    assert.equal(await y.data(), Uint32Array.of(5, 2, 5, 2, 9));
    assert.equal(y.buffer.bounds, [2, 9]);
  });

  test("stack() makes a new axis", async () => {
    const [a, b] = [tensor([1, 2, 3], { device }), tensor([4, 5, 6], { device })];
    assert.equal(await stack([a, b]).toArray(), [[1, 2, 3], [4, 5, 6]]);
    assert.equal(await stack([a, b], -1).toArray(), [[1, 4], [2, 5], [3, 6]]);
  });

  test("leaves nothing behind", () => {
    const before = device.ledger.buffers;
    const parts = Array.from({ length: 20 }, () => tensor([1, 2], { device }));
    const results = [cat(parts), stack(parts), stack(parts, 1)];
    assert.is(device.ledger.buffers, before + 23);
    for (const made of [...parts, ...results]) made.dispose();
    assert.is(device.ledger.buffers, before);
  });

  test.run();
});

test("cat() and stack() pass gradcheck to second order", async () => {
  for (const [shapes, axis] of CASES.slice(0, 10)) {
    const parts = shapes.map((shape, k) => sample(shape, k, { device: reference, dtype: "f64" }));
    await gradcheck((...parts) => cat(parts.map((x) => x.square()), axis), parts, { order: 2 });
  }
  const parts = [1, 2, 3].map((seed) => sample([2, 3], seed, { device: reference, dtype: "f64" }));
  for (const axis of [0, 1, 2]) {
    await gradcheck((...parts) => stack(parts, axis).square(), parts, { order: 2 });
  }
});

test("cat() computes no gradient that is not needed", () => {
  const [a, b] = [1, 2].map((seed) => sample([2], seed, { device: reference }));
  a!.requiresGrad = true;
  const loss = cat([a!, b!]).sum();
  const before = reference.ledger.callsOf("slice");
  loss.backward();
  assert.is(reference.ledger.callsOf("slice"), before + 1);
});

test("cat() and stack() refuse what does not fit", () => {
  const device = reference;
  const [x, y] = [sample([2, 3], 1, { device }), sample([2, 4], 1, { device })];
  assert.throws(() => cat([x, y]), /\[2, 3\] and \[2, 4\] along axis 0: all sizes beside/);
  assert.throws(() => cat([x, sample([2], 1, { device })]), /\[2, 3\] and \[2\]/);
  assert.throws(() => cat([x, sample([2, 3], 1, { device, dtype: "f64" })]), /f32 and f64/);
  assert.throws(() => cat([]), /no tensors: there must be at least one/);
  assert.throws(() => cat([x], 2), isA(RangeError));
  assert.throws(() => stack([x, y]), /\[2, 3\] and \[2, 4\]: all shapes must be the same/);
});

test.run();
