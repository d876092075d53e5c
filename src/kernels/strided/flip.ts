/**
 * Some axes backwards: y[x] = x[size - 1 - x] along each of them.
 *
 * @module
 */
import { stridesOf } from "../../shape.ts";
import type { Kernel, Spec } from "../kernel.ts";
import { copyWalk, denseWalk, type Walk, walkProgram } from "./walk.ts";
import { walkCpu } from "./cpu.ts";

/** Which axes are turned around. */
export interface FlipParams {
  /** Not negative, each once. */
  readonly axes: readonly number[];
}

function flipWalk({ shape }: Spec, { axes }: FlipParams): Walk {
  const strides = stridesOf(shape);
  return {
    start: axes.reduce((sum, axis) => sum + strides[axis]! * (shape[axis]! - 1), 0),
    strides: strides.map((stride, axis) => axes.includes(axis) ? -stride : stride),
  };
}

/** Some axes backwards. */
export const flip: Kernel<FlipParams> = {
  name: "flip",
  outputs: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  reference([x], [y], params) {
    const walk = flipWalk(x!, params);
    copyWalk(y!.shape, { data: x!.data, walk }, { data: y!.data, walk: denseWalk(y!.shape) });
  },
  webgpu: ([x], [y], params) => walkProgram(x!, y!, flipWalk(x!, params)),
  cpu: ([x], [y], params) => walkCpu(y!, flipWalk(x!, params)),
  flops: () => 0,
};
