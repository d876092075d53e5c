/**
 * Data: labelled images in memory, batches of them, and where they come from. What needs
 * files has a door of its own, `node.ts`, so that browsers can bundle this one.
 *
 * @module
 */
export type { Augmentation } from "./augment.ts";
export type { Bytes } from "./bytes.ts";
export { cacheStore, type CacheStoreOptions } from "./cache_store.ts";
export { DataError } from "./data_error.ts";
export type { DataFile, DataProgress, FileStore } from "./data_file.ts";
export {
  type Batch,
  batches,
  batchOf,
  type BatchOptions,
  type Dataset,
  dataset,
  disposeBatch,
  split,
  subset,
} from "./dataset.ts";
export { divide } from "./divide.ts";
export {
  cifar100Source,
  cifar10Source,
  fashionMnistSource,
  mnistSource,
  type ReadOptions,
  type Source,
  type TrainTest,
} from "./sources.ts";
