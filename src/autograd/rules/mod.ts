/**
 * Rules: one file per operation, what it computes and how a gradient passes back through it.
 *
 * @module
 */
export { elementwiseRules } from "./elementwise.ts";
export { crossEntropy, crossEntropyGrad, crossEntropyMean } from "./cross_entropy.ts";
export { avgPool2d, avgPool2dGrad } from "./avg_pool2d.ts";
export { batchNorm, batchNormEval } from "./batch_norm.ts";
export { conv2d, conv2dInputGrad, conv2dWeightGrad } from "./conv2d.ts";
export { expand } from "./expand.ts";
export { margin, marginGrad } from "./margin.ts";
export { maxPool2d, maxPool2dGrad } from "./max_pool2d.ts";
export { linear } from "./linear.ts";
export { matmul } from "./matmul.ts";
export { argmax, argmin, max, mean, min, sum } from "./reduce.ts";
export { reshape } from "./reshape.ts";
export { cast, castToInteger } from "./cast.ts";
export { cat } from "./cat.ts";
export { dropout } from "./dropout.ts";
export { flip } from "./flip.ts";
export { gather, scatterAdd } from "./gather.ts";
export { oneHot } from "./one_hot.ts";
export { pad } from "./pad.ts";
export { permute } from "./permute.ts";
export { slice } from "./slice.ts";
export { take, takeGrad } from "./take.ts";
export { logSoftmax, logSumExp, softmax } from "./softmax.ts";
