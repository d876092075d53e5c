// `tapegrad export`: from a checkpoint to the very file that exportOnnx gives.

import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { root } from "../../scripts/tools.ts";
import type { ExportResult } from "../../src/cli/export.ts";
import { exportOnnx, resnet8, saveModel, smallCnn, writeSafetensors } from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { VERSION } from "../../src/version.ts";
import { reference as device } from "../support/devices.ts";
import { readOnnx } from "../support/onnx_reader.ts";

const test = suite("tapegrad export");

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tapegrad-export-"));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function tapegrad(...args: readonly string[]) {
  const all = ["--import", "tsx", "src/cli/main.ts", "export", ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, {
    cwd: root,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

const random = new RandomStream(3);

test("what train wrote needs no more than its name", async () => {
  await inFolder(async (folder) => {
    const checkpoint = join(folder, "model.safetensors"), out = join(folder, "new/model.onnx");
    const notes = { model: "smallCnn", data: "digits", epochs: "3" };
    const model = smallCnn({ random, classes: 7, device });
    await writeFile(checkpoint, await saveModel(model, notes));
    const { status, stdout, stderr } = tapegrad("--checkpoint", checkpoint, "--out", out);
    assert.is(status, 0, stderr);
    assert.match(
      stdout,
      /^smallCnn for digits is in .*: image \[N, 1, 28, 28\] to logits \[N, 7\]/,
    );
    const bytes = new Uint8Array(await readFile(out));
    assert.equal(bytes, await exportOnnx(model, { inputShape: [28, 28, 1], metadata: notes }));
    assert.equal(await readdir(join(folder, "new")), ["model.onnx"]);
  });
});

test("a checkpoint from elsewhere needs its model and data, and JSON tells what was written", async () => {
  await inFolder(async (folder) => {
    const checkpoint = join(folder, "model.safetensors"), out = join(folder, "model.onnx");
    await writeFile(checkpoint, await saveModel(resnet8({ random, classes: 100, device })));
    const files = ["--checkpoint", checkpoint, "--out", out, "--json"];
    const { status, stdout, stderr } = tapegrad(
      ...files,
      "--model",
      "resnet8",
      "--data",
      "cifar10",
    );
    assert.is(status, 0, stderr);
    const bytes = new Uint8Array(await readFile(out));
    const wanted: ExportResult = {
      checkpoint,
      out,
      model: "resnet8",
      data: "cifar10",
      input: [3, 32, 32],
      classes: 100,
      bytes: bytes.length,
    };
    assert.equal(JSON.parse(stdout), wanted);
    const { graph, metadata } = readOnnx(bytes);
    assert.equal(metadata, { model: "resnet8", data: "cifar10" });
    assert.equal(graph.inputs[0]!.shape, ["N", 3, 32, 32]);
    assert.equal(graph.outputs[0]!.shape, ["N", 100]);
  });
});

test("it refuses what it cannot do, and writes nothing", async () => {
  await inFolder(async (folder) => {
    const checkpoint = join(folder, "model.safetensors"), out = join(folder, "model.onnx");
    const empty = join(folder, "empty.safetensors");
    await writeFile(checkpoint, await saveModel(smallCnn({ random, device })));
    await writeFile(empty, writeSafetensors(new Map()));
    const given = ["--checkpoint", checkpoint, "--out", out];
    for (
      const [args, message, code = 1] of [
        [[], /^tapegrad: Cannot export without a checkpoint and a place: give --checkpoint FILE/],
        [["--checkpoint", checkpoint], /^tapegrad: Cannot export without a checkpoint and a place/],
        [
          given,
          /^tapegrad: Cannot export the checkpoint: it does not tell its model, give --model/,
        ],
        [[...given, "--model", "vgg"], /: it does not tell its data, give --data/],
        [[...given, "--model", "alexnet"], /with --model alexnet: it must be one of smallCnn, vgg/],
        [[...given, "--model", "vgg", "--data", "cats"], /with --data cats: it must be one of dig/],
        [[...given, "--model", "vgg", "--data", "mnist"], /Cannot load the checkpoint into Vgg/],
        [
          ["--checkpoint", empty, "--out", out, "--model", "vgg", "--data", "mnist"],
          /it has no weights of a linear layer/,
        ],
        [["--checkpoint", "nowhere", "--out", out], /Cannot read the checkpoint nowhere/],
        [["--opset", "9"], /^tapegrad: Unknown option '--opset'/, 2],
      ] as const
    ) {
      const { status, stderr } = tapegrad(...args);
      assert.is(status, code, stderr);
      assert.match(stderr, message);
    }
    assert.equal(await readdir(folder), ["empty.safetensors", "model.safetensors"]);
  });
  assert.match(tapegrad("--help").stdout, /^Usage: tapegrad export --checkpoint FILE --out FILE/);
});

test("files name the version of the package", async () => {
  for (const file of ["package.json", "deno.json"]) {
    const { version } = JSON.parse(await readFile(join(root, file), "utf8"));
    assert.is(VERSION, version, file);
  }
});

test.run();
