import { sizeOf } from "../../shape.ts";
import type { HostOperand } from "../kernel.ts";
import { type EuclideanStepParams, SHRINK } from "./params.ts";

/** y from x, g and the centre, example by example. */
export function euclideanStepReference(
  [x, g, center, y]: readonly [HostOperand, HostOperand, HostOperand, HostOperand],
  { stepSize, eps, box: [low, high] }: EuclideanStepParams,
): void {
  const size = sizeOf(x.shape.slice(1));
  for (let start = 0; start < x.data.length; start += size) {
    let largest = 0, square = 0, distance = 0;
    for (let i = start; i < start + size; i++) largest = Math.max(largest, Math.abs(g.data[i]!));
    // Divided first: the square of a very small gradient would underflow.
    const scale = largest === 0 ? 1 : largest;
    for (let i = start; i < start + size; i++) square += (g.data[i]! / scale) ** 2;
    const factor = square === 0 ? 0 : stepSize / Math.sqrt(square);
    for (let i = start; i < start + size; i++) {
      distance += (x.data[i]! + g.data[i]! / scale * factor - center.data[i]!) ** 2;
    }
    const length = Math.sqrt(distance), back = length > eps ? eps * SHRINK / length : 1;
    for (let i = start; i < start + size; i++) {
      const clean = center.data[i]!;
      const delta = x.data[i]! + g.data[i]! / scale * factor - clean;
      y.data[i] = Math.min(Math.max(clean + delta * back, low), high);
    }
  }
}
