// Data of the command line: folders of images, with and without a test part of their own.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PNG } from "pngjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadData } from "../../src/cli/data.ts";
import { terminal } from "../../src/cli/terminal.ts";

const test = suite("data of the command line");

const quiet = { out: terminal({ write: () => true }), signal: new AbortController().signal };

/** Writes images of 8x8 pixels, `count` for each class, each of a grey value of its own. */
async function write(folder: string, classes: readonly string[], count: number): Promise<void> {
  for (const [label, name] of classes.entries()) {
    await mkdir(join(folder, name), { recursive: true });
    for (let i = 0; i < count; i++) {
      const image = new PNG({ width: 8, height: 8 });
      for (let at = 0; at < image.data.length; at += 4) {
        image.data.set([20 * label + i, 0, 0, 255], at);
      }
      await writeFile(join(folder, name, `${i}.png`), PNG.sync.write(image));
    }
  }
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tapegrad-images-"));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function failure(promise: Promise<unknown>): Promise<string> {
  return await promise.then(() => "nothing", (error: Error) => error.message);
}

test("images in one folder are divided, always the same way", async () => {
  await inFolder(async (folder) => {
    await write(folder, ["cat", "dog"], 10);
    const load = () => loadData("images", { "data-path": folder }, quiet);
    const { train, test } = await load();
    assert.equal([train.labels.length, test.labels.length], [16, 4]);
    assert.equal([train.classes, train.imageShape], [["cat", "dog"], [8, 8, 3]]);
    const seen = new Set([...train.ids, ...test.ids]);
    assert.is(seen.size, 20);
    // Images keep their labels: red is 20 for each class and one for each image.
    for (const { labels, pixels } of [train, test]) {
      labels.forEach((label, i) => assert.is(Math.floor(pixels[i * 192]! / 20), label));
    }
    assert.equal((await load()).test.ids, test.ids);
  });
});

test("folders train and test are taken as they are", async () => {
  await inFolder(async (folder) => {
    await write(join(folder, "train"), ["cat", "dog"], 3);
    await write(join(folder, "test"), ["cat", "dog"], 2);
    const { train, test } = await loadData("images", { "data-path": folder }, quiet);
    assert.equal([train.labels.length, test.labels.length], [6, 4]);
    assert.is(new Set([...train.ids, ...test.ids]).size, 10);
    await write(join(folder, "test"), ["horse"], 1);
    assert.match(
      await failure(loadData("images", { "data-path": folder }, quiet)),
      /^Cannot use the images in .*: train has 8x8x3 cat, dog and test 8x8x3 cat, dog, horse/,
    );
  });
});

test("images without a folder, or an empty one, are refused", async () => {
  assert.match(await failure(loadData("images", {}, quiet)), /give --data-path FOLDER/);
  await inFolder(async (folder) => {
    assert.match(
      await failure(loadData("images", { "data-path": folder }, quiet)),
      /^Cannot read the images in .*: it has 0 subfolders/,
    );
  });
});

test.run();
