/**
 * In which order ONNX has the elements of a value: images channels first, where they are channels
 * last here; so no node ever moves them, only the constants that meet them are rearranged.
 *
 * @module
 */
import { type Shape, sizeOf } from "../../shape.ts";
import { type Arrangement, sameOrder } from "../checkpoint/layout.ts";

/** A value of the graph. */
export interface Value {
  /** Its name in the graph. */
  readonly name: string;
  /** Its shape here, with the images of the trace along axis 0. */
  readonly shape: Shape;
  /** Channels of a flattened image of several places and channels; elsewhere undefined. */
  readonly channels?: number;
}

/** Whether the axes are N, H, W, C here, and N, C, H, W there. */
export function isImage({ shape }: { readonly shape: Shape }): boolean {
  return shape.length === 4;
}

/** Whether one image has one order only: a single channel, or a single place. */
export function isPlain({ shape, channels }: Pick<Value, "shape" | "channels">): boolean {
  if (!isImage({ shape })) return channels === undefined;
  return shape[3] === 1 || shape[1]! * shape[2]! === 1;
}

/** `channels` for a value that is an image in a row. */
export function flattened(size: number, channels: number): Pick<Value, "channels"> {
  return channels === 1 || channels === size ? {} : { channels };
}

/** Where an axis is in the graph. */
export function axisOf(value: Pick<Value, "shape">, axis: number): number {
  return isImage(value) ? [0, 2, 3, 1][axis]! : axis;
}

/** The sizes without ones in front, which broadcasting adds by itself. */
function shortened(shape: Shape): Shape {
  const first = shape.findIndex((size) => size !== 1);
  return first < 0 ? [] : shape.slice(first);
}

/** How a constant of a shape lies beside a value that it is broadcast to; undefined: not at all. */
export function beside({ shape: whole, channels }: Value, shape: Shape): Arrangement | undefined {
  if (shape.length > whole.length) return undefined;
  const full = [...Array<number>(whole.length - shape.length).fill(1), ...shape];
  // It must be the same for every image.
  if (full[0] !== 1) return undefined;
  if (isImage({ shape: whole })) {
    const axes = [0, 3, 1, 2];
    return { view: full, axes, shape: shortened(axes.map((axis) => full[axis]!)) };
  }
  if (channels === undefined || full[1] === 1) {
    return { ...sameOrder(shape), shape: shortened(full) };
  }
  const size = sizeOf(full);
  return { view: [size / channels, channels], axes: [1, 0], shape: [size] };
}
