// `tapegrad profile`: what it prints, and how it ends.

import { spawnSync } from "node:child_process";
import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { root } from "../../scripts/tools.ts";
import { GPUS, type KernelRow, type StepProfile } from "../../src/backend/mod.ts";
import { profile, type ProfileCommandOptions } from "../../src/cli/profile.ts";
import { terminal } from "../../src/cli/terminal.ts";
import { isA, rejects } from "../support/errors.ts";

const test = suite("tapegrad profile");

async function printed(options: ProfileCommandOptions): Promise<string> {
  let text = "";
  const out = terminal({ write: (more) => text += more });
  const { signal } = new AbortController();
  await profile({ device: "reference", batch: "2", ...options }, { out, signal });
  return text;
}

type Json = Omit<StepProfile, "calls"> & {
  readonly step: string;
  readonly batch: number;
  readonly predictedFor: typeof GPUS;
  readonly report: readonly KernelRow[];
};

for (const step of ["train", "fgsm", "pgd"]) {
  test(`--step ${step} --json prints all figures`, async () => {
    const json = JSON.parse(await printed({ step, json: true })) as Json;
    assert.equal([json.step, json.batch, json.backend], [step, 2, "reference"]);
    assert.is(json.report.length, json.counts.kernelCalls - json.unseenCalls);
    assert.is(json.unseenCalls, 0);
    assert.is(json.kernels["conv2d"], 2);
    // An attack computes no gradient of a weight.
    assert.is(json.kernels["conv2dWeightGrad"], step === "train" ? 2 : undefined);
    assert.equal(json.predictedFor, GPUS);
    assert.equal([json.hostSecondsPerDispatch, json.counts.readbacks], [null, 0]);
    for (const row of json.report) {
      assert.type(row.flops, "number");
      assert.type(row.flopsPerByte, "number");
      assert.ok(row.dispatches.length >= 1, row.kernel);
      for (const { name } of GPUS) assert.ok(row.predictedSeconds[name]! > 0, row.kernel);
    }
  });
}

test("it prints both tables, and says what is predicted", async () => {
  const text = await printed({});
  for (const words of ["kernel calls", "host time", "FLOP/byte", "edge waste", "FMA/shared read"]) {
    assert.ok(text.includes(words), words);
  }
  for (const { name } of GPUS) assert.ok(text.includes(`${name}, predicted`), name);
  assert.match(text, /\nconv2d +\[2,28,28,1\] \[4,4,1,16\] -> \[2,14,14,16\] +200,704 /);
});

test("it refuses what it does not know", async () => {
  const refused = (options: ProfileCommandOptions, pattern: RegExp): Promise<void> => {
    return rejects(printed(options), isA(RangeError, pattern));
  };
  await refused({ step: "jump" }, /^Cannot profile a step jump: .*train, fgsm, pgd$/);
  for (const batch of ["0", "-1", "2.5", "many", ""]) {
    await refused({ batch }, /^Cannot use batches of .* images: it must be a whole number > 0$/);
  }
  await refused({ device: "abacus" }, /^Cannot open a device "abacus"/);
});

test("it stops when it is interrupted", async () => {
  const controller = new AbortController();
  controller.abort();
  const out = terminal({ write: () => {} });
  const stopped = profile({ device: "reference", batch: "2" }, { out, signal: controller.signal });
  const error = await stopped.then(() => undefined, (error: Error) => error);
  assert.is(error?.name, "AbortError");
});

test("the command line knows it, and its exit codes are those of the others", () => {
  const run = (...args: string[]) => {
    const command = ["--import", "tsx", "src/cli/main.ts", ...args];
    return spawnSync(process.execPath, command, { cwd: root, encoding: "utf8" });
  };
  const help = run("profile", "--help");
  assert.is(help.status, 0, help.stderr);
  assert.match(help.stdout, "Usage: tapegrad profile [options]");
  const unknown = run("profile", "--jump");
  assert.is(unknown.status, 2);
  assert.match(unknown.stderr, /^tapegrad: .*--jump/);
  const wrong = run("profile", "--batch", "0");
  assert.is(wrong.status, 1);
  assert.match(wrong.stderr, /^tapegrad: Cannot use batches of 0 images/);
});

test.run();
