/**
 * Broadcasting made real: y has the shape asked for, x is repeated along axes of size 1 and along
 * new axes in front.
 *
 * @module
 */
import { ShapeError } from "../errors.ts";
import { broadcastStrides, checkShape, formatShape, type Shape, sizeOf } from "../shape.ts";
import { elementwiseCpu } from "./elementwise/cpu.ts";
import type { Kernel } from "./kernel.ts";
import { offsetsOf } from "./offsets.ts";
import { declare, NOTHING, perElement, ravel, unravel } from "./wgsl.ts";

function checkExpand(from: Shape, to: Shape): void {
  checkShape("expand", to);
  const shift = to.length - from.length;
  const fits = shift >= 0 && from.every((size, axis) => size === 1 || size === to[axis + shift]);
  if (fits) return;
  throw new ShapeError(
    `Cannot expand ${formatShape(from)} to ${formatShape(to)}: ` +
      "sizes, counted from the last axis, must be equal or 1 before",
  );
}

/** y = x broadcast to `shape`. */
export const expand: Kernel<{ readonly shape: Shape }> = {
  name: "expand",
  outputs([x], { shape }) {
    checkExpand(x!.shape, shape);
    return [{ shape, dtype: x!.dtype }];
  },
  reference([x], [y]) {
    const { data, shape } = y!;
    const strides = broadcastStrides(x!.shape, shape);
    // The leading axes repeat one block, which is made once and then copied in doubling steps.
    const leading = strides.findIndex((stride) => stride !== 0);
    const from = leading === -1 ? shape.length : leading;
    const offsets = data.length === 0 ? [] : offsetsOf(shape.slice(from), strides.slice(from));
    for (let i = 0; i < offsets.length; i++) data[i] = x!.data[offsets[i]!]!;
    for (let done = offsets.length; done < data.length; done *= 2) data.copyWithin(done, 0, done);
  },
  webgpu([x], [y]) {
    const size = sizeOf(y!.shape);
    if (size === 0) return NOTHING;
    const strides = broadcastStrides(x!.shape, y!.shape);
    const constant = strides.every((stride) => stride === 0);
    return {
      dispatches: [perElement({
        size,
        declarations: declare([["x", x!], ["y", y!]], 1),
        body: constant
          ? "  y[i] = x[0];"
          : `${unravel("i", "k", y!.shape)}\n  y[i] = x[${ravel("k", strides)}];`,
        operands: [0, 1],
      })],
    };
  },
  cpu: (inputs, [y]) => elementwiseCpu("copy", inputs, y!),
  flops: () => 0,
};
