/**
 * A number around a tensor, and between its elements: along each axis `before` of them, then the
 * elements with `step - 1` of them in between, then `after` of them.
 *
 * @module
 */
import { ShapeError } from "../errors.ts";
import { formatShape, type Shape, sizeOf, stridesOf } from "../shape.ts";
import { wordOf } from "./cpu_words.ts";
import type { Kernel, Program, Spec } from "./kernel.ts";
import { copyWalk, denseWalk, type Walk } from "./strided/walk.ts";
import { copyCall, fillCall } from "./strided/cpu.ts";
import { declare, f32, NOTHING, perElement, ravel, typeName, u32, unravel } from "./wgsl.ts";

/** What goes around each axis. */
export interface Padding {
  readonly before: number;
  readonly after: number;
  /** Distance of neighbours in the result; 1 puts nothing between them. */
  readonly step: number;
}

/** How a tensor is padded. */
export interface PadParams {
  /** One per axis. */
  readonly padding: readonly Padding[];
  /** The number put in; finite. */
  readonly value: number;
}

function paddedShape(shape: Shape, padding: readonly Padding[]): Shape {
  return padding.map(({ before, after, step }, axis) => {
    const size = shape[axis]!;
    return before + (size === 0 ? 0 : (size - 1) * step + 1) + after;
  });
}

/** Where the elements of x lie in y. */
function paddedWalk({ shape }: Spec, { padding }: PadParams): Walk {
  const strides = stridesOf(shape);
  return {
    start: padding.reduce((sum, { before }, axis) => sum + before * strides[axis]!, 0),
    strides: padding.map(({ step }, axis) => step * strides[axis]!),
  };
}

function literal(dtype: Spec["dtype"], value: number): string {
  if (dtype === "f32") return f32(value);
  return dtype === "u32" ? u32(value) : `bitcast<i32>(${u32(value)})`;
}

/** One invocation per element of y: the element of x that belongs there, or the value. */
function padProgram(x: Spec, y: Spec, { padding, value }: PadParams): Program {
  const size = sizeOf(y.shape);
  if (size === 0) return NOTHING;
  // Left of the first element the difference wraps to a number beyond every size.
  const lines = padding.map(({ before, step }, axis) => {
    const from = `  let d${axis} = x${axis} - ${u32(before)};`;
    return step === 1
      ? `${from} let p${axis} = d${axis};`
      : `${from} let p${axis} = d${axis} / ${u32(step)};`;
  });
  const inside = padding.flatMap(({ before, after, step }, axis) => {
    const near = before + after > 0 ? [`p${axis} < ${u32(x.shape[axis]!)}`] : [];
    return step === 1 ? near : [...near, `d${axis} % ${u32(step)} == 0u`];
  });
  return {
    dispatches: [perElement({
      size,
      declarations: declare([["x", x], ["y", y]], 1),
      operands: [0, 1],
      body: `${unravel("i", "x", y.shape)}
${lines.join("\n")}
  var value = ${typeName(y.dtype)}(${literal(y.dtype, value)});
  if (${inside.join(" && ") || "true"}) { value = x[${ravel("p", stridesOf(x.shape))}]; }
  y[i] = value;`,
    })],
  };
}

/** A number around a tensor. */
export const pad: Kernel<PadParams> = {
  name: "pad",
  outputs([x], { padding, value }) {
    const { shape, dtype } = x!;
    const said = `Cannot pad a tensor of shape ${formatShape(shape)}`;
    if (padding.length !== shape.length) {
      throw new ShapeError(
        `${said}: ${padding.length} pairs of sizes are given, one per axis is needed`,
      );
    }
    for (const { before, after, step } of padding) {
      const whole = [before, after, step].every(Number.isInteger);
      if (whole && before >= 0 && after >= 0 && step >= 1) continue;
      throw new RangeError(
        `${said} by ${before} and ${after} in steps of ${step}: ` +
          "sizes must be whole numbers >= 0 and steps >= 1",
      );
    }
    if (!Number.isFinite(value)) {
      throw new RangeError(`${said} with the value ${value}: the value must be finite`);
    }
    return [{ shape: paddedShape(shape, padding), dtype }];
  },
  reference([x], [y], params) {
    y!.data.fill(params.value);
    copyWalk(x!.shape, { data: x!.data, walk: denseWalk(x!.shape) }, {
      data: y!.data,
      walk: paddedWalk(y!, params),
    });
  },
  webgpu: ([x], [y], params) => padProgram(x!, y!, params),
  cpu([x], [y], params) {
    const size = sizeOf(y!.shape);
    const copy = copyCall(x!.shape, { from: denseWalk(x!.shape), to: paddedWalk(y!, params) });
    const fill = fillCall(1, size, wordOf(y!.dtype, params.value));
    return { calls: copy === undefined ? [fill] : [fill, copy] };
  },
  flops: () => 0,
};
