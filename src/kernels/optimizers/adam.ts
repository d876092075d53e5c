/**
 * Adam (Kingma and Ba, 2015), in place, one element of the parameter p after the other. With the
 * gradient g, weight decay d, and at step t:
 *
 *   p = w p                                   w = 1 - rate * decay for AdamW, else 1
 *   g' = g + d p                              d = 0 for AdamW
 *   m = b1 m + (1 - b1) g'
 *   s = b2 s + (1 - b2) g'^2
 *   p = p - r m / (c sqrt(s) + eps)           r = rate / (1 - b1^t), c = 1 / sqrt(1 - b2^t)
 *
 * amsgrad (Reddi, Kale, Kumar, 2018) divides by the largest s so far in place of s.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import type { HostOperand, Kernel, Program, Spec } from "../kernel.ts";
import { declare, NOTHING, perElement } from "../wgsl.ts";
import { stepCpu } from "./cpu.ts";
import { checkScalars } from "./scalars.ts";

/** r, c, w, d, b1, 1 - b1, b2, 1 - b2, eps. Both b and 1 - b, since f32 has few digits of 1 - b. */
const SCALARS = 9;
type Scalars = readonly [r: number, c: number, w: number, d: number, ...rest: FiveNumbers];
type FiveNumbers = [b1: number, o1: number, b2: number, o2: number, eps: number];

function adamReference(
  [grad, scalars]: readonly HostOperand[],
  [p, mean, square, largest]: readonly HostOperand[],
): void {
  const [r, c, w, d, b1, o1, b2, o2, eps] = scalars!.data as unknown as Scalars;
  for (let i = 0; i < p!.data.length; i++) {
    const shrunk = w * p!.data[i]!;
    const g = grad!.data[i]! + d * shrunk;
    const m = b1 * mean!.data[i]! + o1 * g;
    let s = b2 * square!.data[i]! + o2 * g * g;
    mean!.data[i] = m;
    square!.data[i] = s;
    if (largest !== undefined) largest.data[i] = s = Math.max(s, largest.data[i]!);
    p!.data[i] = shrunk - r * m / (c * Math.sqrt(s) + eps);
  }
}

function adamProgram([grad, scalars]: readonly Spec[], outputs: readonly Spec[]): Program {
  const size = sizeOf(grad!.shape);
  if (size === 0) return NOTHING;
  const names = ["p", "mean", "square", "largest"];
  const state = outputs.map((spec, i) => [names[i]!, spec] as const);
  const keepLargest = outputs.length === 4;
  return {
    dispatches: [perElement({
      size,
      declarations: declare([["grad", grad!], ["scalars", scalars!], ...state], 2),
      operands: [0, 1, ...state.map((_, i) => i + 2)],
      body: `  let shrunk = scalars[2] * p[i];
  let g = grad[i] + scalars[3] * shrunk;
  let m = scalars[4] * mean[i] + scalars[5] * g;
  let s = scalars[6] * square[i] + scalars[7] * g * g;
  mean[i] = m;
  square[i] = s;
  let top = ${keepLargest ? "max(s, largest[i])" : "s"};
${
        keepLargest
          ? "  largest[i] = top;\n"
          : ""
      }  p[i] = shrunk - scalars[0] * m / (scalars[1] * sqrt(top) + scalars[8]);`,
    })],
  };
}

function adamKernel(name: string, updates: 3 | 4): Kernel {
  return {
    name,
    updates,
    outputs([grad, scalars]) {
      checkScalars(`step by ${name}`, grad!, scalars!, SCALARS);
      return new Array<Spec>(updates).fill(grad!);
    },
    reference: adamReference,
    webgpu: adamProgram,
    spans: [1],
    cpu: ([grad]) => stepCpu(name, grad!, { states: updates }),
    flops: ([grad]) => 16 * sizeOf(grad!.shape),
  };
}

/** Operands: the gradient, the scalars. Updates: the parameter, the mean m, the square s. */
export const adam: Kernel = adamKernel("adam", 3);

/** As adam; it also updates the largest s so far. */
export const amsgrad: Kernel = adamKernel("amsgrad", 4);
