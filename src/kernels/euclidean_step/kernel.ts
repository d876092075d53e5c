/**
 * A step of an attack in the Euclidean norm: per example, a step of a given length along the gradient,
 * back into the ball about the clean image, then into the box of valid pixels.
 *
 * @module
 */
import { isFloat } from "../../dtype.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { formatShape, sameShape, sizeOf } from "../../shape.ts";
import type { Kernel } from "../kernel.ts";
import { euclideanStepCpu } from "./cpu.ts";
import type { EuclideanStepParams } from "./params.ts";
import { euclideanStepReference } from "./reference.ts";
import { euclideanStepProgram, euclideanStepWays } from "./webgpu.ts";

/**
 * x + stepSize g / |g|, then the nearest point of the ball about the centre, then of the box. The box
 * is convex and holds the centre: clamping shortens every coordinate of the change, so this order
 * keeps both. Where g is 0 there is no step. Operands: x, g and the centre, [N, ...].
 */
export const euclideanStep: Kernel<EuclideanStepParams> = {
  name: "euclideanStep",
  outputs([x, g, center]) {
    const { shape, dtype } = x!;
    for (const other of [g!, center!]) {
      if (shape.length === 0 || !sameShape(shape, other.shape)) {
        throw new ShapeError(
          `Cannot step from ${formatShape(shape)} by ${formatShape(g!.shape)} about ` +
            `${formatShape(center!.shape)}: all must have one shape, [N, ...]`,
        );
      }
      if (isFloat(dtype) && other.dtype === dtype) continue;
      throw new DTypeError(
        `Cannot step from ${dtype} by ${g!.dtype} about ${center!.dtype}: all must be of one ` +
          "floating-point type",
      );
    }
    return [{ shape, dtype }];
  },
  reference: ([x, g, center], [y], params) => {
    return euclideanStepReference([x!, g!, center!, y!], params);
  },
  webgpu: (inputs, _outputs, params) => euclideanStepProgram(inputs[0]!, params),
  candidates: (inputs, _outputs, params) => euclideanStepWays(inputs[0]!, params),
  cpu: ([x], _outputs, params) => euclideanStepCpu(x!, params),
  flops: (_inputs, [y]) => sizeOf(y!.shape) * 14,
};
