/**
 * Elements of one axis by index: y[o, j, i] = x[o, indices[j], i], where o runs over the axes
 * before that axis and i over those after it. Axes of the index replace it.
 *
 * @module
 */
import { isFloat } from "../dtype.ts";
import { DTypeError } from "../errors.ts";
import { type Shape, sizeOf } from "../shape.ts";
import { checkIndex, clampedIndex, clampIndex } from "./indices.ts";
import type { Kernel } from "./kernel.ts";
import { lineSumsProgram } from "./line_sums.ts";
import { fillCall } from "./strided/cpu.ts";
import { declare, NOTHING, perElement, u32 } from "./wgsl.ts";

/** Along which axis. */
export interface TakeParams {
  /** Not negative. */
  readonly axis: number;
}

/** Along which axis, and its size before anything was taken. */
export interface TakeGradParams extends TakeParams {
  readonly size: number;
}

/** Elements of a task on the cpu: some ten microseconds. */
const TASK = 32768;

/** Sizes before, along and after an axis. */
function sizesAround(shape: Shape, axis: number): [outer: number, size: number, inner: number] {
  return [sizeOf(shape.slice(0, axis)), shape[axis]!, sizeOf(shape.slice(axis + 1))];
}

/** Elements of one axis by index. Operands: x, and indices of any shape. */
export const take: Kernel<TakeParams> = {
  name: "take",
  outputs([x, indices], { axis }) {
    checkIndex(`take along axis ${axis}`, indices!, x!.shape[axis]!);
    const { shape, dtype } = x!;
    return [{
      shape: [...shape.slice(0, axis), ...indices!.shape, ...shape.slice(axis + 1)],
      dtype,
    }];
  },
  reference([x, indices], [y], { axis }) {
    const [outer, size, inner] = sizesAround(x!.shape, axis);
    let to = 0;
    for (let o = 0; o < outer; o++) {
      for (const index of indices!.data) {
        const from = (o * size + clampIndex(index, size)) * inner;
        for (let i = 0; i < inner; i++) y!.data[to++] = x!.data[from + i]!;
      }
    }
  },
  webgpu([x, indices], [y], { axis }) {
    if (sizeOf(y!.shape) === 0) return NOTHING;
    const [, size, inner] = sizesAround(x!.shape, axis);
    const count = sizeOf(indices!.shape);
    return {
      dispatches: [perElement({
        size: sizeOf(y!.shape),
        declarations: declare([["x", x!], ["indices", indices!], ["y", y!]], 2),
        operands: [0, 1, 2],
        body: `  let outer = i / ${u32(count * inner)};
  let index = indices[i / ${u32(inner)} % ${u32(count)}];
  let place = ${clampedIndex(indices!, "index", size)};
  y[i] = x[(outer * ${u32(size)} + place) * ${u32(inner)} + i % ${u32(inner)}];`,
      })],
    };
  },
  cpu([x, indices], [y], { axis }) {
    const [outer, size, inner] = sizesAround(x!.shape, axis), count = sizeOf(indices!.shape);
    if (sizeOf(y!.shape) === 0) return { calls: [] };
    const each = Math.max(1, Math.floor(TASK / inner));
    return {
      calls: [{
        entry: "take_runs",
        operands: [0, 1, 2],
        words: [outer, size, count, inner, Number(indices!.dtype === "i32"), each],
        tasks: Math.ceil(outer * count / each),
      }],
    };
  },
  flops: () => 0,
};

/**
 * The way back of take: y[o, a, i] = sum of g[o, j, i] over the j with indices[j] = a. Operands: g,
 * and the indices.
 */
export const takeGrad: Kernel<TakeGradParams> = {
  name: "takeGrad",
  outputs([g, indices], { axis, size }) {
    checkIndex(`add along axis ${axis}`, indices!, size);
    const { shape, dtype } = g!;
    if (!isFloat(dtype)) {
      throw new DTypeError(
        `Cannot add by index numbers of type ${dtype}: the type must be f32 or f64`,
      );
    }
    const after = shape.slice(axis + indices!.shape.length);
    return [{ shape: [...shape.slice(0, axis), size, ...after], dtype }];
  },
  reference([g, indices], [y], { axis }) {
    const [outer, size, inner] = sizesAround(y!.shape, axis);
    const sums = new Float64Array(y!.data.length);
    let from = 0;
    for (let o = 0; o < outer; o++) {
      for (const index of indices!.data) {
        const to = (o * size + clampIndex(index, size)) * inner;
        for (let i = 0; i < inner; i++) sums[to + i]! += g!.data[from++]!;
      }
    }
    y!.data.set(sums);
  },
  webgpu([g, index], [y], { axis }) {
    const [, size, inner] = sizesAround(y!.shape, axis);
    const length = sizeOf(index!.shape);
    return lineSumsProgram({
      g: g!,
      index: index!,
      y: y!,
      length,
      stride: 1,
      axisSize: size,
      locate: `  let outer = i / ${u32(size * inner)};
  let place = i / ${u32(inner)} % ${u32(size)};
  let base = 0u;`,
      gradient: `(outer * ${u32(length)} + j) * ${u32(inner)} + i % ${u32(inner)}`,
    });
  },
  cpu([, indices], [y], { axis }) {
    const [outer, size, inner] = sizesAround(y!.shape, axis), count = sizeOf(indices!.shape);
    // Wide enough for whole lines of the cache, and narrow enough for some tasks.
    const each = Math.max(16 * Math.ceil(inner / 256), Math.ceil(TASK / Math.max(1, count)));
    return {
      calls: [fillCall(2, sizeOf(y!.shape), 0), {
        entry: "take_grad",
        operands: [0, 1, 2],
        words: [outer, size, count, inner, Number(indices!.dtype === "i32"), each],
        tasks: outer * Math.ceil(inner / each),
      }],
    };
  },
  flops: ([g]) => sizeOf(g!.shape),
};
