/**
 * Kernels: what is computed. One name, one file, or one folder when it grows, with the twins of
 * every backend side by side.
 *
 * @module
 */
export * from "./kernel.ts";
export type { Epilogue } from "./epilogue.ts";
export { sumSegments, type Target } from "./tiles/sum_parts.ts";
export { bare, finished, type FinishedParams } from "./finished.ts";
export { elementwise } from "./elementwise/kernel.ts";
export * from "./elementwise/table.ts";
export {
  type ChainParams,
  type ChainSource,
  type ChainStep,
  elementwiseChain,
  MAX_CHAIN_OPERANDS,
  MAX_CHAIN_STEPS,
} from "./elementwise_chain/kernel.ts";
export {
  crossEntropy,
  crossEntropyBoth,
  crossEntropyGrad,
  crossEntropyMean,
  crossEntropyMeanBoth,
  type CrossEntropyParams,
  isMeanAtOnce,
} from "./cross_entropy/kernel.ts";
export {
  avgPool2d,
  avgPool2dGrad,
  type AvgPoolGradParams,
  type AvgPoolParams,
} from "./pooling/avg_pool2d.ts";
export {
  batchNorm,
  type BatchNormGradParams,
  batchNormInputGrad,
  type BatchNormParams,
  batchNormSums,
  batchStatistics,
} from "./batch_norm/kernel.ts";
export {
  batchNormGrad,
  batchNormRunning,
  type BatchNormRunningParams,
  batchNormTraining,
} from "./batch_norm/training.ts";
export { conv2d, conv2dInputGrad, conv2dWeightGrad } from "./conv2d/kernel.ts";
export type {
  Conv2dInputGradParams,
  Conv2dParams,
  Conv2dWeightGradParams,
} from "./conv2d/sizes.ts";
export { maxPool2d, maxPool2dGrad } from "./pooling/max_pool2d.ts";
export type { PoolGradParams, PoolParams } from "./pooling/sizes.ts";
export { type Pair, pair, type PairOption } from "./window.ts";
export { expand } from "./expand.ts";
export { euclideanStep } from "./euclidean_step/kernel.ts";
export type { EuclideanStepParams } from "./euclidean_step/params.ts";
export { margin, marginGrad } from "./margin/kernel.ts";
export { matmul } from "./matmul/kernel.ts";
export type { MatmulParams } from "./matmul/sizes.ts";
export { adam, amsgrad } from "./optimizers/adam.ts";
export {
  runningStatistics,
  type RunningStatisticsParams,
} from "./optimizers/running_statistics.ts";
export { sgd, sgdMomentum, type SgdMomentumParams } from "./optimizers/sgd.ts";
export { random } from "./random/kernel.ts";
export type { RandomParams } from "./random/stream.ts";
export { argmax, argmin, max, mean, min, type ReduceParams, sum } from "./reduce/kernel.ts";
export { cast, type CastParams } from "./cast.ts";
export { cat, type CatParams, MAX_CAT } from "./cat.ts";
export { dropout, type DropoutParams } from "./dropout.ts";
export { flip, type FlipParams } from "./strided/flip.ts";
export { gather, type GatherParams, scatterAdd, type ScatterAddParams } from "./gather.ts";
export { oneHot, type OneHotParams } from "./one_hot.ts";
export { pad, type Padding, type PadParams } from "./pad.ts";
export { permute, type PermuteParams } from "./strided/permute.ts";
export { slice, sliceAlong, type SliceParams } from "./strided/slice.ts";
export { take, takeGrad, type TakeGradParams, type TakeParams } from "./take.ts";
export { logSoftmax, logSumExp, softmax, type SoftmaxParams } from "./softmax/kernel.ts";
