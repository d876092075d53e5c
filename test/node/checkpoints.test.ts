// The trained networks that come with the package: PyTorch's logits, their cards, and what they reach.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { allCards } from "../../scripts/cards.ts";
import { root } from "../../scripts/tools.ts";
import { settingsOf } from "../../src/cli/train/settings.ts";
import { divide } from "../../src/data/mod.ts";
import { digits } from "../../src/data/node.ts";
import { CheckpointError } from "../../src/errors.ts";
import { pretrained, pretrainedFile, pretrainedNames } from "../../src/nn/node.ts";
import { tensor } from "../../src/tensor/mod.ts";
import { evaluate } from "../../src/train/mod.ts";
import golden from "../fixtures/checkpoints.json" with { type: "json" };
import { uniform } from "../nn/model_fixture.ts";
import { optionsOf } from "../support/commands.ts";
import { assertClose, cpu as device } from "../support/devices.ts";

/** Bytes that the folder of checkpoints may take. */
const MOST_BYTES = 25e6;

const test = suite("checkpoints");
const folder = join(root, "checkpoints");
const names = await pretrainedNames();

/** The two images of test/fixtures/make_checkpoints.py, [2, H, W, C]. */
function imagesOf([height, width, channels]: readonly [number, number, number]): Float32Array {
  const noise = uniform("noise", height * width * channels);
  const blocks = uniform("blocks", (height / 4) * (width / 4) * channels);
  const place = (y: number, x: number, c: number) => {
    return (Math.floor(y / 4) * (width / 4) + Math.floor(x / 4)) * channels + c;
  };
  const images = new Float32Array(2 * noise.length);
  for (let i = 0; i < noise.length; i++) {
    const c = i % channels, x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width);
    images[i] = noise[i]! + 0.5;
    images[noise.length + i] = blocks[place(y, x, c)]! + 0.5;
  }
  return images;
}

test("every network has its card, its page and PyTorch's logits, and all of them are small", () => {
  const files = readdirSync(folder).filter((file) => file !== "README.md");
  const wanted = names.flatMap((name) => [`${name}.json`, `${name}.md`, `${name}.safetensors`]);
  assert.equal(files.sort(), wanted.sort());
  assert.equal(golden.cases.map(({ name }) => name), [...names]);
  const bytes = files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  assert.ok(bytes < MOST_BYTES, `${bytes} bytes`);
});

test("the command of a card stands for the recipe that made the network", () => {
  for (const { name, notes } of allCards()) {
    for (const [key, value] of Object.entries(settingsOf(optionsOf(notes["command"]!)))) {
      // Networks may be older than a setting, which was then as it is without it.
      const known = notes[key] ?? (key === "from" ? "" : "0");
      if (key !== "note") assert.is(known, String(value), `${name}: ${key}`);
    }
  }
});

for (const { name, logits } of golden.cases) {
  test(`${name} has PyTorch's logits`, async () => {
    const { network, image, classes } = await pretrained(name, { device });
    using x = tensor(imagesOf(image), { shape: [2, ...image], device });
    const got = network.forward(x);
    assert.equal(got.shape, [2, classes.length]);
    const largest = Math.max(...logits.map(Math.abs));
    assertClose(await got.data(), logits, { rtol: 1e-4, atol: 2e-5 * largest }, "logits");
    got.dispose();
    network.dispose();
  });
}

for (const { name, bytes, sha256, notes, evaluations } of allCards()) {
  test(`the card of ${name} is of its file`, async () => {
    const file = readFileSync(await pretrainedFile(name));
    assert.is(file.length, bytes);
    assert.is(createHash("sha256").update(file).digest("hex"), sha256);
    assert.equal((await pretrained(name, { device })).metadata, notes);
    for (const { rows } of evaluations) {
      assert.is(rows[0]!.title, "clean");
      for (const { correct, count, accuracy, interval: [low, high] } of rows) {
        assert.is(accuracy, correct / count);
        assert.ok(low <= accuracy && accuracy <= high);
      }
    }
  });
}

test("smallcnn-digits reaches what its card says, to the digit", async () => {
  const { network } = await pretrained("smallcnn-digits", { device });
  const { test } = divide(await digits());
  const [clean] = await evaluate(network, test);
  const card = allCards().find(({ name }) => name === "smallcnn-digits")!;
  const { correct, count } = card.evaluations[0]!.rows[0]!;
  assert.equal([clean!.correct, clean!.count], [correct, count]);
  network.dispose();
});

test("pretrained() names what there is when there is no such network", async () => {
  let error: unknown;
  await pretrained("../package", { device }).catch((it: unknown) => error = it);
  assert.instance(error, CheckpointError);
  assert.match((error as Error).message, /^Cannot find the trained network \.\.\/package: it must/);
  assert.match((error as Error).message, new RegExp(names[0]!));
});

test.run();
