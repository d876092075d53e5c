/**
 * Labels as rows of zeros with a single 1: y[..., c] = 1 where label[...] = c, else 0. A label that
 * names no class gives a row of zeros.
 *
 * @module
 */
import { type DType, isFloat } from "../dtype.ts";
import { DTypeError } from "../errors.ts";
import { sizeOf } from "../shape.ts";
import { wordOf } from "./cpu_words.ts";
import type { Kernel } from "./kernel.ts";
import { declare, NOTHING, perElement, typeName, u32 } from "./wgsl.ts";

/** How many classes there are, and the type of the result. */
export interface OneHotParams {
  readonly classes: number;
  readonly dtype: DType;
}

/** Labels as rows of zeros with a single 1. */
export const oneHot: Kernel<OneHotParams> = {
  name: "oneHot",
  outputs([labels], { classes, dtype }) {
    const { shape } = labels!;
    if (isFloat(labels!.dtype)) {
      throw new DTypeError(
        `Cannot encode labels of type ${labels!.dtype}: the type must be i32 or u32, use cast()`,
      );
    }
    if (Number.isInteger(classes) && classes >= 1) return [{ shape: [...shape, classes], dtype }];
    throw new RangeError(
      `Cannot encode labels of ${classes} classes: their number must be whole and >= 1`,
    );
  },
  reference([labels], [y], { classes }) {
    y!.data.fill(0);
    labels!.data.forEach((label, i) => {
      if (label >= 0 && label < classes) y!.data[i * classes + label] = 1;
    });
  },
  webgpu([labels], [y], { classes, dtype }) {
    if (sizeOf(y!.shape) === 0) return NOTHING;
    return {
      dispatches: [perElement({
        size: sizeOf(y!.shape),
        declarations: declare([["labels", labels!], ["y", y!]], 1),
        operands: [0, 1],
        // A negative i32 becomes a number beyond all classes.
        body: `  let label = u32(labels[i / ${u32(classes)}]);
  y[i] = ${typeName(dtype)}(label == i % ${u32(classes)});`,
      })],
    };
  },
  cpu([labels], _outputs, { classes, dtype }) {
    const rows = sizeOf(labels!.shape), each = Math.max(1, Math.floor(16384 / classes));
    return {
      calls: [{
        entry: "one_hot",
        operands: [0, 1],
        words: [rows, classes, each, wordOf(dtype, 1)],
        tasks: Math.ceil(rows / each),
      }],
    };
  },
  flops: () => 0,
};
