// What a run is told: presets, numbers, and the command that repeats it; and the cards of models.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { commandsOf } from "../../scripts/cards.ts";
import { addToCard, type Card } from "../../src/cli/card.ts";
import { formatRadius, fractionOf } from "../../src/cli/numbers.ts";
import { commandOf } from "../../src/cli/train/notes.ts";
import { notesOfOrigin } from "../../src/cli/train/origin.ts";
import { presetOf } from "../../src/cli/train/presets.ts";
import { edgeIn } from "../../src/cli/train/sizes.ts";
import { DATA, settingsOf } from "../../src/cli/train/settings.ts";
import { type ModelName, models } from "../../src/nn/mod.ts";
import { optionsOf } from "../support/commands.ts";

const test = suite("settings of runs");

test("commandOf() gives the command that makes the same settings", () => {
  for (const model of Object.keys(models) as ModelName[]) {
    for (const data of DATA) {
      const usual = presetOf(model, data);
      assert.is(commandOf(usual), `npx tapegrad train --model ${model} --data ${data}`);
      assert.equal(settingsOf(optionsOf(commandOf(usual))), usual);
      const other = {
        ...usual,
        examples: 100,
        epochs: 3,
        lr: 0.05,
        flip: !usual.flip,
        attack: "pgd",
        attackSteps: 2,
        eps: 1 / 255,
        labelSmoothing: 0,
        startSize: 12,
      } as const;
      assert.equal(settingsOf(optionsOf(commandOf(other))), other, `${model} ${data}`);
      const further = { ...presetOf(model, data, "a.safetensors"), epochs: 99 };
      assert.equal(settingsOf(optionsOf(commandOf(further))), further, `${model} ${data}`);
      assert.ok(further.lr < usual.lr && further.startSize === 0);
    }
  }
});

test("commandOf() quotes the names of files as a shell needs", () => {
  const { from } = settingsOf({ from: "it's mine/a b.safetensors" });
  assert.match(commandOf(settingsOf({ from })), / --from 'it'\\''s mine\/a b\.safetensors'$/);
});

test("a run takes model and data from the network that it begins with, unless it is told", () => {
  const notes = { model: "vgg", data: "cifar10" };
  const { model, data, epochs } = settingsOf({ from: "x" }, notes);
  assert.equal([model, data, epochs], ["vgg", "cifar10", presetOf("vgg", "cifar10", "x").epochs]);
  assert.is(settingsOf({ from: "x", data: "images" }, notes).data, "images");
  assert.throws(() => settingsOf({ from: "x" }, { model: "lenet" }), /--model lenet/);
});

test("a network trained in three parts tells of all of them, each in a folder of its own", () => {
  const bytes = new Uint8Array(1);
  type Notes = Readonly<Record<string, string>>;
  const first: Notes = { command: "train --model vgg", seconds: "600.5" };
  const from = (name: string) => `train --from ${name}/model.safetensors`;
  const after = (notes: Notes, own: Notes): Notes => ({
    ...notesOfOrigin({ bytes, notes }),
    ...own,
  });
  const second = after(first, { command: from("run"), seconds: "60" });
  const third = after(second, { command: from("more"), seconds: "6" });
  assert.is(third["fromSeconds"], "660.5");
  assert.equal(commandsOf(first), ["train --model vgg"]);
  assert.equal(commandsOf(second), ["train --model vgg", `${from("run")} --out part2`]);
  assert.equal(commandsOf(third), [
    "train --model vgg",
    `${from("run")} --out more`,
    `${from("more")} --out part3`,
  ]);
  // A network by name, or one of no known origin, needs no folder of an earlier run.
  const byName = { fromCommand: "train --model vgg", command: "train --from vgg-cifar10" };
  assert.equal(commandsOf(byName), ["train --model vgg", "train --from vgg-cifar10 --out part2"]);
  assert.equal(notesOfOrigin({ bytes, notes: {} })["fromCommand"], undefined);
});

test("edgeIn() grows to the full size within two thirds of the epochs", () => {
  const edges = (start: number, epochs: number) =>
    Array.from({ length: epochs }, (_, i) => edgeIn(i + 1, { start, full: 32, epochs }));
  assert.equal(edges(24, 6), [24, 24, 28, 28, 32, 32]);
  assert.equal(edges(16, 9), [16, 16, 20, 24, 24, 28, 32, 32, 32]);
  assert.equal(edges(0, 2), [32, 32]);
  assert.equal(edges(30, 3), [30, 30, 32]);
  assert.equal(edges(8, 1), [32]);
  for (let epochs = 1; epochs < 40; epochs++) {
    const found = edges(4, epochs);
    assert.equal(found, [...found].sort((a, b) => a - b));
    assert.is(found.at(-1), 32);
  }
});

test("settingsOf() takes fractions, and refuses what no run can be", () => {
  assert.is(settingsOf({ eps: "8/255" }).eps, 8 / 255);
  for (const eps of ["", "1/0", "8/", "1/2/3", "2", "-1/255", "x"]) {
    assert.throws(() => settingsOf({ eps }), /^Cannot train with --eps/, eps);
  }
  assert.throws(() => settingsOf({ "attack-steps": "0" }), /--attack-steps 0: it must be a whole/);
  assert.ok(Number.isNaN(fractionOf(" /2")));
  assert.is(fractionOf(" 3 / 4 "), 0.75);
  assert.equal([8 / 255, 1.5 / 255, 0.1, 0].map(formatRadius), ["8/255", "1.5/255", "0.1", "0"]);
});

test("addToCard() keeps what was found on other images, and forgets other weights", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tapegrad-card-")), path = join(folder, "net.json");
  try {
    const row = { title: "clean", count: 4, correct: 3, accuracy: 0.75, loss: 1 };
    const evaluation = (images: string, correct: number) => {
      return { images, rows: [{ ...row, correct, interval: [0.3, 0.95] as const }] };
    };
    const bytes = Uint8Array.of(1, 2), notes = { model: "vgg" };
    await addToCard(path, { bytes, notes, evaluation: evaluation("a", 1) });
    await addToCard(path, { bytes, notes, evaluation: evaluation("b", 2) });
    await addToCard(path, { bytes, notes, evaluation: evaluation("a", 3) });
    const card = JSON.parse(await readFile(path, "utf8")) as Card;
    assert.equal([card.name, card.bytes, card.notes], ["net", 2, notes]);
    const found = card.evaluations.map(({ images, rows }) => [images, rows[0]!.correct]);
    assert.equal(found, [["b", 2], ["a", 3]]);
    await addToCard(path, {
      bytes: Uint8Array.of(3),
      notes,
      evaluation: evaluation("c", 1),
    });
    const other = JSON.parse(await readFile(path, "utf8")) as Card;
    assert.equal(other.evaluations.map(({ images }) => images), ["c"]);
    await writeFile(path, "{");
    let message = "";
    await addToCard(path, { bytes, notes, evaluation: evaluation("a", 1) }).catch(
      (error: Error) => {
        message = error.message;
      },
    );
    assert.match(message, /^Cannot add to the card .* it is damaged/);
    assert.is(await readFile(path, "utf8"), "{");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test.run();
