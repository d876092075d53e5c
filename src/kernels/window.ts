/**
 * Windows that slide over images, for convolution and pooling: along each axis, window o and tap k
 * meet at the place i = o stride - padding + k dilation, where that is inside of the image.
 *
 * @module
 */

/** One value along H and one along W. */
export type Pair = readonly [height: number, width: number];

/** A value for H and W, or one for each. */
export type PairOption = number | Pair;

/** One value for H and one for W. */
export function pair(value: PairOption): Pair {
  return typeof value === "number" ? [value, value] : value;
}

/** How windows lie along one axis. */
export interface Window {
  /** Places of the image. */
  readonly size: number;
  /** Taps of a window. */
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

/** How windows lie along H and W. */
export interface WindowParams {
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
}

/** The windows along H and along W. */
export function windowsOf(
  size: Pair,
  kernel: Pair,
  { stride, padding, dilation }: WindowParams,
): readonly [height: Window, width: Window] {
  const along = (axis: 0 | 1): Window => ({
    size: size[axis],
    kernel: kernel[axis],
    stride: stride[axis],
    padding: padding[axis],
    dilation: dilation[axis],
  });
  return [along(0), along(1)];
}

/** How many windows fit; below 1 when the image is too small. */
export function windowCount({ size, kernel, stride, padding, dilation }: Window): number {
  return Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** Refuses a setting that is not a whole number, or below `least`, along either axis. */
export function checkPair(said: string, what: string, values: Pair, least: number): void {
  if (values.length === 2 && values.every((value) => Number.isInteger(value) && value >= least)) {
    return;
  }
  throw new RangeError(
    `${said}: ${what} is [${values.join(", ")}], it must be two whole numbers >= ${least}`,
  );
}

/** Refuses settings and sizes that leave no window; gives the number of windows along H and W. */
export function checkWindows(said: string, windows: readonly [Window, Window]): Pair {
  const [h, w] = windows;
  checkPair(said, "the kernel's size", [h.kernel, w.kernel], 1);
  checkPair(said, "stride", [h.stride, w.stride], 1);
  checkPair(said, "padding", [h.padding, w.padding], 0);
  checkPair(said, "dilation", [h.dilation, w.dilation], 1);
  const counts: Pair = [windowCount(h), windowCount(w)];
  if (counts.every((count) => count >= 1)) return counts;
  const span = (window: Window): number => window.dilation * (window.kernel - 1) + 1;
  const room = (window: Window): number => window.size + 2 * window.padding;
  throw new RangeError(
    `${said}: the kernel spans ${span(h)} x ${span(w)} but the padded image has only ` +
      `${room(h)} x ${room(w)}, it must hold the kernel at least once`,
  );
}

/** Window `o` has its tap `k` at place `i` of the image. */
export interface Meeting {
  readonly o: number;
  readonly k: number;
  readonly i: number;
}

/** Every meeting along one axis, in lists by o, by k or by i; o, then k ascend within a list. */
export function meetingsBy(key: keyof Meeting, window: Window): readonly (readonly Meeting[])[] {
  const { size, kernel, stride, padding, dilation } = window;
  const count = windowCount(window);
  const lists = Array.from({ length: { o: count, k: kernel, i: size }[key] }, (): Meeting[] => []);
  for (let o = 0; o < count; o++) {
    for (let k = 0; k < kernel; k++) {
      const i = o * stride - padding + k * dilation;
      if (i >= 0 && i < size) lists[{ o, k, i }[key]]!.push({ o, k, i });
    }
  }
  return lists;
}
