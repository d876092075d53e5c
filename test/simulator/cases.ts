// The kernels that the simulator runs, all their ways, with shapes that have edges.

import {
  avgPool2d,
  batchNormGrad,
  batchStatistics,
  type Candidate,
  conv2d,
  conv2dInputGrad,
  conv2dWeightGrad,
  crossEntropy,
  crossEntropyMeanBoth,
  euclideanStep,
  type Kernel,
  margin,
  marginGrad,
  matmul,
  max,
  maxPool2d,
  maxPool2dGrad,
  mean,
  softmax,
  type Spec,
  sum,
} from "../../src/kernels/mod.ts";

/** A kernel call. */
export interface Case {
  // deno-lint-ignore no-explicit-any
  readonly kernel: Kernel<any>;
  readonly inputs: readonly Spec[];
  readonly params: unknown;
  /** Element `at` of operands of whole numbers. Default: 0 to 4 in turn. */
  readonly whole?: (at: number) => number;
}

const f32 = (...shape: number[]): Spec => ({ shape, dtype: "f32" });
const i32 = (...shape: number[]): Spec => ({ shape, dtype: "i32" });

const product = (
  [m, k, n]: readonly [number, number, number],
  across: { readonly transposeA?: boolean; readonly transposeB?: boolean } = {},
): Case => {
  const { transposeA = false, transposeB = false } = across;
  const a = transposeA ? f32(k, m) : f32(m, k), b = transposeB ? f32(n, k) : f32(k, n);
  return { kernel: matmul, inputs: [a, b], params: { transposeA, transposeB } };
};

const slide = { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 } as const;
const strided = { ...slide, stride: [2, 2] } as const;
const pool = { kernelSize: [2, 2], stride: [2, 2], padding: [0, 0] } as const;

/** Cases by name. */
export const CASES: Readonly<Record<string, Case>> = {
  "a product with edges": product([67, 37, 35]),
  "a product of whole tiles": product([128, 48, 64]),
  "a product with A across": product([64, 40, 36], { transposeA: true }),
  "a product with B across": product([40, 64, 48], { transposeB: true }),
  "an odd product, A across": product([67, 37, 35], { transposeA: true }),
  "an odd product, B across": product([67, 37, 35], { transposeB: true }),
  "an odd product, both across": product([67, 37, 35], { transposeA: true, transposeB: true }),
  "a product of odd pairs": product([66, 38, 34]),
  "a product with odd columns alone": product([40, 64, 37], { transposeB: true }),
  "a product with few outputs": product([20, 300, 12]),
  "a thin product": product([2, 150, 70]),
  "a convolution": {
    kernel: conv2d,
    inputs: [f32(2, 9, 7, 8), f32(3, 3, 8, 20)],
    params: slide,
  },
  "a strided convolution": {
    kernel: conv2d,
    inputs: [f32(2, 9, 8, 6), f32(3, 3, 6, 16)],
    params: strided,
  },
  "an odd convolution": {
    kernel: conv2d,
    inputs: [f32(2, 9, 7, 5), f32(3, 3, 5, 7)],
    params: slide,
  },
  "a convolution of longer lines": {
    kernel: conv2d,
    inputs: [f32(2, 5, 13, 4), f32(3, 3, 4, 8)],
    params: slide,
  },
  "the gradient of images with longer lines": {
    kernel: conv2dInputGrad,
    inputs: [f32(2, 5, 13, 8), f32(3, 3, 4, 8)],
    params: { ...slide, size: [5, 13] },
  },
  "the gradient of odd images": {
    kernel: conv2dInputGrad,
    inputs: [f32(2, 9, 7, 7), f32(3, 3, 5, 7)],
    params: { ...slide, size: [9, 7] },
  },
  "the gradient of odd weights": {
    kernel: conv2dWeightGrad,
    inputs: [f32(2, 9, 7, 5), f32(2, 9, 7, 7)],
    params: { ...slide, kernelSize: [3, 3], bias: true },
  },
  "the gradient of its images": {
    kernel: conv2dInputGrad,
    inputs: [f32(2, 5, 4, 16), f32(3, 3, 8, 16)],
    params: { ...strided, size: [9, 8] },
  },
  "the gradient of its weights": {
    kernel: conv2dWeightGrad,
    inputs: [f32(2, 9, 7, 8), f32(2, 9, 7, 12)],
    params: { ...slide, kernelSize: [3, 3], bias: true },
  },
  "sums over rows": { kernel: sum, inputs: [f32(5, 130)], params: { axes: [1], keepAxes: false } },
  "sums over columns": {
    kernel: sum,
    inputs: [f32(90, 6)],
    params: { axes: [0], keepAxes: false },
  },
  "sums of few": {
    kernel: mean,
    inputs: [f32(3, 4000)],
    params: { axes: [0, 1], keepAxes: false },
  },
  "maxima in the middle": {
    kernel: max,
    inputs: [f32(3, 40, 5)],
    params: { axes: [1], keepAxes: false },
  },
  "softmax": { kernel: softmax, inputs: [f32(7, 33)], params: { axis: 1 } },
  "margins": { kernel: margin, inputs: [f32(9, 10), i32(9)], params: undefined },
  "gradients of margins": {
    kernel: marginGrad,
    inputs: [f32(9, 10), i32(9), f32(9)],
    params: undefined,
  },
  "cross-entropy": {
    kernel: crossEntropy,
    inputs: [f32(9, 10), i32(9)],
    params: { labelSmoothing: 0 },
  },
  "the mean of cross-entropies": {
    kernel: crossEntropyMeanBoth,
    inputs: [f32(9, 10), i32(9), f32(9)],
    params: { labelSmoothing: 0.1 },
  },
  "statistics of a batch": {
    kernel: batchStatistics,
    inputs: [f32(4, 6, 5, 12)],
    params: undefined,
  },
  "the gradient of a batch norm": {
    kernel: batchNormGrad,
    inputs: [f32(4, 6, 5, 12), f32(4, 6, 5, 12), f32(12), f32(12), f32(12)],
    params: { epsilon: 1e-5 },
  },
  "the gradient of maximum pooling": {
    kernel: maxPool2dGrad,
    inputs: [f32(2, 3, 3, 8), i32(2, 3, 3, 8)],
    params: { ...pool, size: [6, 6] },
    // The first place of every window: of 3 x 3 windows with 8 channels, in images 6 wide.
    whole: (at) => Math.floor(at / 24) % 3 * 12 + Math.floor(at / 8) % 3 * 2,
  },
  "maximum pooling": { kernel: maxPool2d, inputs: [f32(2, 6, 6, 8)], params: pool },
  "mean pooling": { kernel: avgPool2d, inputs: [f32(2, 6, 6, 8)], params: pool },
  "a Euclidean step": {
    kernel: euclideanStep,
    inputs: [f32(3, 150), f32(3, 150), f32(3, 150)],
    params: { stepSize: 0.5, eps: 0.8, box: [0, 1] },
  },
};

/** All ways of a case; the one way of a kernel that has no choice is called "only". */
export function waysOf(
  { kernel, inputs, params }: Case,
): readonly Pick<Candidate, "name" | "program">[] {
  const outputs = kernel.outputs(inputs, params);
  return kernel.candidates?.(inputs, outputs, params) ??
    [{ name: "only", program: () => kernel.webgpu(inputs, outputs, params) }];
}
