/**
 * Known datasets: which files they are made of, and how those are read. Checksums are those of the
 * official files.
 *
 * @module
 */
import type { Bytes } from "./bytes.ts";
import { parseCifar, type RecordFormat, type Records } from "./cifar.ts";
import { CIFAR10, CIFAR100_COARSE, CIFAR100_FINE } from "./cifar_names.ts";
import { bytesText, DataError } from "./data_error.ts";
import type { DataFile, FileStore } from "./data_file.ts";
import { type Dataset, dataset } from "./dataset.ts";
import { parseIdx } from "./idx.ts";
import { parseTar } from "./tar.ts";

/** The two parts that datasets come in. The ids of the test images follow those for training. */
export interface TrainTest {
  /** For training; `split` takes validation images from it. */
  readonly train: Dataset;
  /** For the final figures alone. */
  readonly test: Dataset;
}

/** How to read a dataset. */
export interface ReadOptions {
  /** Compare checksums and numbers of images. Default true; false for data of your own. */
  readonly verify?: boolean;
}

/** A dataset whose files are known. */
export interface Source {
  /** "mnist" and so on; also where downloads go. */
  readonly name: string;
  /** Folders below a data folder in which its files may lie, the one for downloads first. */
  readonly folders: readonly string[];
  /** Folders of the system in which they may lie. */
  readonly system: readonly string[];
  /** What errors say about other ways to get it. */
  readonly hint: string;
  /** Reads it. */
  read(store: FileStore, options?: ReadOptions): Promise<TrainTest>;
}

/** Ids follow each other through both parts, so that random numbers differ between them. */
function numbered(count: number, first: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => first + i);
}

async function get(store: FileStore, file: DataFile): Promise<Bytes> {
  return await store.find(file) ?? await store.download(file);
}

const PARTS = [["train", 60_000], ["t10k", 10_000]] as const;

/** What tells MNIST and its relatives apart. */
interface IdxSource extends Omit<Source, "read"> {
  readonly url: string;
  readonly classes: readonly string[];
  /** Of unpacked bytes: images and labels for training, images and labels for testing. */
  readonly digests: readonly string[];
}

function idxFile(source: IdxSource, index: number): DataFile {
  const [part, count] = PARTS[index >> 1]!;
  const [kind, limit] = index % 2 === 0
    ? ["images-idx3", 16 + count * 28 * 28] as const
    : ["labels-idx1", 8 + count] as const;
  return {
    name: `${part}-${kind}-ubyte`,
    aliases: [`${part}-${kind.replace("-", ".")}-ubyte`],
    limit,
    url: `${source.url}${part}-${kind}-ubyte.gz`,
    sha256: { of: "unpacked", digest: source.digests[index]! },
  };
}

function idxSource(source: IdxSource): Source {
  const { name, folders, system, hint, classes } = source;
  async function part(store: FileStore, index: number, first: number): Promise<Dataset> {
    const [imageFile, labelFile] = [idxFile(source, 2 * index), idxFile(source, 2 * index + 1)];
    const images = parseIdx(imageFile.name, await get(store, imageFile), 3);
    const { data: labels } = parseIdx(labelFile.name, await get(store, labelFile), 1);
    const [count, height, width] = images.shape as [number, number, number];
    const wrong = labels.find((label) => label >= classes.length);
    if (count !== labels.length || wrong !== undefined) {
      throw new DataError(
        `Cannot use ${labelFile.name}: ${labels.length} labels for ${count} images` +
          (wrong === undefined ? "" : `, and label ${wrong} where all must be below 10`),
      );
    }
    const ids = numbered(count, first);
    return dataset({
      name,
      imageShape: [height, width, 1],
      classes,
      pixels: images.data,
      labels,
      ids,
    });
  }
  return {
    name,
    folders,
    system,
    hint,
    read: async (store) => {
      const train = await part(store, 0, 0);
      return { train, test: await part(store, 1, train.labels.length) };
    },
  };
}

/** MNIST: 60,000 + 10,000 handwritten digits (LeCun, Cortes and Burges 1998), 28x28x1. */
export const mnistSource: Source = idxSource({
  name: "mnist",
  folders: ["mnist", "MNIST/raw"],
  system: [],
  hint: "the built-in digits need no download",
  url: "https://ossci-datasets.s3.amazonaws.com/mnist/",
  classes: "0 1 2 3 4 5 6 7 8 9".split(" "),
  digests: [
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
  ],
});

/** Fashion-MNIST: 60,000 + 10,000 pieces of clothing (Xiao, Rasul and Vollgraf 2017), 28x28x1. */
export const fashionMnistSource: Source = idxSource({
  name: "fashion-mnist",
  folders: ["fashion-mnist", "FashionMNIST/raw"],
  system: ["/usr/share/datasets/fashion-mnist"],
  hint: "Debian and Ubuntu have it as package dataset-fashion-mnist, " +
    "and the built-in digits need no download",
  url: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
  classes: [
    ..."T-shirt/top Trouser Pullover Dress Coat Sandal Shirt Sneaker Bag".split(" "),
    "Ankle boot",
  ],
  digests: [
    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
  ],
});

/** What tells the two CIFARs apart. */
interface CifarSource extends Omit<Source, "read" | "system" | "hint"> {
  readonly archive: string;
  readonly digest: string;
  /** Files for training, then the one for testing. */
  readonly files: readonly string[];
  readonly perFile: readonly number[];
  readonly format: RecordFormat;
  readonly classes: readonly string[];
}

function join(parts: readonly Records[]): Records {
  const pixels = new Uint8Array(parts.reduce((sum, part) => sum + part.pixels.length, 0));
  const labels = new Uint8Array(parts.reduce((sum, part) => sum + part.labels.length, 0));
  let image = 0, label = 0;
  for (const part of parts) {
    pixels.set(part.pixels, image);
    labels.set(part.labels, label);
    image += part.pixels.length;
    label += part.labels.length;
  }
  return { pixels, labels };
}

function cifarSource(source: CifarSource): Source {
  const { name, folders, files, perFile, format, classes } = source;
  const record = format.labelBytes + 3072;
  /** The unpacked batches if they are there, else those in the archive. */
  async function contents(store: FileStore): Promise<readonly Uint8Array[]> {
    const found: Uint8Array[] = [], missing: string[] = [];
    for (const [i, file] of files.entries()) {
      const bytes = await store.find({ name: file, limit: perFile[i]! * record });
      if (bytes === undefined) missing.push(file);
      else found.push(bytes);
    }
    if (missing.length === 0) return found;
    if (found.length > 0) {
      throw new DataError(
        `Cannot load ${name}: ${missing.join(", ")} of its ${files.length} files are missing`,
      );
    }
    const archive = { name: source.archive, digest: source.digest };
    const tar = parseTar(
      archive.name,
      await get(store, {
        name: archive.name,
        limit: 190_000_000,
        url: `https://www.cs.toronto.edu/~kriz/${archive.name}`,
        sha256: { of: "stored", digest: archive.digest },
      }),
    );
    return files.map((file) => {
      const bytes = tar.get(file);
      if (bytes !== undefined) return bytes;
      throw new DataError(`Cannot load ${name}: ${archive.name} holds no ${file}`);
    });
  }
  return {
    name,
    folders,
    system: [],
    hint: "the built-in digits need no download",
    read: async (store, { verify = true } = {}) => {
      const parts = (await contents(store)).map((bytes, i) => {
        if (verify && bytes.length !== perFile[i]! * record) {
          throw new DataError(
            `Cannot read ${files[i]}: it has ${bytesText(bytes.length)}, it must have ` +
              `${bytesText(perFile[i]! * record)} for ${perFile[i]} images`,
          );
        }
        return parseCifar(files[i]!, bytes, format);
      });
      const common = { name, imageShape: [32, 32, 3], classes } as const;
      const train = join(parts.slice(0, -1)), test = parts.at(-1)!;
      return {
        train: dataset({ ...common, ...train }),
        test: dataset({
          ...common,
          ...test,
          ids: numbered(test.labels.length, train.labels.length),
        }),
      };
    },
  };
}

/** CIFAR-10: 50,000 + 10,000 photographs (Krizhevsky 2009), 32x32x3. */
export const cifar10Source: Source = cifarSource({
  name: "cifar-10",
  folders: ["cifar-10", "cifar-10-batches-bin", "."],
  archive: "cifar-10-binary.tar.gz",
  digest: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
  files: [...[1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`), "test_batch.bin"],
  perFile: Array.from({ length: 6 }, () => 10_000),
  format: { labelBytes: 1, label: 0, classes: 10 },
  classes: CIFAR10,
});

/** CIFAR-100: 50,000 + 10,000 photographs with 100 fine or 20 coarse labels, 32x32x3. */
export function cifar100Source(labels: "fine" | "coarse" = "fine"): Source {
  const classes = labels === "fine" ? CIFAR100_FINE : CIFAR100_COARSE;
  return cifarSource({
    name: "cifar-100",
    folders: ["cifar-100", "cifar-100-binary", "."],
    archive: "cifar-100-binary.tar.gz",
    digest: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
    files: ["train.bin", "test.bin"],
    perFile: [50_000, 10_000],
    format: { labelBytes: 2, label: labels === "fine" ? 1 : 0, classes: classes.length },
    classes,
  });
}
