/**
 * Random numbers of Philox 4x32-10 under a key that is an operand: (seed low, seed high, stream,
 * step). Element e of an example takes lane e % 4 of the block with counter
 * (floor(e / 4), example, step, stream), so a number depends on nothing else.
 *
 * @module
 */
import { isFloat } from "../../dtype.ts";
import { DTypeError } from "../../errors.ts";
import { sizeOf } from "../../shape.ts";
import type { Kernel } from "../kernel.ts";
import { randomCpu } from "./cpu.ts";
import { randomReference } from "./reference.ts";
import { checkStream, type RandomParams } from "./stream.ts";
import { randomProgram } from "./webgpu.ts";

/** Uniform or normal random numbers. Operands: the key, and perhaps the examples' numbers. */
export const random: Kernel<RandomParams> = {
  name: "random",
  outputs([key, ids], { shape, dtype }) {
    checkStream("draw random numbers", shape, key!, ids);
    if (isFloat(dtype)) return [{ shape, dtype }];
    throw new DTypeError(
      `Cannot draw random numbers of type ${dtype}: the type must be f32 or f64`,
    );
  },
  reference: ([key, ids], [y], params) => randomReference(key!, ids, y!, params),
  webgpu: ([key, ids], [y], params) => randomProgram(key!, ids, y!, params),
  cpu: ([, ids], _outputs, { shape, distribution }) => randomCpu({ shape, ids }, distribution),
  // Ten rounds of two products of 16-bit halves are about 300 operations for four elements.
  flops: (_inputs, [y]) => 75 * sizeOf(y!.shape),
};
