import { isFloat } from "../../dtype.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { formatShape, sameShape, type Shape } from "../../shape.ts";
import type { Spec } from "../kernel.ts";
import { checkWindows, type Pair, type Window, type WindowParams, windowsOf } from "../window.ts";

/** How a kernel slides over images. */
export interface Conv2dParams extends WindowParams {
  /** Channels are cut into this many groups, which do not see each other. */
  readonly groups: number;
}

/** The gradient of the images also needs their height and width: several give the same result. */
export interface Conv2dInputGradParams extends Conv2dParams {
  readonly size: Pair;
}

/** The gradient of the weights also needs their height and width. */
export interface Conv2dWeightGradParams extends Conv2dParams {
  readonly kernelSize: Pair;
  /** A second output [Cout]: the sum of the gradient, which is that of a bias. Default false. */
  readonly bias?: boolean;
}

/** The sizes of a convolution: images [N, H, W, Cin], weights [KH, KW, I, Cout]. */
export interface Conv2dSizes {
  readonly N: number;
  readonly H: number;
  readonly W: number;
  readonly Cin: number;
  readonly KH: number;
  readonly KW: number;
  readonly OH: number;
  readonly OW: number;
  readonly Cout: number;
  readonly groups: number;
  /** Input channels of a group. */
  readonly I: number;
  /** Output channels of a group. */
  readonly O: number;
  /** The windows along H and along W. */
  readonly windows: readonly [Window, Window];
}

/** What is convolved, for messages. */
interface Said {
  readonly said: string;
  readonly params: Conv2dParams;
}

function sizesOf(x: Shape, w: Shape, { said, params }: Said): Conv2dSizes {
  const [N, H, W, Cin] = x as [number, number, number, number];
  const [KH, KW, I, Cout] = w as [number, number, number, number];
  const { groups } = params;
  if (!Number.isInteger(groups) || groups < 1 || Cin % groups !== 0 || Cout % groups !== 0) {
    throw new RangeError(
      `${said}: groups is ${groups}, it must be a whole number >= 1 that divides both the ` +
        `${Cin} input and the ${Cout} output channels`,
    );
  }
  if (I !== Cin / groups) {
    throw new ShapeError(
      `${said}: the images have ${Cin} channels in ${groups} groups, so the weights must have ` +
        `${Cin / groups} input channels, not ${I}`,
    );
  }
  const windows = windowsOf([H, W], [KH, KW], params);
  const [OH, OW] = checkWindows(said, windows);
  return { N, H, W, Cin, KH, KW, OH, OW, Cout, groups, I, O: Cout / groups, windows };
}

function say(act: string, operands: Readonly<Record<string, Spec>>, params: Conv2dParams): Said {
  const parts = Object.entries(operands).map(([name, { shape }]) =>
    `${name} ${formatShape(shape)}`
  );
  const said = `Cannot ${act} of ${parts.join(" and ")}`;
  const specs = Object.values(operands);
  if (specs.some(({ shape }) => shape.length !== 4)) {
    throw new ShapeError(
      `${said}: both must have four axes, images N, H, W, C and weights KH, KW, Cin/groups, Cout`,
    );
  }
  const [a, b] = specs as [Spec, Spec];
  if (a.dtype !== b.dtype || !isFloat(a.dtype)) {
    throw new DTypeError(`${said}: types ${a.dtype} and ${b.dtype} must both be f32 or both f64`);
  }
  return { said, params };
}

function checkResult({ said }: Said, g: Shape, { N, OH, OW, Cout }: Conv2dSizes): void {
  const wanted = [N, OH, OW, Cout];
  if (sameShape(g, wanted)) return;
  throw new ShapeError(
    `${said}: the gradient is that of a result of shape ${
      formatShape(wanted)
    }, it must have it too`,
  );
}

/** Checks images and weights, and gives the sizes. */
export function conv2dSizes(x: Spec, w: Spec, params: Conv2dParams): Conv2dSizes {
  return sizesOf(x.shape, w.shape, say("take the convolution", { images: x, weights: w }, params));
}

/** Checks the gradient of a result and weights, and gives the sizes. */
export function inputGradSizes(g: Spec, w: Spec, params: Conv2dInputGradParams): Conv2dSizes {
  const act = "take a convolution's input gradient";
  const said = say(act, { "a gradient": g, weights: w }, params);
  const x = [g.shape[0]!, ...params.size, w.shape[2]! * params.groups];
  const sizes = sizesOf(x, w.shape, said);
  checkResult(said, g.shape, sizes);
  return sizes;
}

/** Checks images and the gradient of a result, and gives the sizes. */
export function weightGradSizes(x: Spec, g: Spec, params: Conv2dWeightGradParams): Conv2dSizes {
  const act = "take a convolution's weight gradient";
  const said = say(act, { images: x, "a gradient": g }, params);
  const w = [...params.kernelSize, x.shape[3]! / params.groups, g.shape[3]!];
  const sizes = sizesOf(x.shape, w, said);
  checkResult(said, g.shape, sizes);
  return sizes;
}
