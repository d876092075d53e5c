/**
 * Data that comes from files: for Node and Deno, not for browsers.
 *
 * @module
 */
export { cacheFolder, type Surroundings } from "./node/cache_folder.ts";
export { digits } from "./node/digits.ts";
export { fileStore, type LoadOptions } from "./node/file_store.ts";
export { imageFolder, type ImageFolderOptions } from "./node/image_folder.ts";
export {
  cifar10,
  cifar100,
  type Cifar100Options,
  cifarFile,
  fashionMnist,
  loadSource,
  mnist,
} from "./node/loaders.ts";
