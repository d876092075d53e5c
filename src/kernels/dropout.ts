/**
 * Dropout: y = x / (1 - p) where a random number of Philox is at least p, else 0. Which elements
 * stay is a function of the key, the example and the element, so the way back draws them again.
 *
 * @module
 */
import { isFloat } from "../dtype.ts";
import { DTypeError } from "../errors.ts";
import { formatShape, sizeOf } from "../shape.ts";
import type { HostOperand, Kernel, Program, Spec } from "./kernel.ts";
import { dropoutCpu } from "./random/cpu.ts";
import { PHILOX } from "./random/philox.ts";
import { forEachBlock } from "./random/reference.ts";
import { checkStream, exampleSizes } from "./random/stream.ts";
import { drawBlock, storeBlock } from "./random/webgpu.ts";
import { declare, f32, NOTHING, perElement, u32 } from "./wgsl.ts";

/** How many elements are dropped. */
export interface DropoutParams {
  /** Probability of 0, from 0 to 1. */
  readonly p: number;
}

/** What the 24 random bits of an element must reach for it to stay, and the factor it then gets. */
function threshold({ p }: DropoutParams): [least: number, scale: number] {
  return [Math.ceil(p * 2 ** 24), p === 1 ? 0 : 1 / (1 - p)];
}

function dropoutReference(inputs: readonly HostOperand[], y: HostOperand, p: DropoutParams): void {
  const [x, key, ids] = inputs;
  const [least, scale] = threshold(p);
  forEachBlock(x!.shape, key!, ids, (words, start, end) => {
    for (let i = start; i < end; i++) {
      y.data[i] = words[i - start]! >>> 8 >= least ? x!.data[i]! * scale : 0;
    }
  });
}

/** One invocation per block of four elements. */
function dropoutProgram([x, key, ids]: readonly Spec[], y: Spec, params: DropoutParams): Program {
  if (sizeOf(y.shape) === 0) return NOTHING;
  const [count, each] = exampleSizes(y.shape, ids);
  const [least, scale] = threshold(params);
  const inputs = [["x", x!], ["key", key!], ...(ids ? [["ids", ids] as const] : [])] as const;
  return {
    dispatches: [perElement({
      size: count * Math.ceil(each / 4),
      declarations: `${declare([...inputs, ["y", y]], inputs.length)}\n${PHILOX}`,
      operands: Array.from({ length: inputs.length + 1 }, (_, i) => i),
      body: `${drawBlock(each, ids !== undefined)}
${
        storeBlock(each, (lane, at) => {
          const stays = `(words[${lane}] >> 8u) >= ${u32(least)}`;
          return `y[${at}] = select(0.0, x[${at}] * ${f32(scale)}, ${stays});`;
        })
      }`,
    })],
  };
}

/** Dropout. Operands: x, the key of the draw, and perhaps the examples' numbers. */
export const dropout: Kernel<DropoutParams> = {
  name: "dropout",
  outputs([x, key, ids], { p }) {
    const { shape, dtype } = x!;
    const said = `Cannot drop elements of a tensor of shape ${formatShape(shape)}`;
    if (!(p >= 0 && p <= 1)) {
      throw new RangeError(`${said} with probability ${p}: it must be from 0 to 1`);
    }
    if (!isFloat(dtype)) throw new DTypeError(`${said}: type ${dtype} must be f32 or f64`);
    checkStream("drop elements", shape, key!, ids);
    return [{ shape, dtype }];
  },
  reference: (inputs, [y], params) => dropoutReference(inputs, y!, params),
  webgpu: (inputs, [y], params) => dropoutProgram(inputs, y!, params),
  cpu: ([x, , ids], _outputs, params) => dropoutCpu({ shape: x!.shape, ids }, threshold(params)),
  flops: (_inputs, [y]) => 76 * sizeOf(y!.shape),
};
