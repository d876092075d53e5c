/**
 * Copies between arrays that are walked with strides: what permute, slice, flip and pad share.
 * Element x of the walk lies at start + sum of x[axis] * strides[axis]; strides may be negative.
 *
 * @module
 */
import type { TypedArray } from "../../dtype.ts";
import { type Shape, sizeOf, stridesOf } from "../../shape.ts";
import type { Program, Spec } from "../kernel.ts";
import { declare, NOTHING, perElement, u32, unravel } from "../wgsl.ts";

/** Where a walk through an array starts, and how far each step along an axis goes. */
export interface Walk {
  readonly start: number;
  readonly strides: readonly number[];
}

/** The walk through a whole dense array of this shape. */
export function denseWalk(shape: Shape): Walk {
  return { start: 0, strides: stridesOf(shape) };
}

/** Drops axes of size 1 and joins neighbours that all walks pass like one longer axis. */
export function collapse(
  shape: Shape,
  walks: readonly Walk[],
): { shape: number[]; strides: number[][] } {
  const sizes: number[] = [];
  const strides: number[][] = walks.map(() => []);
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const joins = sizes.length > 0 && walks.every((walk, w) => {
      return strides[w]!.at(-1) === walk.strides[axis]! * size;
    });
    if (joins) sizes.push(sizes.pop()! * size);
    else sizes.push(size);
    walks.forEach((walk, w) => {
      if (joins) strides[w]!.pop();
      strides[w]!.push(walk.strides[axis]!);
    });
  });
  return { shape: sizes, strides };
}

/** From so many neighbours on they are copied as one. */
const LONG = 32;

/** target[to(x)] = source[from(x)] for every x below `shape`. */
export function copyWalk(
  shape: Shape,
  source: { readonly data: TypedArray; readonly walk: Walk },
  target: { readonly data: TypedArray; readonly walk: Walk },
): void {
  if (sizeOf(shape) === 0) return;
  const { shape: sizes, strides } = collapse(shape, [source.walk, target.walk]);
  const [from, to] = strides as [number[], number[]];
  const row = sizes.pop() ?? 1, stepFrom = from.pop() ?? 0, stepTo = to.pop() ?? 0;
  const x = new Array<number>(sizes.length).fill(0);
  let i = source.walk.start, j = target.walk.start;
  for (let rows = sizeOf(sizes); rows > 0; rows--) {
    if (stepFrom === 1 && stepTo === 1 && row >= LONG) {
      target.data.set(source.data.subarray(i, i + row), j);
    } else {
      for (let n = 0; n < row; n++) target.data[j + n * stepTo] = source.data[i + n * stepFrom]!;
    }
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      i += from[axis]!;
      j += to[axis]!;
      if (++x[axis]! < sizes[axis]!) break;
      i -= from[axis]! * sizes[axis]!;
      j -= to[axis]! * sizes[axis]!;
      x[axis] = 0;
    }
  }
}

/** The index of coordinates `x0`, `x1`, ...: added terms first, so that no sum is ever negative. */
function walkIndex({ start, strides }: Walk): string {
  const terms = strides.map((stride, axis) => `x${axis} * ${u32(Math.abs(stride))}`);
  const plus = terms.filter((_, axis) => strides[axis]! > 0);
  const minus = terms.filter((_, axis) => strides[axis]! < 0);
  return [[u32(start), ...plus].join(" + "), ...minus].join(" - ");
}

/** One invocation per element of y, which is x read along a walk. */
export function walkProgram(x: Spec, y: Spec, walk: Walk): Program {
  const size = sizeOf(y.shape);
  if (size === 0) return NOTHING;
  const { shape, strides } = collapse(y.shape, [walk, denseWalk(y.shape)]);
  return {
    dispatches: [perElement({
      size,
      declarations: declare([["x", x], ["y", y]], 1),
      operands: [0, 1],
      body: `${unravel("i", "x", shape)}
  y[i] = x[${walkIndex({ start: walk.start, strides: strides[0]! })}];`,
    })],
  };
}
