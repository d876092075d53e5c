/**
 * What maximum and average pooling share: windows that slide over images [N, H, W, C], each channel
 * for itself, and the checks.
 *
 * @module
 */
import { isFloat } from "../../dtype.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { formatShape, sameShape, type Shape } from "../../shape.ts";
import type { Spec } from "../kernel.ts";
import { u32 } from "../wgsl.ts";
import { checkPair, checkWindows, type Pair, type Window, windowsOf } from "../window.ts";

/** How windows slide. */
export interface PoolParams {
  readonly kernelSize: Pair;
  readonly stride: Pair;
  /** At most half of the kernel's size, so that every window sees the image. */
  readonly padding: Pair;
}

/** The way back also needs height and width of the images: several give the same result. */
export interface PoolGradParams extends PoolParams {
  readonly size: Pair;
}

/** Images [N, H, W, C] become [N, OH, OW, C]. */
export interface PoolSizes {
  readonly N: number;
  readonly H: number;
  readonly W: number;
  readonly C: number;
  readonly OH: number;
  readonly OW: number;
  /** The windows along H and along W. */
  readonly windows: readonly [Window, Window];
}

/** Checks images and settings, and gives the sizes. `x` may be the images of a gradient. */
export function poolSizes(act: string, { shape, dtype }: Spec, params: PoolParams): PoolSizes {
  const said = `Cannot ${act} of images ${formatShape(shape)}`;
  if (shape.length !== 4) {
    throw new ShapeError(`${said}: they must have the four axes N, H, W, C`);
  }
  if (!isFloat(dtype)) throw new DTypeError(`${said}: type ${dtype} must be f32 or f64`);
  const [N, H, W, C] = shape as [number, number, number, number];
  const { kernelSize, padding } = params;
  const windows = windowsOf([H, W], kernelSize, { ...params, dilation: [1, 1] });
  checkPair(said, "the kernel's size", kernelSize, 1);
  if (padding.some((size, axis) => 2 * size > kernelSize[axis]!)) {
    throw new RangeError(
      `${said}: padding is [${padding.join(", ")}], it must be at most half of the kernel's size ` +
        `[${kernelSize.join(", ")}]`,
    );
  }
  const [OH, OW] = checkWindows(said, windows);
  return { N, H, W, C, OH, OW, windows };
}

/** Checks the gradient of a result and settings, and gives the sizes. */
export function poolGradSizes(act: string, g: Spec, params: PoolGradParams): PoolSizes {
  const [N = 0, , , C = 0] = g.shape;
  const x: Shape = g.shape.length === 4 ? [N, ...params.size, C] : g.shape;
  const sizes = poolSizes(act, { shape: x, dtype: g.dtype }, params);
  const wanted = [N, sizes.OH, sizes.OW, C];
  if (sameShape(g.shape, wanted)) return sizes;
  throw new ShapeError(
    `Cannot ${act} of images ${formatShape(x)} from a gradient ${formatShape(g.shape)}: ` +
      `its shape must be ${formatShape(wanted)}`,
  );
}

/** WGSL that splits `i` into `n`, `h`, `w`, `c` of images of these sizes. */
export function imagePlace(H: number, W: number, C: number): string {
  return `  let c = i % ${u32(C)};
  let w = i / ${u32(C)} % ${u32(W)};
  let h = i / ${u32(C * W)} % ${u32(H)};
  let n = i / ${u32(C * W * H)};`;
}

/** WGSL: window `o` sees the places `name`0 to `name`1 - 1. */
export function placesSeen(name: string, o: string, window: Window): string {
  const { size, kernel, stride, padding } = window;
  return `  let ${name}0 = max(${o} * ${u32(stride)}, ${u32(padding)}) - ${u32(padding)};
  let ${name}1 = min(${o} * ${u32(stride)} + ${u32(kernel)} - ${u32(padding)}, ${u32(size)});`;
}

/** WGSL: place `i` is seen by the windows `name`0 to `name`1 - 1, of `count`. */
export function windowsOver(
  name: string,
  i: string,
  { window, count }: { readonly window: Window; readonly count: number },
): string {
  const { kernel, stride, padding } = window;
  const after = `(max(${i} + ${u32(padding)}, ${u32(kernel - 1)}) - ${u32(kernel - 1)}`;
  return `  let ${name}0 = ${after} + ${u32(stride - 1)}) / ${u32(stride)};
  let ${name}1 = min((${i} + ${u32(padding)}) / ${u32(stride)} + 1u, ${u32(count)});`;
}
