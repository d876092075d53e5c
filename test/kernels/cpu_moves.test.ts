import * as fc from "fast-check";
import { suite } from "uvu";
import {
  cat,
  flip,
  gather,
  oneHot,
  pad,
  permute,
  scatterAdd,
  slice,
  take,
  takeGrad,
} from "../../src/kernels/mod.ts";
import { RandomStream } from "../../src/random.ts";
import type { Shape } from "../../src/shape.ts";
import { assertCpu, uniform, whole } from "../support/cpu.ts";
import { host } from "../support/parity.ts";

const test = suite("kernels that move elements on the cpu");

const near = { rtol: 1e-5, atol: 1e-5 };

test("permute() transposes large matrices and images", async () => {
  for (
    const [shape, axes] of [
      [[300, 500], [1, 0]],
      [[64, 28, 28, 3], [0, 3, 1, 2]],
      [[8, 33, 37, 65], [0, 3, 1, 2]],
      [[16, 3, 50, 50], [0, 2, 3, 1]],
      [[100, 7, 200], [2, 1, 0]],
      [[0, 4], [1, 0]],
      [[], []],
    ] as const
  ) {
    await assertCpu(permute, { inputs: [uniform(shape, 1)], params: { axes } });
  }
});

test("all equal the reference for any shapes", async () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });
  const property = fc.asyncProperty(shapes, fc.nat(), async (shape, seed) => {
    const random = new RandomStream(seed);
    const below = (end: number): number => Math.floor(random.uniform(1)[0]! * end);
    const x = uniform(shape, seed), axis = below(shape.length);
    const axes = [...random.permutation(shape.length)];
    await assertCpu(permute, { inputs: [x], params: { axes } });
    await assertCpu(flip, { inputs: [x], params: { axes: axes.slice(0, below(axes.length + 1)) } });
    const steps = shape.map(() => 1 + below(3)), starts = shape.map(below);
    const sizes = shape.map((size, a) => below(Math.ceil((size - starts[a]!) / steps[a]!) + 1));
    await assertCpu(slice, { inputs: [x], params: { starts, sizes, steps } });
    const padding = shape.map(() => ({ before: below(3), after: below(3), step: 1 + below(2) }));
    await assertCpu(pad, { inputs: [x], params: { padding, value: 2.5 } });
    const [left, right] = [below(4), below(3)].map((size) => {
      return uniform(shape.map((own, a) => a === axis ? size : own), seed);
    });
    await assertCpu(cat, { inputs: [left!, x, right!], params: { axis } });

    // Indices reach beyond the axis, where they are held to its last element.
    const high = shape[axis]! + 2, dtype = below(2) === 0 ? "i32" : "u32";
    const indices = whole([below(5), 1 + below(3)], seed, { high, dtype });
    await assertCpu(take, { inputs: [x, indices], params: { axis } });
    const taken = [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)];
    const grad = { inputs: [uniform(taken, seed), indices], params: { axis, size: shape[axis]! } };
    await assertCpu(takeGrad, grad, near);
    const lines = shape.map((size, a) => a === axis ? 1 + below(9) : 1 + below(size));
    const index = whole(lines, seed, { high, dtype });
    await assertCpu(gather, { inputs: [x, index], params: { axis } });
    await assertCpu(
      scatterAdd,
      { inputs: [uniform(lines, seed), index], params: { axis, shape } },
      near,
    );
  });
  await fc.assert(property, { seed: 7, numRuns: 60 });
});

test("large ones are shared by the threads and stay equal", async () => {
  const images: Shape = [64, 28, 28, 3], x = uniform(images, 1);
  const padding = [0, 1, 1, 0].map((before) => ({ before, after: before, step: 1 }));
  await assertCpu(pad, { inputs: [x], params: { padding, value: 0 } });
  await assertCpu(cat, { inputs: [x, x], params: { axis: 3 } });
  await assertCpu(flip, { inputs: [x], params: { axes: [2] } });
  const rows = whole([200], 2, { high: 1000 });
  await assertCpu(take, { inputs: [uniform([1000, 784], 3), rows], params: { axis: 0 } });
  const some = whole([500], 4, { high: 50, dtype: "u32" });
  const params = { axis: 0, size: 50 };
  await assertCpu(takeGrad, { inputs: [uniform([500, 64], 5), some], params }, near);
  for (const axis of [0, 1]) {
    const index = whole([50, 300], 6, { low: -3, high: 60 }),
      shape = axis === 1 ? [50, 40] : [40, 300];
    await assertCpu(
      scatterAdd,
      { inputs: [uniform([50, 300], 7), index], params: { axis, shape } },
      near,
    );
  }
});

test("scatterAdd() of a long line goes in parts", async () => {
  const index = whole([131_072], 8, { high: 70 }), g = uniform([131_072], 9, [0, 1]);
  const params = { axis: 0, shape: [64] };
  await assertCpu(scatterAdd, { inputs: [g, index], params }, { rtol: 1e-5, atol: 0 });
  const tall = whole([900, 200], 10, { high: 64 }), rows = uniform([900, 200], 11);
  await assertCpu(scatterAdd, {
    inputs: [rows, tall],
    params: { axis: 0, shape: [64, 200] },
  }, near);
});

test("copies of few elements and of many, at every step", async () => {
  for (const size of [1, 2, 3, 5, 17, 33]) {
    const x = uniform([40, 37, size], size);
    await assertCpu(permute, { inputs: [x], params: { axes: [0, 2, 1] } });
    await assertCpu(permute, { inputs: [x], params: { axes: [1, 0, 2] } });
    await assertCpu(permute, { inputs: [x], params: { axes: [2, 1, 0] } });
    await assertCpu(flip, { inputs: [x], params: { axes: [1] } });
    await assertCpu(flip, { inputs: [x], params: { axes: [2] } });
    await assertCpu(cat, { inputs: [x, x], params: { axis: 2 } });
    const params = { starts: [1, 2, 0], sizes: [19, 9, size], steps: [2, 4, 1] };
    await assertCpu(slice, { inputs: [x], params });
  }
});

test("pad() writes its value in every type, also around nothing", async () => {
  const padding = [{ before: 1, after: 2, step: 1 }, { before: 0, after: 1, step: 2 }];
  const params = { padding, value: -3 };
  await assertCpu(pad, { inputs: [whole([3, 4], 1)], params });
  await assertCpu(pad, { inputs: [uniform([0, 4], 1)], params });
});

test("oneHot() marks labels in every type and leaves out those out of range", async () => {
  for (const dtype of ["f32", "i32", "u32"] as const) {
    const labels = host([3, 4], [0, -1, 8, 9, 3, 3, 2, 1, 100, -5, 7, 4], "i32");
    await assertCpu(oneHot, { inputs: [labels], params: { classes: 9, dtype } });
    const many = whole([5000], 2, { dtype: "u32" });
    await assertCpu(oneHot, { inputs: [many], params: { classes: 10, dtype } });
  }
});

test.run();
