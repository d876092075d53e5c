import { broadcastStrides, sameShape, type Shape, sizeOf } from "../../shape.ts";
import type { HostOperand } from "../kernel.ts";
import type { ElementwiseFunction } from "./table.ts";

/** For every element of a broadcast shape, where each operand has it. */
function broadcastIndices(from: Shape, to: Shape): Uint32Array {
  const strides = broadcastStrides(from, to);
  const indices = new Uint32Array(sizeOf(to));
  let block = indices.length;
  to.forEach((size, axis) => {
    block /= size || 1;
    for (let i = 0; i < indices.length; i++) {
      indices[i] = indices[i]! + Math.floor(i / block) % size * strides[axis]!;
    }
  });
  return indices;
}

/** y[i] = f(a[i], b[i], c[i]). */
export function elementwiseReference(
  { fn }: ElementwiseFunction,
  inputs: readonly HostOperand[],
  { shape, data: y }: HostOperand,
): void {
  const [a, b, c] = inputs.map((input) => input.data);
  if (inputs.every((input) => sameShape(input.shape, shape))) {
    for (let i = 0; i < y.length; i++) y[i] = fn(a![i]!, b ? b[i]! : 0, c ? c[i]! : 0);
    return;
  }
  const [ia, ib, ic] = inputs.map((input) => broadcastIndices(input.shape, shape));
  for (let i = 0; i < y.length; i++) {
    y[i] = fn(a![ia![i]!]!, b ? b[ib![i]!]! : 0, c ? c[ic![i]!]! : 0);
  }
}
