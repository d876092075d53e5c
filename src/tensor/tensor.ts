/**
 * The Tensor that people hold. Its methods are doors: each applies one rule, or a short chain of
 * other methods, so every one of them is recorded and can be differentiated where that makes sense.
 *
 * @module
 */
import * as rules from "../autograd/mod.ts";
import {
  type Apply,
  leafNode,
  type Node,
  recorder,
  rootOf,
  type Run,
  walk,
} from "../autograd/mod.ts";
import type { Device, DeviceBuffer } from "../backend/mod.ts";
import { type DType, isFloat, type TypedArray } from "../dtype.ts";
import { BackendError, DisposedError, DTypeError, GradientError, ShapeError } from "../errors.ts";
import type { ElementwiseName } from "../kernels/mod.ts";
import {
  batchStatistics,
  isMeanAtOnce,
  pair,
  type PairOption,
  sliceAlong,
} from "../kernels/mod.ts";
import type { RandomStream } from "../random.ts";
import { keep, tidy, track } from "../scope.ts";
import {
  broadcastAxes,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  reduceShape,
  sameShape,
  type Shape,
  sizeOf,
} from "../shape.ts";
import { noteGradientAdded, noteGradientSet, noteRebinding } from "./capture_notes.ts";
import { constantBuffer } from "./constants.ts";
import type { NestedNumbers } from "./create.ts";
import { keyBuffer } from "./host_values.ts";
import { nest } from "./print.ts";
import { runner } from "./run.ts";

// Safari lacks the symbol that `using` looks for.
(Symbol as { dispose?: symbol }).dispose ??= Symbol("Symbol.dispose");

/** Runs a kernel without recording it; the results are new tensors. */
export const run: Run = runner(({ buffer, shape }) => new Tensor(buffer, shape));

/** Applies a rule and records it. */
export const apply: Apply = recorder(run);

/** Which axes a reduction runs over, and whether they stay with size 1. */
export interface ReduceOptions {
  /** Default false. */
  readonly keepAxes?: boolean;
}

/** What a variance divides by. */
export interface VarianceOptions extends ReduceOptions {
  /** Subtracted from the number of elements. Default 1. */
  readonly correction?: number;
}

export type { Pair, PairOption } from "../kernels/mod.ts";

/** How a kernel slides over images; one number, or one for height and one for width. */
export interface Conv2dOptions {
  /** Steps between two windows. Default 1. */
  readonly stride?: PairOption;
  /** Zeros around the image, on each side. Default 0. */
  readonly padding?: PairOption;
  /** Distance between the taps of the kernel. Default 1. */
  readonly dilation?: PairOption;
  /** Blocks of channels that do not see each other. Default 1. */
  readonly groups?: number;
  /** Added to every pixel, one number per output channel. Default: nothing. */
  readonly bias?: Tensor;
}

/** How windows slide over images; one number, or one for height and one for width. */
export interface Pool2dOptions {
  /** Height and width of a window. */
  readonly kernelSize: PairOption;
  /** Steps between two windows. Default: kernelSize. */
  readonly stride?: PairOption;
  /** Border around the image, on each side; at most half of kernelSize. Default 0. */
  readonly padding?: PairOption;
}

/** How windows slide over images, and what a mean divides by. */
export interface AvgPool2dOptions extends Pool2dOptions {
  /** Whether the border counts, as zeros; else only elements of the image. Default true. */
  readonly countIncludePad?: boolean;
}

/** Mean and variance of a batch per channel, the last axis. */
export interface BatchStatistics {
  /** Per channel. */
  readonly mean: Tensor;
  /** Divided by the number of values. */
  readonly variance: Tensor;
}

/** By which statistics a batch is normalized. */
export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /**
   * Running mean and variance, which move by `momentum` towards those of the batch, the variance
   * divided by n - 1. In place, and not recorded.
   */
  readonly running?: {
    readonly mean: Tensor;
    readonly variance: Tensor;
    readonly momentum: number;
  };
  /** Normalize by this mean instead, a constant; only together with `variance`. */
  readonly mean?: Tensor;
  /** Normalize by this variance instead, a constant; only together with `mean`. */
  readonly variance?: Tensor;
}

/** How losses of examples are put together. */
export interface CrossEntropyOptions {
  /** Mean or sum over the examples, or one loss each. Default "mean". */
  readonly reduction?: "mean" | "sum" | "none";
  /** Share of the target that is spread over all classes, from 0 to 1. Default 0. */
  readonly labelSmoothing?: number;
}

/** How a norm is taken. */
export interface NormOptions extends ReduceOptions {
  /** 1, 2 (default) or Infinity. */
  readonly order?: number;
}

/** Which operands of a matrix product are transposed first. */
export interface MatmulOptions {
  /** Default false. */
  readonly transposeA?: boolean;
  /** Default false. */
  readonly transposeB?: boolean;
}

/** How to walk the tape back. */
export interface BackwardOptions {
  /** Gradient of the final loss with respect to this tensor. Default: 1, for a scalar. */
  readonly gradient?: Tensor;
  /** Keep the tape to walk it again. Default: the value of createGraph. */
  readonly retainGraph?: boolean;
  /** Record the walk itself, for second derivatives. Default false. */
  readonly createGraph?: boolean;
  /** Only these leaves get a gradient; nothing else is computed. Default: all. */
  readonly inputs?: readonly Tensor[];
}

/** Where dropout draws from. */
export interface DropoutOptions {
  /** One call takes one step of it. */
  readonly random: RandomStream;
  /**
   * Which example each index of the first axis is. What is dropped then depends on the example and
   * not on its place in the batch. Default: the whole tensor is example 0.
   */
  readonly ids?: Tensor;
}

/** A number or a tensor, where both will do. */
export type Operand = Tensor | number;

/** A dense array of numbers on a device, with its place on the tape. */
export class Tensor {
  /** Sizes of the axes, outermost first. */
  readonly shape: Shape;
  #grad: Tensor | null = null;
  #buffer: DeviceBuffer;
  #node: Node | null = null;
  #disposed = false;

  /** Takes over one reference to the buffer. Use `tensor()` instead. */
  constructor(buffer: DeviceBuffer, shape: Shape, node: Node | null = null) {
    this.#buffer = buffer;
    this.shape = shape;
    if (node !== null) this.attach(node);
    track(this);
  }

  // What it is.

  /** Element type. */
  get dtype(): DType {
    return this.#buffer.dtype;
  }

  /** The device it lives on. */
  get device(): Device {
    return this.#buffer.device;
  }

  /** Number of elements. */
  get size(): number {
    return this.#buffer.size;
  }

  /** Its elements on the device. */
  get buffer(): DeviceBuffer {
    if (!this.#disposed) return this.#buffer;
    throw new DisposedError(
      `Cannot use a tensor of shape ${formatShape(this.shape)} after it was disposed: ` +
        "return it from tidy(), or keep() it",
    );
  }

  /** Whether it was disposed. */
  get isDisposed(): boolean {
    return this.#disposed;
  }

  /** Its place on the tape; null when no gradient passes through it. */
  get node(): Node | null {
    return this.#node;
  }

  /** Whether operations on it are recorded. */
  get requiresGrad(): boolean {
    return this.#node !== null;
  }

  set requiresGrad(wanted: boolean) {
    if (wanted === this.requiresGrad) return;
    if (this.#node !== null && this.#node.rule !== null) {
      throw new GradientError(
        `Cannot change requiresGrad of the result of ${this.#node.rule.name}: ` +
          "only leaves have it to change, use detach()",
      );
    }
    if (wanted && !isFloat(this.dtype)) {
      throw new GradientError(
        `Cannot require the gradient of a tensor of type ${this.dtype}: the type must be f32 or f64`,
      );
    }
    if (wanted) this.attach(leafNode(this));
    else this.#detachNode();
  }

  /** Gradient of the last `backward()`, summed over calls; null before. */
  get grad(): Tensor | null {
    return this.#grad;
  }

  set grad(gradient: Tensor | null) {
    this.#grad = gradient;
    noteGradientSet(this);
  }

  /** Whether gradients end here. */
  get isLeaf(): boolean {
    return this.#node === null || this.#node.rule === null;
  }

  /** For people: type, shape, device and what made it. */
  toString(): string {
    const made = this.#node?.rule ? ` from ${this.#node.rule.name}` : "";
    const grad = this.requiresGrad && !made ? " requires grad" : "";
    return `Tensor ${this.dtype} ${
      formatShape(this.shape)
    } on ${this.device.backend}${made}${grad}`;
  }

  // Life and place on the tape.

  /** Another handle to the same elements, at the given place on the tape. */
  alias(node: Node | null = null): Tensor {
    return new Tensor(this.buffer.retain(), this.shape, node);
  }

  /** Another handle to the same elements with another shape of the same size, off the tape. */
  view(shape: Shape): Tensor {
    return new Tensor(this.buffer.retain(), shape);
  }

  /** Puts this tensor at a place on the tape. */
  attach(node: Node): void {
    this.#node = node;
    node.retain();
  }

  #detachNode(): void {
    const node = this.#node;
    this.#node = null;
    node?.release();
  }

  /** Gives the elements back; the tape keeps what it saved. Twice is harmless. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    keep(this);
    this.#detachNode();
    this.#buffer.release();
    this.#grad?.dispose();
  }

  /** `using x = ...` disposes x at the end of its block. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** The same elements off the tape: constant for every gradient. */
  detach(): Tensor {
    return this.alias();
  }

  /** A leaf of the same shape, type and device with other elements. */
  like(values: ArrayLike<number>): Tensor {
    const data = Float64Array.from(values);
    if (data.length !== this.size) {
      throw new ShapeError(
        `Cannot make a tensor of shape ${formatShape(this.shape)} from ${data.length} numbers: ` +
          `${this.size} are needed`,
      );
    }
    const typed = this.dtype === "f64"
      ? data
      : new { f32: Float32Array, i32: Int32Array, u32: Uint32Array }[this.dtype](data);
    return new Tensor(this.device.upload(typed, this.dtype), this.shape);
  }

  /**
   * Takes over the elements of another tensor of the same shape and type; keeps its own place.
   * Both then hold the same buffer: what later updates one in place, shows in the other. Cannot be
   * part of a captured function.
   */
  assign(source: Tensor): void {
    if (!sameShape(source.shape, this.shape) || source.dtype !== this.dtype) {
      throw new ShapeError(
        `Cannot assign a tensor ${source.dtype} ${formatShape(source.shape)} to one ` +
          `${this.dtype} ${formatShape(this.shape)}: shape and type must be the same`,
      );
    }
    if (source.device !== this.device) {
      throw new BackendError(
        `Cannot assign a tensor on ${source.device.backend} to one on ${this.device.backend}: ` +
          "both must be on one device, use to(device)",
      );
    }
    noteRebinding();
    const before = this.buffer;
    this.#buffer = source.buffer.retain();
    before.release();
  }

  /** The same elements on another device, off the tape. Waits for them. */
  async to(device: Device): Promise<Tensor> {
    if (device === this.device) return this.detach();
    const { shape, dtype } = this;
    const moved = new Tensor(device.upload(await this.data(), dtype), shape);
    moved.buffer.bounds = this.buffer.bounds;
    return moved;
  }

  // Reading: the only methods that wait.

  /** A copy of the elements, row-major. */
  async data(): Promise<TypedArray> {
    return (await this.device.read([this.buffer]))[0]!;
  }

  /** The one element of a tensor of size 1. */
  async item(): Promise<number> {
    if (this.size !== 1) {
      throw new ShapeError(
        `Cannot take the item of a tensor of shape ${formatShape(this.shape)}: ` +
          "it must have one element, use data()",
      );
    }
    return (await this.data())[0]!;
  }

  /** The elements as nested arrays; a number for a scalar. */
  async toArray(): Promise<NestedNumbers> {
    return nest(await this.data(), this.shape);
  }

  // Gradients.

  /**
   * Adds the gradient of this scalar to `grad` of every leaf that it depends on.
   *
   * @example
   * ```ts
   * import { tensor } from "tapegrad";
   * const x = tensor([1, 2, 3], { requiresGrad: true });
   * x.square().sum().backward();
   * await x.grad!.data(); // [2, 4, 6]
   * ```
   * @throws GradientError when nothing requires a gradient, for a non-scalar without `gradient`,
   * and on a second walk without `retainGraph`.
   */
  backward(options: BackwardOptions = {}): void {
    const wanted = options.inputs?.map((input) => leafOf(input));
    for (const [node, grad] of this.#walk(options, wanted)) {
      const leaf = node.leaf!;
      if (leaf.isDisposed) { // Nobody would dispose its gradient.
        grad.dispose();
        continue;
      }
      const before = leaf.#grad;
      noteGradientAdded(leaf);
      leaf.#grad = keep(before === null ? grad : before.add(grad));
      if (before === null) continue;
      before.dispose();
      grad.dispose();
    }
  }

  /**
   * The gradients of this scalar with respect to `inputs`, which need not be leaves; `grad` of no
   * tensor is touched. Zeros where this tensor does not depend on an input.
   */
  gradients(inputs: readonly Tensor[], options: BackwardOptions = {}): Tensor[] {
    const wanted = inputs.map((input) => placeOf(input));
    const found = this.#walk(options, wanted);
    const result = inputs.map((input, i) => {
      const grad = found.get(wanted[i]!);
      // Not times 0, which is NaN for infinite elements.
      return grad?.alias(grad.node) ?? tidy(() => input.detach().gate(0));
    });
    for (const grad of found.values()) grad.dispose();
    return result;
  }

  #walk(options: BackwardOptions, wanted: readonly Node[] | undefined): Map<Node, Tensor> {
    const root = rootOf(this);
    if (options.gradient === undefined && this.size !== 1) {
      throw new GradientError(
        `Cannot start backward from a tensor of shape ${formatShape(this.shape)}: ` +
          "it must be a scalar, use sum(), mean() or backward({ gradient })",
      );
    }
    const seed = options.gradient ?? tidy(() => this.#constant(1).expand(this.shape));
    const { retainGraph, createGraph } = options;
    const found = walk(root, seed, { apply, run }, {
      ...(retainGraph === undefined ? {} : { retainGraph }),
      ...(createGraph === undefined ? {} : { createGraph }),
      ...(wanted === undefined ? {} : { wanted }),
    });
    if (options.gradient === undefined) seed.dispose();
    return found;
  }

  // Elementwise, with broadcasting.

  #constant(value: number): Tensor {
    if (!isFloat(this.dtype) && !Number.isInteger(value)) {
      throw new DTypeError(
        `Cannot use the number ${value} as an operand of a tensor of type ${this.dtype}: ` +
          "it must be a whole number, or use cast()",
      );
    }
    return new Tensor(constantBuffer(this.device, this.dtype, value).retain(), []);
  }

  #elementwise(name: ElementwiseName, ...others: readonly Operand[]): Tensor {
    const operands = others.map((x) => typeof x === "number" ? this.#constant(x) : x);
    try {
      return apply(rules.elementwiseRules[name], [this, ...operands], undefined);
    } finally {
      others.forEach((x, i) => typeof x === "number" && operands[i]!.dispose());
    }
  }

  /** -x */
  neg(): Tensor {
    return this.#elementwise("neg");
  }

  /** |x| */
  abs(): Tensor {
    return this.#elementwise("abs");
  }

  /** -1, 0 or 1. Piecewise constant: passes no gradient on. */
  sign(): Tensor {
    return this.#elementwise("sign");
  }

  /** x² */
  square(): Tensor {
    return this.#elementwise("square");
  }

  /** Largest whole number <= x. Piecewise constant. */
  floor(): Tensor {
    return this.#elementwise("floor");
  }

  /** Smallest whole number >= x. Piecewise constant. */
  ceil(): Tensor {
    return this.#elementwise("ceil");
  }

  /** Nearest whole number, halves to even. Piecewise constant. */
  round(): Tensor {
    return this.#elementwise("round");
  }

  /** e^x */
  exp(): Tensor {
    return this.#elementwise("exp");
  }

  /** Natural logarithm. */
  log(): Tensor {
    return this.#elementwise("log");
  }

  /** Square root. */
  sqrt(): Tensor {
    return this.#elementwise("sqrt");
  }

  /** 1 / sqrt(x) */
  rsqrt(): Tensor {
    return this.#elementwise("rsqrt");
  }

  /** 1 / x */
  reciprocal(): Tensor {
    return this.#elementwise("reciprocal");
  }

  /** Sine of radians. */
  sin(): Tensor {
    return this.#elementwise("sin");
  }

  /** Cosine of radians. */
  cos(): Tensor {
    return this.#elementwise("cos");
  }

  /** Hyperbolic tangent. */
  tanh(): Tensor {
    return this.#elementwise("tanh");
  }

  /** 1 / (1 + e^-x) */
  sigmoid(): Tensor {
    return this.#elementwise("sigmoid");
  }

  /** log(1 + e^x) */
  softplus(): Tensor {
    return this.#elementwise("softplus");
  }

  /** max(x, 0). The derivative at 0 is 0. */
  relu(): Tensor {
    return this.#elementwise("relu");
  }

  /** x, and e^x - 1 below 0. */
  elu(): Tensor {
    return this.#elementwise("elu");
  }

  /** x sigmoid(x), also called swish. */
  silu(): Tensor {
    return this.#elementwise("silu");
  }

  /** Gaussian error linear unit, in its tanh form (Hendrycks and Gimpel 2016). */
  gelu(): Tensor {
    return this.#elementwise("gelu");
  }

  /** 1 where x is neither NaN nor infinite, else 0. Piecewise constant. */
  isFinite(): Tensor {
    return this.#elementwise("isFinite");
  }

  /** x + y */
  add(other: Operand): Tensor {
    return this.#elementwise("add", other);
  }

  /** x - y */
  sub(other: Operand): Tensor {
    return this.#elementwise("sub", other);
  }

  /** x y */
  mul(other: Operand): Tensor {
    return this.#elementwise("mul", other);
  }

  /** x / y */
  div(other: Operand): Tensor {
    return this.#elementwise("div", other);
  }

  /** x^y; negative x takes whole y only. */
  pow(other: Operand): Tensor {
    return this.#elementwise("pow", other);
  }

  /** The larger of x and y; the gradient is halved where they are equal. */
  maximum(other: Operand): Tensor {
    return this.#elementwise("maximum", other);
  }

  /** The smaller of x and y; the gradient is halved where they are equal. */
  minimum(other: Operand): Tensor {
    return this.#elementwise("minimum", other);
  }

  /** x where y > 0, else 0: how ReLU passes a gradient on. No gradient for y. */
  gate(other: Operand): Tensor {
    return this.#elementwise("gate", other);
  }

  /** x where x > 0, else slope x. */
  leakyRelu(slope: Operand = 0.01): Tensor {
    return this.#elementwise("leakyRelu", slope);
  }

  /** 1 where x > y, else 0, in the type of x; so are all comparisons. Piecewise constant. */
  gt(other: Operand): Tensor {
    return this.#elementwise("gt", other);
  }

  /** 1 where x >= y, else 0. */
  ge(other: Operand): Tensor {
    return this.#elementwise("ge", other);
  }

  /** 1 where x < y, else 0. */
  lt(other: Operand): Tensor {
    return this.#elementwise("lt", other);
  }

  /** 1 where x <= y, else 0. */
  le(other: Operand): Tensor {
    return this.#elementwise("le", other);
  }

  /** 1 where x equals y, else 0. */
  eq(other: Operand): Tensor {
    return this.#elementwise("eq", other);
  }

  /** 1 where x differs from y, else 0. */
  ne(other: Operand): Tensor {
    return this.#elementwise("ne", other);
  }

  /** `yes` where x is not 0, else `no`. */
  where(yes: Operand, no: Operand): Tensor {
    return this.#elementwise("where", yes, no);
  }

  /** x held between low and high, which count as constants; the gradient is 0 outside. */
  clamp(low: Operand, high: Operand): Tensor {
    return this.#elementwise("clamp", low, high);
  }

  // Products.

  /**
   * Matrix product over the last two axes; leading axes broadcast.
   *
   * Shapes: [..., M, K] and [..., K, N] give [..., M, N].
   */
  matmul(other: Tensor, options: MatmulOptions = {}): Tensor {
    const { transposeA = false, transposeB = false } = options;
    return apply(rules.matmul, [this, other], { transposeA, transposeB });
  }

  /**
   * x W + b, the map of a linear layer: a matrix product over the last axis of x, and a bias.
   *
   * Shapes: x [..., K], W [K, N] and b [N] give [..., N].
   * @throws ShapeError when they do not fit.
   */
  linear(weights: Tensor, bias: Tensor): Tensor {
    const K = this.shape.at(-1) ?? 1, N = weights.shape.at(-1) ?? 1;
    if (this.shape.length < 1 || weights.shape.length !== 2 || !sameShape(bias.shape, [N])) {
      throw new ShapeError(
        `Cannot apply a linear map to shape ${formatShape(this.shape)} with weights ${
          formatShape(weights.shape)
        } and bias ${formatShape(bias.shape)}: they must be [..., K], [K, N] and [N]`,
      );
    }
    if (this.shape.length === 2) return apply(rules.linear, [this, weights, bias], undefined);
    const rows = this.size / (K || 1);
    return tidy(() => {
      const y = apply(rules.linear, [this.reshape([rows, K]), weights, bias], undefined);
      return y.reshape([...this.shape.slice(0, -1), N]);
    });
  }

  // Images: N, H, W, C.

  /**
   * Convolution with weights w, without mirroring them. With s, p, d the stride, padding, dilation:
   * y[n, i, j, o] = sum over u, v, c of x[n, s i + d u - p, s j + d v - p, c] w[u, v, c, o].
   *
   * Shapes: x [N, H, W, Cin] and w [KH, KW, Cin / groups, Cout] give [N, OH, OW, Cout] with
   * OH = floor((H + 2 p - d (KH - 1) - 1) / s) + 1. A bias b[o], shape [Cout], is an option.
   * @throws ShapeError when channels do not fit, RangeError when the kernel does not fit the image.
   */
  conv2d(weights: Tensor, options: Conv2dOptions = {}): Tensor {
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias } = options;
    const inputs = bias === undefined ? [this, weights] as const : [this, weights, bias] as const;
    if (bias !== undefined && !sameShape(bias.shape, weights.shape.slice(3))) {
      throw new ShapeError(
        `Cannot take the convolution with weights ${formatShape(weights.shape)} and a bias of ` +
          `shape ${formatShape(bias.shape)}: it must have one number per output channel`,
      );
    }
    return apply(rules.conv2d, inputs, {
      stride: pair(stride),
      padding: pair(padding),
      dilation: pair(dilation),
      groups,
    });
  }

  /**
   * Largest element of every window, per channel. The border never wins; of equal elements the
   * first does, and gets the whole gradient.
   *
   * Shapes: [N, H, W, C] gives [N, OH, OW, C] with OH = floor((H + 2 p - k) / s) + 1.
   * @throws ShapeError unless there are four axes, RangeError when no window fits.
   */
  maxPool2d({ kernelSize, stride = kernelSize, padding = 0 }: Pool2dOptions): Tensor {
    const params = { kernelSize: pair(kernelSize), stride: pair(stride), padding: pair(padding) };
    return apply(rules.maxPool2d, [this], params);
  }

  /** Mean of every window, per channel. Shapes and errors as for maxPool2d. */
  avgPool2d(options: AvgPool2dOptions): Tensor {
    const { kernelSize, stride = kernelSize, padding = 0, countIncludePad = true } = options;
    const params = { kernelSize: pair(kernelSize), stride: pair(stride), padding: pair(padding) };
    return apply(rules.avgPool2d, [this], { ...params, countIncludePad });
  }

  /** Mean over height and width. Shapes: [N, H, W, C] gives [N, C]. */
  globalAvgPool2d(): Tensor {
    if (this.shape.length === 4) return this.mean([1, 2]);
    throw new ShapeError(
      `Cannot pool a tensor of shape ${formatShape(this.shape)}: it must have the axes N, H, W, C`,
    );
  }

  // Normalization.

  /**
   * Mean and variance over all axes but the last, as constants.
   *
   * Shapes: [..., C] gives two of [C].
   * @throws RangeError for fewer than two values per channel.
   */
  batchStatistics(): BatchStatistics {
    const [mean, variance] = run(batchStatistics, [this], undefined) as [Tensor, Tensor];
    return { mean, variance };
  }

  /**
   * Batch normalization: (x - mean) / sqrt(variance + epsilon) scale + shift per channel, the last
   * axis. For training, mean and variance are those of the batch, and the gradient of x passes
   * through them; for evaluation, give `mean` and `variance`.
   *
   * Shapes: x [..., C]; scale, shift, mean and variance [C].
   *
   * @example
   * ```ts
   * import { ones, tensor, zeros } from "tapegrad";
   * const x = tensor([[1, 10], [3, 30]]); // mean [2, 20], variance [1, 100]
   * x.batchNorm(ones([2]), zeros([2])); // [[-1, -1], [1, 1]], almost
   * ```
   * @throws RangeError in training for fewer than two values per channel.
   */
  batchNorm(scale: Tensor, shift: Tensor, options: BatchNormOptions = {}): Tensor {
    const { epsilon = 1e-5, running, mean, variance } = options;
    if (mean !== undefined && variance !== undefined && running === undefined) {
      return apply(rules.batchNormEval, [this, scale, shift, mean, variance], { epsilon });
    }
    if (mean !== undefined || variance !== undefined) {
      throw new TypeError(
        "Cannot normalize by only one of mean and variance, or by them with running statistics: " +
          "give running, or both mean and variance, or nothing",
      );
    }
    const how = running === undefined ? { epsilon } : { epsilon, running };
    return apply(rules.batchNorm, [this, scale, shift], how);
  }

  // Shape.

  /** Another shape over the same elements; one size may be -1. */
  reshape(shape: Shape): Tensor {
    return apply(rules.reshape, [this], shape);
  }

  /** All axes from `start` on as one. Default start 1: one row per example. */
  flatten(start = 1): Tensor {
    return this.reshape([...this.shape.slice(0, start), sizeOf(this.shape.slice(start))]);
  }

  /** Repeats axes of size 1, and adds axes in front, up to `shape`. */
  expand(shape: Shape): Tensor {
    return sameShape(shape, this.shape)
      ? this.alias(this.#node)
      : apply(rules.expand, [this], shape);
  }

  /** Sums over the axes along which `shape` was broadcast to this tensor's shape. */
  sumTo(shape: Shape): Tensor {
    const axes = broadcastAxes(shape, this.shape);
    if (axes.length === 0 && shape.length === this.shape.length) return this.alias(this.#node);
    return tidy(() => this.sum(axes).reshape(shape));
  }

  /**
   * Axes in another order: axis k of the result is axis `axes[k]` of this tensor.
   *
   * Shapes: [N, H, W, C] with axes [0, 3, 1, 2] gives [N, C, H, W].
   */
  permute(axes: readonly number[]): Tensor {
    const rank = this.shape.length;
    const order = axes.map((axis) => normalizeAxis("permute", axis, rank));
    const moving = order.filter((axis) => this.shape[axis] !== 1);
    const stays = order.length === rank && new Set(order).size === rank &&
      moving.every((axis, i) => i === 0 || axis > moving[i - 1]!);
    // Where only axes of size 1 move, the elements stay where they are.
    if (stays) return this.reshape(order.map((axis) => this.shape[axis]!));
    return apply(rules.permute, [this], { axes: order });
  }

  /** Two axes exchanged. Default: the last two. */
  transpose(a = -2, b = -1): Tensor {
    const rank = this.shape.length;
    const [from, to] = [a, b].map((axis) => normalizeAxis("transpose", axis, rank));
    return this.permute(this.shape.map((_, k) => k === from ? to! : k === to ? from! : k));
  }

  /**
   * Every `step`-th element along one axis from `start` up to `end`, which is left out. Both count
   * from the end of the axis when negative, and stop at its ends. Defaults: to the end, step 1.
   *
   * @example
   * ```ts
   * import { tensor } from "tapegrad";
   * tensor([0, 1, 2, 3, 4]).slice(0, -3, -1); // 2, 3
   * ```
   */
  slice(axis: number, start: number, end: number = Infinity, step: number = 1): Tensor {
    const params = sliceAlong(this.shape, axis, { start, end, step });
    if (sameShape(params.sizes, this.shape)) return this.alias(this.#node);
    return apply(rules.slice, [this], params);
  }

  /**
   * A number around the elements: along each axis `before` and `after` times. A third number per
   * axis is the distance of neighbours in the result; 1, the default, puts nothing between them.
   *
   * Shapes: [H, W] with pairs [[1, 1], [0, 2]] gives [H + 2, W + 2].
   */
  pad(
    pairs: readonly (readonly [before: number, after: number, step?: number])[],
    value = 0,
  ): Tensor {
    const padding = pairs.map(([before, after, step = 1]) => ({ before, after, step }));
    return apply(rules.pad, [this], { padding, value });
  }

  /** Backwards along some axes. Default: all. */
  flip(axes?: number | readonly number[]): Tensor {
    return apply(rules.flip, [this], { axes: normalizeAxes("flip", axes, this.shape.length) });
  }

  /**
   * Without axes of size 1: those given, or all.
   *
   * @throws ShapeError when a given axis has another size.
   */
  squeeze(axes?: number | readonly number[]): Tensor {
    const { shape } = this;
    const given = axes === undefined ? undefined : normalizeAxes("squeeze", axes, shape.length);
    const wrong = given?.find((axis) => shape[axis] !== 1);
    if (wrong !== undefined) {
      throw new ShapeError(
        `Cannot squeeze axis ${wrong} of a tensor of shape ${formatShape(shape)}: ` +
          `its size is ${shape[wrong]}, it must be 1`,
      );
    }
    return this.reshape(shape.filter((size, axis) => given ? !given.includes(axis) : size !== 1));
  }

  /** With a new axis of size 1, which becomes axis `axis` of the result. */
  unsqueeze(axis: number): Tensor {
    const at = normalizeAxis("unsqueeze", axis, this.shape.length + 1);
    return this.reshape(this.shape.toSpliced(at, 0, 1));
  }

  // Elements by index, and types.

  /**
   * One element per index along an axis, each line by its own: for three axes and axis 1,
   * y[i, j, k] = x[i, index[i, j, k], k].
   *
   * @param index i32 or u32, with as many axes; along other axes it may be smaller.
   * @throws RangeError when indices are known to lie outside of the axis. Others are held inside.
   */
  gather(axis: number, index: Tensor): Tensor {
    const along = normalizeAxis("gather", axis, this.shape.length);
    return apply(rules.gather, [this, index], { axis: along });
  }

  /**
   * Elements of one axis by index: rows of a table, examples of a batch. Axes of the indices
   * replace that axis.
   *
   * Shapes: [V, D] by indices [N] gives [N, D] along axis 0.
   *
   * @param indices i32 or u32.
   * @throws RangeError when indices are known to lie outside of the axis. Others are held inside.
   */
  take(indices: Tensor, axis = 0): Tensor {
    const along = normalizeAxis("take", axis, this.shape.length);
    return apply(rules.take, [this, indices], { axis: along });
  }

  /**
   * Integer labels as rows of zeros with a single 1. No gradient.
   *
   * Shapes: [N] gives [N, classes].
   *
   * @throws RangeError when labels are known to lie outside of 0 to classes - 1. Others give zeros.
   */
  oneHot(classes: number, options: { readonly dtype?: DType } = {}): Tensor {
    const { dtype = "f32" } = options;
    this.#checkType("encode labels", dtype);
    return apply(rules.oneHot, [this], { classes, dtype });
  }

  /**
   * The same numbers in another type. To an integer type fractions are cut off and numbers beyond
   * its range become its end; that is piecewise constant.
   */
  cast(dtype: DType): Tensor {
    if (dtype === this.dtype) return this.alias(this.#node);
    this.#checkType("cast", dtype);
    const rule = isFloat(dtype) ? rules.cast : rules.castToInteger;
    return apply(rule, [this], { dtype, from: this.dtype });
  }

  #checkType(act: string, dtype: DType): void {
    if (this.device.dtypes.includes(dtype)) return;
    throw new DTypeError(
      `Cannot ${act} to type ${dtype} on the ${this.device.backend} device: ` +
        `it holds ${this.device.dtypes.join(", ")}`,
    );
  }

  // Random.

  /**
   * 0 with probability p, else x / (1 - p). Which elements are dropped is drawn again on the way
   * back instead of being stored. Takes one step of the stream, whatever p is.
   *
   * @throws RangeError when p is not from 0 to 1.
   */
  dropout(p: number, options: DropoutOptions): Tensor {
    const { random, ids } = options;
    return tidy(() => {
      const key = new Tensor(keyBuffer(this.device, random), [4]);
      if (p === 0) return this.alias(this.#node);
      return apply(rules.dropout, ids === undefined ? [this, key] : [this, key, ids], { p });
    });
  }

  // Reductions. Axes default to all.

  /** Sum over axes. */
  sum(axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
    return apply(rules.sum, [this], this.#reduction("sum", axes, options));
  }

  /** Mean over axes. */
  mean(axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
    return apply(rules.mean, [this], this.#reduction("take the mean", axes, options));
  }

  /** Largest element over axes; the gradient is shared evenly among equal ones. */
  max(axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
    return apply(rules.max, [this], this.#reduction("take the max", axes, options));
  }

  /** Smallest element over axes; the gradient is shared evenly among equal ones. */
  min(axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
    return apply(rules.min, [this], this.#reduction("take the min", axes, options));
  }

  /** Index (i32) of the first largest element along an axis. Piecewise constant. */
  argmax(axis = -1, options: ReduceOptions = {}): Tensor {
    return apply(rules.argmax, [this], this.#reduction("take the argmax", [axis], options));
  }

  /** Index (i32) of the first smallest element along an axis. Piecewise constant. */
  argmin(axis = -1, options: ReduceOptions = {}): Tensor {
    return apply(rules.argmin, [this], this.#reduction("take the argmin", [axis], options));
  }

  /**
   * Mean square distance from the mean over axes of n elements, divided by n - correction instead
   * of n. Default correction 1 (of a sample); 0 for the elements themselves.
   *
   * @throws RangeError when n is not above the correction.
   */
  variance(axes?: number | readonly number[], options: VarianceOptions = {}): Tensor {
    const { correction = 1, keepAxes = false } = options;
    const reduced = normalizeAxes("take the variance", axes, this.shape.length);
    const degrees = sizeOf(reduced.map((axis) => this.shape[axis]!)) - correction;
    if (!(degrees > 0)) {
      throw new RangeError(
        `Cannot take the variance over ${degrees + correction} elements with correction ` +
          `${correction}: there must be more elements than the correction`,
      );
    }
    return tidy(() => {
      const distance = this.sub(this.mean(reduced, { keepAxes: true }));
      return distance.square().sum(reduced, { keepAxes }).div(degrees);
    });
  }

  /**
   * Length of vectors along axes: (sum |x|^order)^(1/order) for order 1 or 2, max |x| for Infinity.
   * Neither overflows nor underflows: elements are divided by the largest one before squaring.
   * A zero vector has norm 0 and gradient 0.
   */
  norm(axes?: number | readonly number[], options: NormOptions = {}): Tensor {
    const { order = 2 } = options;
    if (order !== 1 && order !== 2 && order !== Infinity) {
      throw new RangeError(
        `Cannot take the norm of order ${order}: the order must be 1, 2 or Infinity`,
      );
    }
    const reduced = normalizeAxes("take the norm", axes, this.shape.length);
    const empty = reduced.some((axis) => this.shape[axis] === 0);
    return tidy(() => {
      if (order === 1 || empty) return this.abs().sum(reduced, options);
      if (order === Infinity) return this.abs().max(reduced, options);
      // A constant for the gradient: the norm does not depend on it.
      const scale = this.detach().abs().max(reduced, { keepAxes: true });
      const zero = scale.eq(0);
      const squares = this.div(scale.add(zero)).square().sum(reduced, { keepAxes: true });
      const result = squares.add(zero).sqrt().mul(scale);
      return result.reshape(reduceShape(this.shape, reduced, options.keepAxes ?? false));
    });
  }

  /** log(sum of e^x) along an axis, without overflow. Default: the last axis. */
  logSumExp(axis = -1, options: ReduceOptions = {}): Tensor {
    return apply(rules.logSumExp, [this], this.#reduction("take the logSumExp", [axis], options));
  }

  /** e^x / sum of e^x along an axis, without overflow. Default: the last axis. */
  softmax(axis = -1): Tensor {
    const along = normalizeAxis("take the softmax", axis, this.shape.length);
    return apply(rules.softmax, [this], { axis: along });
  }

  /** x - log(sum of e^x) along an axis: the logarithm of softmax. Default: the last axis. */
  logSoftmax(axis = -1): Tensor {
    const along = normalizeAxis("take the logSoftmax", axis, this.shape.length);
    return apply(rules.logSoftmax, [this], { axis: along });
  }

  // Losses of logits.

  /**
   * Cross-entropy of these logits z with class numbers t: log(sum of e^z_j) - z_t.
   *
   * Shapes: logits [N, C] and labels [N], i32 or u32, give a scalar, with `reduction: "none"` [N].
   *
   * @example
   * ```ts
   * import { tensor } from "tapegrad";
   * const logits = tensor([[2, 0, -1], [0, 1, 0]], { requiresGrad: true });
   * const labels = tensor([0, 1], { dtype: "i32" });
   * logits.crossEntropy(labels).backward();
   * ```
   * @throws RangeError for labels out of 0..C-1. Labels that were computed on the device are not
   * looked at: there such an example gets the loss NaN.
   */
  crossEntropy(labels: Tensor, options: CrossEntropyOptions = {}): Tensor {
    const { reduction = "mean", labelSmoothing = 0 } = options;
    if (!["mean", "sum", "none"].includes(reduction)) {
      throw new RangeError(
        `Cannot take the cross entropy with reduction ${JSON.stringify(reduction)}: ` +
          'it must be "mean", "sum" or "none"',
      );
    }
    if (reduction === "mean" && this.shape.length === 2 && isMeanAtOnce(this.shape)) {
      return apply(rules.crossEntropyMean, [this, labels], { labelSmoothing });
    }
    return tidy(() => {
      const losses = apply(rules.crossEntropy, [this, labels], { labelSmoothing });
      if (reduction === "none") return losses;
      return reduction === "sum" ? losses.sum() : losses.mean();
    });
  }

  /**
   * How far these logits z are from class numbers t, per example:
   * log(sum over j != t of e^z_j) - z_t, negative where t has most of the probability. Cross-entropy is softplus of it; unlike that, its
   * gradient vanishes for no network, however certain, and points the same way.
   *
   * Shapes: logits [N, C] and labels [N], i32 or u32, give [N]. Labels as for crossEntropy.
   */
  margin(labels: Tensor): Tensor {
    return apply(rules.margin, [this, labels], undefined);
  }

  #reduction(
    act: string,
    axes: number | readonly number[] | undefined,
    { keepAxes = false }: ReduceOptions,
  ): { readonly axes: readonly number[]; readonly keepAxes: boolean } {
    return { axes: normalizeAxes(act, axes, this.shape.length), keepAxes };
  }
}

/** The node of a tensor whose gradient is wanted. */
function placeOf(input: Tensor): Node {
  if (input.node !== null) return input.node;
  throw new GradientError(
    `Cannot take the gradient with respect to a tensor of shape ${formatShape(input.shape)}: ` +
      "it does not require one, set requiresGrad before computing with it",
  );
}

function leafOf(input: Tensor): Node {
  const node = placeOf(input);
  if (node.leaf !== null) return node;
  throw new GradientError(
    `Cannot add to the gradient of the result of ${node.rule?.name}: ` +
      "inputs of backward() must be leaves, use gradients()",
  );
}
