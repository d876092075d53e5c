/**
 * Making tensors: from numbers, filled, random.
 *
 * @module
 */
import type { Device } from "../backend/mod.ts";
import { allocate, type DType, dtypeOf, isFloat, toTypedArray, type TypedArray } from "../dtype.ts";
import { DTypeError, ShapeError } from "../errors.ts";
import { random as kernel } from "../kernels/mod.ts";
import type { RandomStream } from "../random.ts";
import { tidy } from "../scope.ts";
import { checkShape, formatShape, type Shape, sizeOf } from "../shape.ts";
import { currentDevice } from "./default_device.ts";
import { hostBuffer, type HostFill, keyBuffer } from "./host_values.ts";
import { run, Tensor } from "./tensor.ts";

/** Numbers, nested to any depth. */
export type NestedNumbers = number | readonly NestedNumbers[];

/** Where and how a tensor is made. */
export interface TensorOptions {
  /** Default: the type of a typed array, else f32. */
  readonly dtype?: DType;
  /** Default: the device of the last `init()`. */
  readonly device?: Device;
  /** Whether gradients are wanted for it. Default false. */
  readonly requiresGrad?: boolean;
}

/** A shape beside the usual options. */
export interface ShapedOptions extends TensorOptions {
  /** Default: the nesting of the numbers, or one axis for a typed array. */
  readonly shape?: Shape;
}

/** A stream to draw from beside the usual options. */
export interface RandomOptions extends TensorOptions {
  /** Where the numbers come from; one draw takes one step of it. */
  readonly random: RandomStream;
  /**
   * Which example each index of the first axis is. A number then depends on the example and not on
   * its place in the batch. Default: the whole tensor is example 0.
   */
  readonly ids?: Tensor;
}

function shapeOfNested(values: NestedNumbers): number[] {
  if (typeof values === "number") return [];
  return [values.length, ...(values.length > 0 ? shapeOfNested(values[0]!) : [])];
}

function flatten(values: NestedNumbers, shape: Shape, into: number[]): void {
  if (typeof values === "number" ? shape.length > 0 : values.length !== shape[0]) {
    throw new ShapeError(
      `Cannot make a tensor from ragged numbers: found ${
        typeof values === "number" ? "a number" : `${values.length} items`
      } where ${formatShape(shape)} is due`,
    );
  }
  if (typeof values === "number") into.push(values);
  else for (const value of values) flatten(value, shape.slice(1), into);
}

function bounds(data: TypedArray): readonly [number, number] | undefined {
  if (data.length === 0) return undefined;
  let low = data[0]!, high = data[0]!;
  for (const value of data) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function checkDevice(device: Device, dtype: DType): void {
  if (device.dtypes.includes(dtype)) return;
  throw new DTypeError(
    `Cannot make a tensor of type ${dtype} on the ${device.backend} device: ` +
      `it holds ${device.dtypes.join(", ")}`,
  );
}

/**
 * A tensor from numbers, nested numbers or a typed array.
 *
 * @example
 * ```ts
 * import { tensor } from "tapegrad";
 * tensor([[1, 2], [3, 4]]); // shape [2, 2], f32
 * tensor(new Uint32Array([7, 1])); // shape [2], u32
 * tensor([1, 2, 3, 4], { shape: [2, 2], requiresGrad: true });
 * ```
 * @throws ShapeError when the numbers are ragged or do not fill the shape.
 */
export function tensor(
  values: NestedNumbers | TypedArray,
  options: ShapedOptions = {},
): Tensor {
  const device = options.device ?? currentDevice();
  const typed = ArrayBuffer.isView(values) ? values as TypedArray : undefined;
  const dtype = options.dtype ?? (typed === undefined ? "f32" : dtypeOf(typed) ?? "f32");
  checkDevice(device, dtype);
  let data = typed;
  let own: Shape = [typed?.length ?? 0];
  if (typed === undefined) {
    own = shapeOfNested(values as NestedNumbers);
    const flat: number[] = [];
    flatten(values as NestedNumbers, own, flat);
    data = toTypedArray(dtype, flat);
  } else if (dtypeOf(typed) !== dtype) {
    data = toTypedArray(dtype, typed);
  }
  const shape = options.shape ?? own;
  checkShape("make a tensor", shape);
  if (sizeOf(shape) !== data!.length) {
    throw new ShapeError(
      `Cannot make a tensor of shape ${formatShape(shape)} from ${data!.length} numbers: ` +
        `${sizeOf(shape)} are needed`,
    );
  }
  return tidy(() => {
    const made = new Tensor(device.upload(data!, dtype), shape);
    if (!isFloat(dtype)) made.buffer.bounds = bounds(data!);
    if (options.requiresGrad) made.requiresGrad = true;
    return made;
  });
}

/** A tensor filled with one number. */
export function full(shape: Shape, value: number, options: TensorOptions = {}): Tensor {
  checkShape("make a tensor", shape);
  const data = allocate(options.dtype ?? "f32", sizeOf(shape)).fill(value);
  return tensor(data, { ...options, shape });
}

/** A tensor of zeros. */
export function zeros(shape: Shape, options: TensorOptions = {}): Tensor {
  return full(shape, 0, options);
}

/** A tensor of ones. */
export function ones(shape: Shape, options: TensorOptions = {}): Tensor {
  return full(shape, 1, options);
}

/** The numbers 0, 1, ..., size - 1. */
export function arange(size: number, options: TensorOptions = {}): Tensor {
  checkShape("make a tensor", [size]);
  const data = allocate(options.dtype ?? "f32", size);
  for (let i = 0; i < size; i++) data[i] = i;
  return tensor(data, options);
}

/**
 * A tensor whose elements `fill` writes. In a captured function `fill` is called again for every
 * replay, where a tensor made by `tensor()` would stay as it was. Default type f32.
 *
 * @example
 * ```ts
 * import { capture, hostValues, type Tensor, tensor } from "tapegrad";
 * let rate = 1;
 * const scaled = capture((x: Tensor) => x.mul(hostValues([], (into) => into[0] = rate)));
 * for (; rate <= 4; rate++) console.log(await scaled(tensor([2])).item()); // 2, 4, 6, 8
 * scaled.dispose();
 * ```
 */
export function hostValues(
  shape: Shape,
  fill: HostFill,
  options: { readonly dtype?: DType; readonly device?: Device } = {},
): Tensor {
  const { dtype = "f32", device = currentDevice() } = options;
  checkShape("make a tensor", shape);
  checkDevice(device, dtype);
  return new Tensor(hostBuffer(device, { dtype, size: sizeOf(shape) }, fill), shape);
}

function draw(distribution: "uniform" | "normal", shape: Shape, options: RandomOptions): Tensor {
  checkShape("draw random numbers", shape);
  const device = options.device ?? options.ids?.device ?? currentDevice();
  const dtype = options.dtype ?? "f32";
  checkDevice(device, dtype);
  const drawn = tidy(() => {
    const key = new Tensor(keyBuffer(device, options.random), [4]);
    const inputs = options.ids === undefined ? [key] : [key, options.ids];
    return run(kernel, inputs, { distribution, shape, dtype })[0]!;
  });
  if (options.requiresGrad) drawn.requiresGrad = true;
  return drawn;
}

/**
 * Uniform random numbers in [0, 1): 24 bits of a Philox word each.
 *
 * @example
 * ```ts
 * import { rand, RandomStream } from "tapegrad";
 * rand([2, 3], { random: new RandomStream(7) }); // the same six numbers in every run
 * ```
 */
export function rand(shape: Shape, options: RandomOptions): Tensor {
  return draw("uniform", shape, options);
}

/** Normal random numbers, mean 0 and variance 1, by the method of Box and Muller. */
export function randn(shape: Shape, options: RandomOptions): Tensor {
  return draw("normal", shape, options);
}
