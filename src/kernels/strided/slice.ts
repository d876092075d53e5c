/**
 * Every step-th element of each axis, `sizes` of them from `starts` on.
 *
 * @module
 */
import { ShapeError } from "../../errors.ts";
import { formatShape, normalizeAxis, type Shape, stridesOf } from "../../shape.ts";
import type { Kernel, Spec } from "../kernel.ts";
import { copyWalk, denseWalk, type Walk, walkProgram } from "./walk.ts";
import { walkCpu } from "./cpu.ts";

/** Which elements are taken; one number per axis each. */
export interface SliceParams {
  readonly starts: readonly number[];
  readonly sizes: Shape;
  /** 1 or more. */
  readonly steps: readonly number[];
}

/**
 * Every step-th element of one axis from `start` up to `end`, which is left out. Both count from
 * the end when negative, and stop at the ends of the axis.
 */
export function sliceAlong(
  shape: Shape,
  along: number,
  range: { readonly start: number; readonly end: number; readonly step: number },
): SliceParams {
  const axis = normalizeAxis("slice", along, shape.length);
  const size = shape[axis]!;
  const { start, end, step } = range;
  if (!Number.isInteger(step) || step < 1 || Number.isNaN(start) || Number.isNaN(end)) {
    throw new RangeError(
      `Cannot slice a tensor of shape ${formatShape(shape)} along axis ${along} from ${start} to ` +
        `${end} in steps of ${step}: start and end must be numbers and the step whole and >= 1`,
    );
  }
  const [from, to] = [start, end].map((place) => {
    return Math.trunc(Math.min(Math.max(place < 0 ? place + size : place, 0), size));
  }) as [number, number];
  const taken = Math.max(0, Math.ceil((to - from) / step));
  return {
    starts: shape.map((_, a) => a === axis && taken > 0 ? from : 0),
    sizes: shape.map((own, a) => a === axis ? taken : own),
    steps: shape.map((_, a) => a === axis ? step : 1),
  };
}

function sliceWalk({ shape }: Spec, { starts, steps }: SliceParams): Walk {
  const strides = stridesOf(shape);
  return {
    start: strides.reduce((sum, stride, axis) => sum + stride * starts[axis]!, 0),
    strides: strides.map((stride, axis) => stride * steps[axis]!),
  };
}

/** A regular part of a tensor. */
export const slice: Kernel<SliceParams> = {
  name: "slice",
  outputs([x], { starts, sizes, steps }) {
    const { shape, dtype } = x!;
    const fits = sizes.length === shape.length && shape.every((size, axis) => {
      const taken = sizes[axis]!, start = starts[axis]!, step = steps[axis]!;
      return start >= 0 && step >= 1 && (taken === 0 || start + (taken - 1) * step < size);
    });
    if (!fits) {
      throw new ShapeError(
        `Cannot slice a tensor of shape ${formatShape(shape)} to ${formatShape(sizes)} from ` +
          `[${starts.join(", ")}] in steps of [${steps.join(", ")}]: the slice must lie inside`,
      );
    }
    return [{ shape: sizes, dtype }];
  },
  reference([x], [y], params) {
    const walk = sliceWalk(x!, params);
    copyWalk(y!.shape, { data: x!.data, walk }, { data: y!.data, walk: denseWalk(y!.shape) });
  },
  webgpu: ([x], [y], params) => walkProgram(x!, y!, sliceWalk(x!, params)),
  cpu: ([x], [y], params) => walkCpu(y!, sliceWalk(x!, params)),
  flops: () => 0,
};
