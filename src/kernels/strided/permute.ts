/**
 * Axes in another order: y[..., x[axes[k]], ...] = x[...], axis k of y is axis axes[k] of x.
 *
 * @module
 */
import { ShapeError } from "../../errors.ts";
import { formatShape, stridesOf } from "../../shape.ts";
import type { Kernel, Spec } from "../kernel.ts";
import { copyWalk, denseWalk, type Walk, walkProgram } from "./walk.ts";
import { walkCpu } from "./cpu.ts";

/** The order of the axes. */
export interface PermuteParams {
  /** Which axis of the operand each axis of the result is; not negative. */
  readonly axes: readonly number[];
}

function permuteWalk({ shape }: Spec, { axes }: PermuteParams): Walk {
  const strides = stridesOf(shape);
  return { start: 0, strides: axes.map((axis) => strides[axis]!) };
}

/** Axes in another order. */
export const permute: Kernel<PermuteParams> = {
  name: "permute",
  outputs([x], { axes }) {
    const { shape, dtype } = x!;
    if (axes.length !== shape.length || shape.some((_, axis) => !axes.includes(axis))) {
      throw new ShapeError(
        `Cannot permute a tensor of shape ${formatShape(shape)} to axes [${axes.join(", ")}]: ` +
          `each of its ${shape.length} axes must occur once`,
      );
    }
    return [{ shape: axes.map((axis) => shape[axis]!), dtype }];
  },
  reference([x], [y], params) {
    const walk = permuteWalk(x!, params);
    copyWalk(y!.shape, { data: x!.data, walk }, { data: y!.data, walk: denseWalk(y!.shape) });
  },
  webgpu: ([x], [y], params) => walkProgram(x!, y!, permuteWalk(x!, params)),
  cpu: ([x], [y], params) => walkCpu(y!, permuteWalk(x!, params)),
  flops: () => 0,
};
