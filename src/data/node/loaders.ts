/**
 * The known datasets, from disk or from the net.
 *
 * @module
 */
import { unpack } from "../bytes.ts";
import { parseCifar } from "../cifar.ts";
import { CIFAR10, CIFAR100_COARSE, CIFAR100_FINE } from "../cifar_names.ts";
import { DataError } from "../data_error.ts";
import { type Dataset, dataset } from "../dataset.ts";
import {
  cifar100Source,
  cifar10Source,
  fashionMnistSource,
  mnistSource,
  type Source,
  type TrainTest,
} from "../sources.ts";
import { fileStore, type LoadOptions, readLimited } from "./file_store.ts";

/** Records of at most 60,000 images, the whole of a CIFAR. */
const CIFAR_LIMIT = 60_000 * 3074;

/** Loads a dataset by its description. */
export async function loadSource(source: Source, options: LoadOptions = {}): Promise<TrainTest> {
  const { verify = true } = options;
  return await source.read(fileStore(source, options), { verify });
}

/**
 * MNIST: 60,000 + 10,000 images of 28x28x1.
 *
 * @throws DataError when files are missing, truncated, corrupt or other ones.
 */
export async function mnist(options: LoadOptions = {}): Promise<TrainTest> {
  return await loadSource(mnistSource, options);
}

/**
 * Fashion-MNIST: 60,000 + 10,000 images of 28x28x1. Files of Debian's dataset-fashion-mnist are
 * found by themselves.
 *
 * @throws DataError when files are missing, truncated, corrupt or other ones.
 */
export async function fashionMnist(options: LoadOptions = {}): Promise<TrainTest> {
  return await loadSource(fashionMnistSource, options);
}

/**
 * CIFAR-10: 50,000 + 10,000 images of 32x32x3, from the batches in a folder or the archive.
 *
 * @throws DataError when files are missing, truncated, corrupt or other ones.
 */
export async function cifar10(options: LoadOptions = {}): Promise<TrainTest> {
  return await loadSource(cifar10Source, options);
}

/** Which of its labels CIFAR-100 comes with. */
export interface Cifar100Options extends LoadOptions {
  /** 100 fine or 20 coarse classes. Default "fine". */
  readonly labels?: "fine" | "coarse";
}

/**
 * CIFAR-100: 50,000 + 10,000 images of 32x32x3, from the batches in a folder or the archive.
 *
 * @throws DataError when files are missing, truncated, corrupt or other ones.
 */
export async function cifar100(options: Cifar100Options = {}): Promise<TrainTest> {
  return await loadSource(cifar100Source(options.labels), options);
}

/**
 * One file of CIFAR records, plain or gzip, with any number of images.
 *
 * @param of Which records it holds. Default "cifar-10".
 * @throws DataError when it is missing, truncated, corrupt or another file.
 */
export async function cifarFile(
  path: string,
  of: "cifar-10" | "cifar-100" | "cifar-100-coarse" = "cifar-10",
): Promise<Dataset> {
  const stored = await readLimited(path, CIFAR_LIMIT);
  if (stored === undefined) throw new DataError(`Cannot read ${path}: there is no such file`);
  const [labelBytes, label, classes] = of === "cifar-10"
    ? [1, 0, CIFAR10] as const
    : of === "cifar-100"
    ? [2, 1, CIFAR100_FINE] as const
    : [2, 0, CIFAR100_COARSE] as const;
  const format = { labelBytes, label, classes: classes.length };
  const records = parseCifar(path, await unpack(path, stored, CIFAR_LIMIT), format);
  return dataset({ name: of, imageShape: [32, 32, 3], classes, ...records });
}
