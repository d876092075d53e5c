import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PNG } from "pngjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Bytes, sha256 } from "../../src/data/bytes.ts";
import { cifar10Source, DataError, type Source } from "../../src/data/mod.ts";
import {
  cacheFolder,
  cifar10,
  cifar100,
  cifarFile,
  digits,
  fashionMnist,
  fileStore,
  imageFolder,
  mnist,
} from "../../src/data/node.ts";
import { cifar, concat, gzip, idx, pattern, tar } from "../data/files.ts";

const test = suite<{ folder: string }>("loaders for files");

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "tapegrad-data-"));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

async function refused(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  assert.instance(error, DataError);
  assert.match((error as Error).message, message);
}

function write(folder: string, files: Readonly<Record<string, Uint8Array>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
}

const trainImages = pattern(3 * 784), testImages = pattern(2 * 784, 5);
const small = {
  "train-images-idx3-ubyte": idx([3, 28, 28], trainImages),
  "train-labels-idx1-ubyte": idx([3], Uint8Array.of(7, 0, 9)),
  "t10k-images-idx3-ubyte": idx([2, 28, 28], testImages),
  "t10k-labels-idx1-ubyte": idx([2], Uint8Array.of(1, 2)),
};

test("mnist() reads plain, packed and differently named files of a folder", async ({ folder }) => {
  write(folder, {
    "train-images-idx3-ubyte": small["train-images-idx3-ubyte"],
    "train-labels.idx1-ubyte": small["train-labels-idx1-ubyte"],
    "t10k-images-idx3-ubyte.gz": await gzip(small["t10k-images-idx3-ubyte"]),
    "t10k-labels-idx1-ubyte.gz": await gzip(small["t10k-labels-idx1-ubyte"]),
  });
  const { train, test } = await mnist({ path: folder, verify: false });
  assert.equal(train.imageShape, [28, 28, 1]);
  assert.equal([train.pixels, test.pixels], [trainImages, testImages]);
  assert.equal([train.labels, test.labels], [Uint8Array.of(7, 0, 9), Uint8Array.of(1, 2)]);
  assert.equal([train.ids, test.ids], [Uint32Array.of(0, 1, 2), Uint32Array.of(3, 4)]);
});

test("fashionMnist() finds torchvision's folders in path and cache", async ({ folder }) => {
  write(join(folder, "FashionMNIST", "raw"), small);
  for (const where of [{ path: folder }, { cache: folder, download: false }]) {
    const { train } = await fashionMnist({ ...where, verify: false });
    assert.is(train.name, "fashion-mnist");
    assert.is(train.classes[train.labels[2]!], "Ankle boot");
  }
});

test("mnist() refuses other, damaged, oversized and missing files", async ({ folder }) => {
  const load = (verify = false) => mnist({ path: folder, verify });
  await refused(load(), /Cannot find train-images.*must lie in.*get it from https:.*digits/);
  write(folder, small);
  await refused(load(true), /train-images-idx3-ubyte as train-images.*SHA-256/);
  const images = small["train-images-idx3-ubyte"];
  const name = "train-images-idx3-ubyte";
  write(folder, { [name]: images.slice(0, -1) });
  await refused(load(), /needs 2,352 bytes after the header, there are 2,351/);
  write(folder, { [name]: (await gzip(images)).slice(0, -9) });
  await refused(load(), /truncated or corrupt/);
  write(folder, { [name]: new TextEncoder().encode("<!doctype html>no data here") });
  await refused(load(), /no IDX file/);
  write(folder, { [name]: await gzip(new Uint8Array(60_000_000)) });
  await refused(load(), /inflates to more than 47,040,016 bytes/);
  write(folder, { [name]: new Uint8Array(50_000_000) });
  await refused(load(), /it has 50,000,000 bytes, at most/);
  write(folder, { [name]: images, "train-labels-idx1-ubyte": idx([2], Uint8Array.of(1, 2)) });
  await refused(load(), /2 labels for 3 images/);
  write(folder, { "train-labels-idx1-ubyte": idx([3], Uint8Array.of(1, 2, 10)) });
  await refused(load(), /label 10 where all must be below 10/);
  rmSync(join(folder, name));
  mkdirSync(join(folder, name));
  await refused(load(), /it is no file/);
});

const batchFiles: Readonly<Record<string, Bytes>> = {
  ...Object.fromEntries([1, 2, 3, 4, 5].map((i) => [`data_batch_${i}.bin`, cifar([[i], [9]], i)])),
  "test_batch.bin": cifar([[6]], 50),
};

test("cifar10() reads batches in a folder, or all of them or none", async ({ folder }) => {
  const inner = join(folder, "cifar-10-batches-bin");
  write(inner, batchFiles);
  write(inner, { "data_batch_2.bin.gz": await gzip(batchFiles["data_batch_2.bin"]!) });
  rmSync(join(inner, "data_batch_2.bin"));
  const { train, test } = await cifar10({ path: folder, verify: false });
  assert.equal([...train.labels], [1, 9, 2, 9, 3, 9, 4, 9, 5, 9]);
  assert.equal([...test.ids], [10]);
  assert.is(train.pixels[2 * 3072 + 1], pattern(3072, 2)[1024]);
  await refused(cifar10({ path: folder }), /data_batch_1\.bin: it has 6,146 bytes.*30,730,000/);
  rmSync(join(inner, "test_batch.bin"));
  await refused(
    cifar10({ path: folder, verify: false }),
    /test_batch\.bin of its 6 files are missing/,
  );
});

test("the archives are read as they are", async ({ folder }) => {
  const archive = await gzip(tar("cifar-10-batches-bin", batchFiles));
  const path = join(folder, "cifar-10-binary.tar.gz");
  writeFileSync(path, archive);
  for (const where of [path, folder]) {
    assert.is((await cifar10({ path: where, verify: false })).train.labels.length, 10);
    await refused(cifar10({ path: where }), /SHA-256 is.*must be c4a38c50/);
  }
  const { "test_batch.bin": _, ...rest } = batchFiles;
  writeFileSync(path, await gzip(tar("x", rest)));
  await refused(cifar10({ path, verify: false }), /holds no test_batch\.bin/);
  writeFileSync(path, archive.slice(0, -100));
  await refused(cifar10({ path, verify: false }), /truncated or corrupt/);
});

test("cifar100() gives fine or coarse labels", async ({ folder }) => {
  write(folder, { "train.bin": cifar([[19, 99], [0, 4]]), "test.bin": cifar([[1, 30]]) });
  const fine = await cifar100({ path: folder, verify: false });
  const coarse = await cifar100({ path: folder, verify: false, labels: "coarse" });
  const names = ({ train: { classes, labels } }: typeof fine) =>
    [...labels].map((it) => classes[it]);
  assert.equal([fine.train.classes.length, coarse.train.classes.length], [100, 20]);
  assert.equal(names(fine), ["worm", "beaver"]);
  assert.equal(names(coarse), ["vehicles_2", "aquatic_mammals"]);
});

test("cifarFile() reads one file with any number of records", async ({ folder }) => {
  const path = join(folder, "part.bin.gz");
  writeFileSync(path, await gzip(cifar([[3], [4], [5]])));
  assert.equal([...(await cifarFile(path)).labels], [3, 4, 5]);
  await refused(cifarFile(path, "cifar-100"), /not whole records of 3,074/);
  await refused(cifarFile(join(folder, "none")), /no such file/);
});

const tiny: Source = { ...cifar10Source, name: "tiny", folders: ["tiny"] };

test("fileStore() downloads once, and then finds the file", async ({ folder }) => {
  const bytes = cifar([[1], [2]]), packed = await gzip(bytes);
  let asked = 0;
  const server = createServer((_, response) => {
    asked++;
    response.end(packed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.bin.gz`;
  const file = { name: "a.bin", limit: 6146, url } as const;
  const sound = { ...file, sha256: { of: "unpacked", digest: await sha256(bytes) } } as const;
  const store = fileStore(tiny, { cache: folder });
  try {
    assert.is(await store.find(sound), undefined);
    assert.equal(await store.download(sound), bytes);
    assert.equal(await store.find(sound), bytes);
    assert.is(asked, 1);
    assert.equal(readdirSync(join(folder, "tiny")), ["a.bin.gz"]);
    rmSync(join(folder, "tiny", "a.bin.gz"));
    const wrong = { ...file, sha256: { of: "unpacked", digest: "0".repeat(64) } } as const;
    await refused(store.download(wrong), /must be 0{64}/);
    assert.equal(readdirSync(join(folder, "tiny")), []);
    const offline = fileStore(tiny, { cache: folder, download: false });
    await refused(offline.download(sound), /Cannot find a\.bin of tiny/);
    assert.is(asked, 2);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test("cacheFolder() follows the platform", () => {
  const home = "/home/ada";
  const of = (env: Record<string, string>, platform = "linux") =>
    cacheFolder({ env, platform, home });
  assert.is(of({}), "/home/ada/.cache/tapegrad");
  assert.is(of({ XDG_CACHE_HOME: "/c" }), "/c/tapegrad");
  assert.is(of({ XDG_CACHE_HOME: "relative" }), "/home/ada/.cache/tapegrad");
  assert.is(of({ XDG_CACHE_HOME: "/c", TAPEGRAD_DATA: "/d" }), "/d");
  assert.is(of({}, "darwin"), "/home/ada/Library/Caches/tapegrad");
  assert.match(of({ LOCALAPPDATA: "/local" }, "win32"), /^\/local.tapegrad.Cache$/);
});

/** A PNG of one colour but for its first pixel. */
function png(
  size: readonly [number, number],
  rgba: readonly number[],
  colorType: 0 | 2 | 6 = 2,
): Uint8Array {
  const image = new PNG({ width: size[0], height: size[1] });
  for (let i = 0; i < image.data.length; i++) image.data[i] = rgba[i % 4]!;
  image.data.set([255, 255, 255, 255]);
  // A copy: slices of a Buffer share its memory.
  return Uint8Array.from(PNG.sync.write(image, { colorType, inputHasAlpha: true }));
}

test("imageFolder() reads classes and images in the order of their names", async ({ folder }) => {
  write(join(folder, "zebra"), { "1.png": png([3, 2], [10, 20, 30, 255]) });
  write(join(folder, "ant"), {
    "b.PNG": png([3, 2], [4, 5, 6, 255]),
    "a.png": png([3, 2], [1, 2, 3, 255]),
    "notes.txt": pattern(5),
  });
  const data = await imageFolder(folder, { name: "animals" });
  assert.equal([data.name, data.classes, data.imageShape], ["animals", ["ant", "zebra"], [
    2,
    3,
    3,
  ]]);
  assert.equal([...data.labels], [0, 0, 1]);
  assert.equal([...data.pixels.subarray(0, 6)], [255, 255, 255, 1, 2, 3]);
  assert.equal([...data.pixels.subarray(-3)], [10, 20, 30]);
  const grey = await imageFolder(folder, { channels: 1 });
  assert.is(grey.pixels.at(-1), Math.round(0.299 * 10 + 0.587 * 20 + 0.114 * 30));
});

test("imageFolder() takes grey images with one channel", async ({ folder }) => {
  write(join(folder, "a"), { "1.png": png([2, 2], [77, 77, 77, 255], 0) });
  const data = await imageFolder(folder);
  assert.equal([data.imageShape, [...data.pixels]], [[2, 2, 1], [255, 77, 77, 77]]);
});

test("imageFolder() refuses what it cannot read whole", async ({ folder }) => {
  await refused(imageFolder(join(folder, "none")), /Cannot read the images in/);
  await refused(imageFolder(folder), /0 subfolders/);
  const inner = join(folder, "a");
  mkdirSync(inner);
  await refused(imageFolder(folder), /holds no PNG image/);
  const good = png([8, 8], [1, 2, 3, 255]);
  write(inner, { "1.png": good, "2.png": png([8, 7], [1, 2, 3, 255]) });
  await refused(imageFolder(folder), /2\.png: it has 8x7 pixels, and .*1\.png has 8x8/);
  write(inner, { "2.png": pattern(100) });
  await refused(imageFolder(folder), /2\.png: it is no PNG/);
  write(inner, { "2.png": good.slice(0, good.length - 30) });
  await refused(imageFolder(folder), /2\.png: it is truncated or corrupt/);
  const corrupt = good.slice();
  corrupt[45]! ^= 255;
  write(inner, { "2.png": corrupt });
  await refused(imageFolder(folder), /2\.png: it is truncated or corrupt/);
  write(inner, { "2.png": png([8, 8], [1, 2, 3, 100], 6) });
  await refused(imageFolder(folder), /2\.png: it has transparent pixels/);
  const bomb = good.slice();
  new DataView(bomb.buffer).setUint32(16, 60_000);
  new DataView(bomb.buffer).setUint32(20, 60_000);
  write(inner, { "1.png": bomb });
  await refused(imageFolder(folder), /60000x60000 pixels need more than 1,073,741,824 bytes/);
  write(inner, { "1.png": good, "2.png": concat([good, pattern(100_000)]) });
  await refused(imageFolder(folder), /2\.png: it has [\d,]+ bytes, at most/);
});

test("digits() gives 10,000 images", async () => {
  const { labels, pixels } = await digits();
  assert.is(labels.length, 10_000);
  assert.is(pixels.length, 7_840_000);
  // Computed from the package's files with JSON.parse.
  const digest = await sha256(new Uint8Array(pixels));
  assert.is(digest, "0768d16c5adea568dee18fa5e4e1acb117e9ec2c5d6b1dffe5fc29c1e61c1eca");
});

test.run();
