/**
 * How a reduction walks its operand, without transposing it. Neighbouring axes of one kind are
 * merged first, so that [N, H, W, C] summed over N, H, W is the matrix [N H W, C] summed over rows.
 *
 * @module
 */
import { type Shape, sizeOf, stridesOf } from "../../shape.ts";

/** Element r of what is summed into output o lies at keptOffset(o) + reducedOffset(r). */
export interface ReducePlan {
  readonly kept: Shape;
  readonly keptStrides: readonly number[];
  readonly reduced: Shape;
  readonly reducedStrides: readonly number[];
  /** Number of outputs. */
  readonly outputs: number;
  /** Elements per output. */
  readonly count: number;
  /** Whether neighbours in memory belong to one output. */
  readonly rows: boolean;
}

/** The plan of reducing `axes` (sorted) of a dense operand. */
export function reducePlan(shape: Shape, axes: readonly number[]): ReducePlan {
  const strides = stridesOf(shape);
  const kept: number[] = [], keptStrides: number[] = [];
  const reduced: number[] = [], reducedStrides: number[] = [];
  let last: number[] | undefined;
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const [sizes, steps] = axes.includes(axis) ? [reduced, reducedStrides] : [kept, keptStrides];
    if (sizes === last) {
      sizes.push(sizes.pop()! * size);
      steps.pop();
    } else {
      sizes.push(size);
    }
    steps.push(strides[axis]!);
    last = sizes;
  });
  return {
    kept,
    keptStrides,
    reduced,
    reducedStrides,
    outputs: sizeOf(kept),
    count: sizeOf(reduced),
    rows: last !== kept,
  };
}
