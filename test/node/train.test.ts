// `tapegrad train`: a run that is killed again and again ends with the same bits as one that is not.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { root } from "../../scripts/tools.ts";
import type { EvaluateRow } from "../../src/cli/card.ts";
import { attacksOf } from "../../src/cli/evaluate.ts";
import type { TrainResult } from "../../src/cli/train/notes.ts";
import { loadModel, readSafetensors, smallCnn } from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { reference } from "../support/devices.ts";

const test = suite("tapegrad train");

const SHORT = ["--examples", "256", "--epochs", "6", "--batch-size", "32", "--save-every", "3"];

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tapegrad-train-"));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function commandOf(args: readonly string[]): [string, string[]] {
  return [process.execPath, ["--import", "tsx", "src/cli/main.ts", "train", ...args]];
}

function tapegrad(command: string, args: readonly string[]) {
  const all = ["--import", "tsx", "src/cli/main.ts", command, "--device", "cpu", ...args];
  const ended = spawnSync(process.execPath, all, { cwd: root, encoding: "utf8" });
  const { status, stdout, stderr } = ended;
  return { status, stdout, stderr };
}

function train(args: readonly string[]) {
  return tapegrad("train", ["--threads", "1", ...args]);
}

/** Ends a run with a signal once its log has so many lines; resolves to how it ended. */
async function stopped(args: readonly string[], out: string, name: NodeJS.Signals, lines: number) {
  const [command, all] = commandOf(["--device", "cpu", "--threads", "1", ...args, "--out", out]);
  const child = spawn(command, all, { cwd: root, stdio: "ignore" });
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  const timer = setInterval(() => {
    const log = join(out, "log.jsonl");
    if (!existsSync(log) || readFileSync(log, "utf8").split("\n").length <= lines) return;
    // Once: the second time it ends without saving.
    clearInterval(timer);
    child.kill(name);
  }, 2);
  try {
    return await ended;
  } finally {
    clearInterval(timer);
  }
}

async function bytesOf(out: string, names: readonly string[]): Promise<string[]> {
  return await Promise.all(
    names.map(async (name) => (await readFile(join(out, name))).toString("hex")),
  );
}

const RESULTS = ["state.safetensors", "model.safetensors", "log.jsonl", "accuracy.svg"];

test("a run that is killed at any moment and resumed ends with the same bits", async () => {
  await inFolder(async (folder) => {
    const whole = join(folder, "whole"), parts = join(folder, "parts");
    assert.is(train([...SHORT, "--attack", "noise", "--out", whole]).status, 0);
    const first = await stopped([...SHORT, "--attack", "noise"], parts, "SIGKILL", 4);
    assert.is(first.signal, "SIGKILL");
    const second = await stopped(["--resume", "--save-every", "3"], parts, "SIGKILL", 11);
    assert.is(second.signal, "SIGKILL");
    // As if it had been killed in the middle of a line.
    await appendFile(join(parts, "log.jsonl"), '{"step":9');
    await writeFile(join(parts, "state.safetensors.7.part"), "half");
    const last = train(["--resume", "--save-every", "3", "--out", parts]);
    assert.is(last.status, 0, last.stderr);
    assert.match(last.stdout, /resume +after \d+ of 48 steps/);
    assert.ok(!(await readdir(parts)).some((name) => name.endsWith(".part")));
    const model = ["state.safetensors", "log.jsonl", "accuracy.svg"];
    assert.equal(await bytesOf(parts, model), await bytesOf(whole, model));
    const [a, b] = await Promise.all([whole, parts].map(async (out) => {
      return readSafetensors(await readFile(join(out, "model.safetensors"))).tensors;
    }));
    assert.equal(a, b);
  });
});

test("Ctrl-C and requests to end save the state and tell how it ended", async () => {
  await inFolder(async (folder) => {
    for (const [name, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
      const out = join(folder, name);
      const end = await stopped([...SHORT, "--save-every", "1000"], out, name, 1);
      assert.equal(end, { code, signal: null }, name);
      const files = await readdir(out);
      assert.ok(files.includes("state.safetensors"), files.join(" "));
      assert.ok(!files.some((file) => file.endsWith(".part")), files.join(" "));
      assert.match(train(["--resume", "--out", out]).stdout, /resume +after [1-9]\d* of 48 steps/);
    }
  });
});

test("it writes a model that loads, and says what it reaches", async () => {
  await inFolder(async (folder) => {
    const out = join(folder, "run");
    const { status, stdout, stderr } = train([...SHORT, "--json", "--out", out]);
    assert.is(status, 0, stderr);
    const result = JSON.parse(stdout.slice(stdout.indexOf("{"))) as TrainResult;
    assert.equal([result.model, result.data, result.steps], ["smallCnn", "digits", 48]);
    assert.is(result.testAccuracy, result.testCorrect / result.testExamples);
    assert.ok(result.testAccuracy > 0.3, String(result.testAccuracy));
    const model = smallCnn({ random: new RandomStream(9), device: reference });
    const notes = loadModel(model, await readFile(join(out, "model.safetensors")));
    assert.is(notes["testCorrect"], String(result.testCorrect));
    // evaluate finds the same, to the digit.
    const evaluated = tapegrad("evaluate", [
      "--checkpoint",
      join(out, "model.safetensors"),
      "--attacks",
      "none",
      "--json",
    ]);
    assert.is(evaluated.status, 0, evaluated.stderr);
    const { rows } = JSON.parse(evaluated.stdout) as { rows: readonly EvaluateRow[] };
    assert.equal([rows[0]!.correct, rows[0]!.count], [result.testCorrect, result.testExamples]);
    const [low, high] = rows[0]!.interval;
    assert.ok(low < result.testAccuracy && result.testAccuracy < high && high - low < 0.05);
    for (const name of [...RESULTS, "loss.svg", "curve.html", "result.json", "run.json"]) {
      assert.ok((await readdir(out)).includes(name), name);
    }
  });
});

test("a run begins with the network that it is given, and does not need the file again", async () => {
  await inFolder(async (folder) => {
    const first = join(folder, "first"), file = join(folder, "given.safetensors");
    assert.is(train([...SHORT, "--epochs", "2", "--out", first]).status, 0);
    const bytes = await readFile(join(first, "model.safetensors"));
    await writeFile(file, bytes);
    const before = readSafetensors(bytes);
    // Nothing is learned at a rate of 0: it must end with the weights that it began with.
    const out = join(folder, "same"), still = ["--lr", "0", "--average-decay", "0"];
    const options = [...SHORT, "--epochs", "1", "--from", file];
    assert.is(train([...options, ...still, "--attack", "fgsm", "--out", out]).status, 0);
    const same = readSafetensors(await readFile(join(out, "model.safetensors")));
    assert.equal(same.tensors, before.tensors);
    assert.is(same.metadata["from"], file);
    assert.is(same.metadata["fromCommand"], before.metadata["command"]);
    assert.is(same.metadata["fromSha256"], createHash("sha256").update(bytes).digest("hex"));
    // Killed before its first state, it goes on from the same weights.
    const whole = join(folder, "whole"), parts = join(folder, "parts");
    assert.is(train([...options, "--out", whole]).status, 0);
    await stopped([...options, "--save-every", "1000"], parts, "SIGKILL", 1);
    await rm(join(parts, "state.safetensors"), { force: true });
    await rm(file);
    const kept = join(parts, "from.safetensors"), copy = await readFile(kept);
    await rm(kept);
    assert.match(train(["--resume", "--out", parts]).stderr, /: from\.safetensors, which it began/);
    await writeFile(kept, copy);
    const resumed = train(["--resume", "--out", parts]);
    assert.is(resumed.status, 0, resumed.stderr);
    const [a, b] = await Promise.all([whole, parts].map(async (run) => {
      return readSafetensors(await readFile(join(run, "model.safetensors"))).tensors;
    }));
    assert.equal(a, b);
    assert.not.equal(a, before.tensors);
  });
});

test("evaluate knows attacks by name and size, and refuses the rest", () => {
  assert.equal(attacksOf("none"), []);
  const [a, b] = attacksOf("fgsm:0.01, pgd:8/255");
  assert.match(a!.title, /0\.01/);
  assert.match(b!.title, /0\.031/);
  for (const list of ["", "fgsm", "fgsm:", "fgsm:-1", "magic:1", "pgd:1/2/3", "fgsm:x"]) {
    assert.throws(() => attacksOf(list), /^Cannot evaluate with the attack/, list);
  }
  for (
    const [args, message] of [
      [[], /^tapegrad: Cannot evaluate without a checkpoint/],
      [["--checkpoint", "nowhere"], /^tapegrad: Cannot read the checkpoint nowhere: there is no/],
      [
        ["--checkpoint", "smallcnn-digits", "--model", "alexnet"],
        /^tapegrad: Cannot evaluate with --model alexnet: it must be one of/,
      ],
    ] as const
  ) {
    const { status, stderr } = tapegrad("evaluate", args);
    assert.is(status, 1);
    assert.match(stderr, message);
  }
});

test("it refuses what it cannot do, and touches nothing", async () => {
  await inFolder(async (folder) => {
    const out = join(folder, "run");
    for (
      const [args, message] of [
        [["--model", "alexnet"], /^tapegrad: Cannot train with --model alexnet: it must be one of/],
        [["--data", "cats"], /^tapegrad: Cannot train with --data cats/],
        [["--epochs", "0"], /^tapegrad: Cannot train with --epochs 0: it must be a whole number/],
        [
          ["--start-size", "20"],
          /--start-size 20: smallCnn does not take images of 20 x 20 pixels/,
        ],
        [["--start-size", "99"], /--start-size 99: the images are 28 x 28 pixels/],
        [["--lr", "fast"], /^tapegrad: Cannot train with --lr fast/],
        [["--from", "nowhere"], /^tapegrad: Cannot read the checkpoint nowhere: there is no/],
        [
          ["--from", "smallcnn-digits", "--model", "resnet8"],
          /^tapegrad: Cannot load the checkpoint/,
        ],
        [
          ["--from", "resnet20-cifar10", "--data", "digits"],
          /^tapegrad: Cannot train resnet20-cifar10 on digits: the checkpoint knows other classes/,
        ],
        [["--resume"], /^tapegrad: Cannot resume in .*: no run lies there/],
      ] as const
    ) {
      const { status, stderr } = train([...args, "--out", out]);
      assert.is(status, 1);
      assert.match(stderr, message);
    }
    assert.equal(await readdir(folder), []);
    assert.is(train([...SHORT, "--epochs", "1", "--out", out]).status, 0);
    assert.match(train([...SHORT, "--out", out]).stderr, /^tapegrad: Cannot start a run in/);
    await writeFile(join(out, "state.safetensors"), "damaged");
    const { status, stderr } = train(["--resume", "--out", out]);
    assert.is(status, 1);
    assert.match(stderr, /^tapegrad: Cannot /);
    assert.match(
      train(["--resume", "--epochs", "9", "--out", out]).stderr,
      /^tapegrad: Cannot resume with --epochs: a run goes on with the settings/,
    );
    await writeFile(join(out, "data.sha256"), "0".repeat(64));
    assert.match(train(["--resume", "--out", out]).stderr, /the images are others than before/);
  });
});

test.run();
