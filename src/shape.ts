/**
 * Shapes, strides, axes and broadcasting. A shape is a list of sizes, outermost first; a scalar
 * has shape `[]`. All layouts are row-major and dense.
 *
 * @module
 */
import { ShapeError } from "./errors.ts";

/** Sizes of the axes, outermost first. */
export type Shape = readonly number[];

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Shape in the wording of error messages: `[32, 784]`. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Elements to skip for one step along each axis. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis]!;
  }
  return strides;
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** Checks sizes: whole numbers, zero allowed. */
export function checkShape(act: string, shape: Shape): void {
  if (shape.every((size) => Number.isInteger(size) && size >= 0)) return;
  throw new ShapeError(
    `Cannot ${act} with shape ${formatShape(shape)}: sizes must be whole numbers >= 0`,
  );
}

/**
 * The shape that all operands broadcast to: aligned at the last axis, sizes equal or 1.
 *
 * @example
 * ```ts
 * import { broadcastShapes } from "tapegrad";
 * broadcastShapes("add", [[8, 1, 3], [4, 1]]); // [8, 4, 3]
 * ```
 * @throws ShapeError when two sizes differ and neither is 1.
 */
export function broadcastShapes(act: string, shapes: readonly Shape[]): Shape {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let i = 1; i <= shape.length; i++) {
      const size = shape[shape.length - i]!;
      const wanted = result[rank - i]!;
      if (size === wanted || size === 1) continue;
      if (wanted !== 1) {
        throw new ShapeError(
          `Cannot ${act} operands of shapes ${shapes.map(formatShape).join(" and ")}: ` +
            `sizes ${wanted} and ${size}, counted from the last axis, must be equal or 1`,
        );
      }
      result[rank - i] = size;
    }
  }
  return result;
}

/** Strides for reading `from` as if it had shape `to`: 0 along every broadcast axis. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const own = stridesOf(from);
  const shift = to.length - from.length;
  return to.map((_, axis) => axis < shift || from[axis - shift] === 1 ? 0 : own[axis - shift]!);
}

/** Turns a possibly negative axis into one in 0..rank-1. */
export function normalizeAxis(act: string, axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(axis) && positive >= 0 && positive < rank) return positive;
  throw new RangeError(
    `Cannot ${act} along axis ${axis} of a tensor with ${rank} axes: ` +
      `axis must be a whole number from ${-rank} to ${rank - 1}`,
  );
}

/** Sorted axes without repeats; undefined means all axes. */
export function normalizeAxes(
  act: string,
  axes: number | readonly number[] | undefined,
  rank: number,
): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const list = (typeof axes === "number" ? [axes] : axes).map((a) => normalizeAxis(act, a, rank));
  const sorted = [...new Set(list)].sort((a, b) => a - b);
  if (sorted.length === list.length) return sorted;
  throw new RangeError(`Cannot ${act} along axes [${list.join(", ")}]: each axis must occur once`);
}

/** Shape after reducing `axes`, which are dropped, or kept with size 1. */
export function reduceShape(shape: Shape, axes: readonly number[], keepAxes: boolean): Shape {
  if (keepAxes) return shape.map((size, axis) => axes.includes(axis) ? 1 : size);
  return shape.filter((_, axis) => !axes.includes(axis));
}

/** The axes of `to` that must be summed to undo broadcasting `from` to it. */
export function broadcastAxes(from: Shape, to: Shape): number[] {
  const shift = to.length - from.length;
  return to.flatMap((size, axis) => {
    return axis < shift || (from[axis - shift] === 1 && size !== 1) ? [axis] : [];
  });
}

/** Fills in the one size given as -1. */
export function inferShape(shape: Shape, wanted: Shape): Shape {
  const known = wanted.reduce((product, size) => size === -1 ? product : product * size, 1);
  const open = wanted.filter((size) => size === -1).length;
  const size = sizeOf(shape);
  const result = open === 1 && known > 0 ? wanted.map((s) => s === -1 ? size / known : s) : wanted;
  const valid = result.every((s) => Number.isInteger(s) && s >= 0) && sizeOf(result) === size;
  if (valid) return result;
  throw new ShapeError(
    `Cannot reshape ${formatShape(shape)} to ${formatShape(wanted)}: ` +
      `${size} elements must stay ${size}, and at most one size may be -1`,
  );
}
