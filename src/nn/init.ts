/**
 * How weights start. Every function draws from the stream that it is given and from nothing else;
 * the uniform ones give the same bits on every backend.
 *
 * @module
 */
import { ShapeError } from "../errors.ts";
import { tidy } from "../scope.ts";
import { formatShape, type Shape } from "../shape.ts";
import { rand, randn, type RandomOptions, type Tensor } from "../tensor/mod.ts";

/** Numbers that feed into one output of a weight, and numbers that one input feeds into. */
export interface Fans {
  /** Into one output. */
  readonly fanIn: number;
  /** Out of one input. */
  readonly fanOut: number;
}

/**
 * The fans of a weight [in, out] or [KH, KW, in / groups, out]. As in PyTorch, groups reduce fanIn
 * (through the shape) but not fanOut.
 *
 * @example
 * ```ts
 * import { fansOf } from "tapegrad";
 * fansOf([3, 3, 16, 32]); // { fanIn: 144, fanOut: 288 }
 * ```
 * @throws ShapeError for any other number of axes.
 */
export function fansOf(shape: Shape): Fans {
  if (shape.length !== 2 && shape.length !== 4) {
    throw new ShapeError(
      `Cannot count the fans of a weight of shape ${formatShape(shape)}: ` +
        "it must be [in, out] or [KH, KW, in / groups, out]",
    );
  }
  const [inputs, outputs] = shape.slice(-2) as [number, number];
  const field = shape.slice(0, -2).reduce((product, size) => product * size, 1);
  return { fanIn: field * inputs, fanOut: field * outputs };
}

/** What follows the layer, for the gain: ReLU and its leaky form lose a part of the variance. */
export type Nonlinearity = "linear" | "sigmoid" | "tanh" | "relu" | "leakyRelu";

/** Where the numbers come from, and where and how the tensor is made. */
export type InitOptions = Omit<RandomOptions, "ids">;

/** Kaiming's choices. */
export interface KaimingOptions extends InitOptions {
  /** Keep the variance of the forward values or of the gradients. Default "fanIn". */
  readonly mode?: "fanIn" | "fanOut";
  /** Default "leakyRelu", which for slope 0 is ReLU. */
  readonly nonlinearity?: Nonlinearity;
  /** Slope below 0, for "leakyRelu" only. Default 0. */
  readonly slope?: number;
}

/** Xavier's choices. */
export interface XavierOptions extends InitOptions {
  /** Factor on the standard deviation. Default 1. */
  readonly gain?: number;
}

/** Choices of `uniformFan`. */
export interface UniformFanOptions extends InitOptions {
  /** Default: that of the shape. A bias takes the fanIn of its weight. */
  readonly fanIn?: number;
}

/** The factor on the standard deviation that makes up for a nonlinearity, as in PyTorch. */
export function gainOf(nonlinearity: Nonlinearity, slope = 0.01): number {
  switch (nonlinearity) {
    case "linear":
    case "sigmoid":
      return 1;
    case "tanh":
      return 5 / 3;
    case "relu":
      return Math.SQRT2;
    case "leakyRelu":
      return Math.sqrt(2 / (1 + slope ** 2));
    default:
      throw new RangeError(
        `Cannot choose a gain for ${JSON.stringify(nonlinearity)}: ` +
          "it must be linear, sigmoid, tanh, relu or leakyRelu",
      );
  }
}

/** Uniform in [-bound, bound). */
function uniform(shape: Shape, bound: number, options: InitOptions): Tensor {
  const { requiresGrad = false, ...where } = options;
  // Twice a 24-bit number less a bound is exact before its one rounding: the same on every backend.
  const weight = tidy(() => rand(shape, where).mul(2 * bound).sub(bound));
  weight.requiresGrad = requiresGrad;
  return weight;
}

/** Normal with mean 0. */
function normal(shape: Shape, deviation: number, options: InitOptions): Tensor {
  const { requiresGrad = false, ...where } = options;
  const weight = tidy(() => randn(shape, where).mul(deviation));
  weight.requiresGrad = requiresGrad;
  return weight;
}

function kaimingDeviation(shape: Shape, options: KaimingOptions): number {
  const { mode = "fanIn", nonlinearity = "leakyRelu", slope = 0 } = options;
  return gainOf(nonlinearity, slope) / Math.sqrt(fansOf(shape)[mode]);
}

function xavierDeviation(shape: Shape, { gain = 1 }: XavierOptions): number {
  const { fanIn, fanOut } = fansOf(shape);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
}

/**
 * Kaiming's uniform initialization (He, Zhang, Ren, Sun, 2015): within ± gain sqrt(3 / fan).
 *
 * @example
 * ```ts
 * import { kaimingUniform, RandomStream } from "tapegrad";
 * kaimingUniform([3, 3, 16, 32], { random: new RandomStream(1) }); // within ± sqrt(6 / 144)
 * ```
 */
export function kaimingUniform(shape: Shape, options: KaimingOptions): Tensor {
  return uniform(shape, Math.sqrt(3) * kaimingDeviation(shape, options), options);
}

/** Kaiming's normal initialization: mean 0, standard deviation gain / sqrt(fan). */
export function kaimingNormal(shape: Shape, options: KaimingOptions): Tensor {
  return normal(shape, kaimingDeviation(shape, options), options);
}

/** Xavier's uniform initialization (Glorot, Bengio, 2010): within ± gain sqrt(6 / (fanIn + fanOut)). */
export function xavierUniform(shape: Shape, options: XavierOptions): Tensor {
  return uniform(shape, Math.sqrt(3) * xavierDeviation(shape, options), options);
}

/** Xavier's normal initialization: standard deviation gain sqrt(2 / (fanIn + fanOut)). */
export function xavierNormal(shape: Shape, options: XavierOptions): Tensor {
  return normal(shape, xavierDeviation(shape, options), options);
}

/**
 * PyTorch's default for weights and biases of linear layers and convolutions: uniform within
 * ± 1 / sqrt(fanIn), which is `kaimingUniform` with slope sqrt(5).
 */
export function uniformFan(shape: Shape, options: UniformFanOptions): Tensor {
  const { fanIn = fansOf(shape).fanIn, ...others } = options;
  return uniform(shape, 1 / Math.sqrt(fanIn), others);
}
