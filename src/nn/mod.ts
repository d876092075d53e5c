/**
 * Networks: modules, layers, how weights start, losses, optimisers and schedules.
 *
 * A module is plain data. Its parameters are found by walking its fields, layers with weights take
 * the stream that they draw from, and nothing is kept in a registry or a global.
 *
 * @module
 */
export { Module } from "./module.ts";
export type { LoadOptions, LoadReport } from "./state.ts";
export { frozen, rememberModes, withMode } from "./modes.ts";

export {
  ELU,
  GELU,
  LeakyReLU,
  ReLU,
  Sigmoid,
  SiLU,
  Softmax,
  Softplus,
  Tanh,
} from "./layers/activations.ts";
export { Flatten, Identity, Sequential } from "./layers/containers.ts";
export { Conv2d, type ConvolutionOptions } from "./layers/convolution.ts";
export { Dropout } from "./layers/dropout.ts";
export { Linear, type LinearOptions } from "./layers/linear.ts";
export { BatchNorm2d, type NormalizationOptions, Normalize } from "./layers/normalization.ts";
export {
  AvgPool2d,
  type AvgPoolingOptions,
  GlobalAvgPool2d,
  MaxPool2d,
  Pool2d,
  type PoolingOptions,
} from "./layers/pooling.ts";

export {
  type Fans,
  fansOf,
  gainOf,
  type InitOptions,
  kaimingNormal,
  type KaimingOptions,
  kaimingUniform,
  type Nonlinearity,
  uniformFan,
  type UniformFanOptions,
  xavierNormal,
  type XavierOptions,
  xavierUniform,
} from "./init.ts";
export { type LossOptions, mseLoss } from "./losses.ts";

export { Adam, type AdamOptions, AdamW } from "./optim/adam.ts";
export {
  type AveragingOptions,
  Optimizer,
  type ParameterList,
  type Rates,
} from "./optim/optimizer.ts";
export {
  constant,
  cosine,
  oneCycle,
  type OneCycleOptions,
  type Schedule,
  stepDecay,
  warmup,
} from "./optim/schedules.ts";
export { SGD, type SgdOptions } from "./optim/sgd.ts";
export type { OptimizerState } from "./optim/state.ts";

export {
  describedModel,
  descriptionOf,
  type ModelDescription,
  type RestoredModel,
  restoreModel,
  type RestoreOptions,
} from "./models/described.ts";
export { smallCnn, type SmallCnnOptions } from "./models/small_cnn.ts";
export { DenseLayer, DenseNet, type DenseNetOptions } from "./models/densenet.ts";
export { InceptionBlock, InceptionDownsample, SmallInception } from "./models/inception.ts";
export {
  type ModelCost,
  modelCost,
  type ModelEntry,
  type ModelName,
  models,
} from "./models/models.ts";
export type { ModelOptions, PartOptions } from "./models/parts.ts";
export {
  BasicBlock,
  ResNet,
  resnet18,
  resnet20,
  resnet8,
  type ResNetOptions,
} from "./models/resnet.ts";
export { Vgg, type VggOptions } from "./models/vgg.ts";

export type { StoredType } from "./checkpoint/header.ts";
export type { FlattenedChannels } from "./checkpoint/layout.ts";
export { type CheckpointOptions, loadModel, saveModel } from "./checkpoint/model.ts";
export {
  readSafetensors,
  type SafetensorsFile,
  type StoredData,
  type StoredTensor,
  type WritableTensor,
  writeSafetensors,
} from "./checkpoint/safetensors.ts";

export { exportOnnx, type OnnxOptions } from "./onnx/export.ts";
