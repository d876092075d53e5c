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
import {
  describedModel,
  exportOnnx,
  readSafetensors,
  resnet8,
  saveModel,
  smallCnn,
  writeSafetensors,
} from "../../src/nn/mod.ts";
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
    const model = smallCnn({ random, classes: 2, device }), notes = { data: "pets", epochs: "3" };
    const description = { model: "smallCnn", image: [28, 28, 1], classes: ["cat", "dog"] } as const;
    const described = await describedModel(model, description, notes);
    await writeFile(checkpoint, described);
    const { status, stdout, stderr } = tapegrad("--checkpoint", checkpoint, "--out", out);
    assert.is(status, 0, stderr);
    assert.match(
      stdout,
      /^smallCnn is in .*: image \[N, 1, 28, 28\] to logits \[N, 2\]/,
    );
    const bytes = new Uint8Array(await readFile(out));
    const { metadata } = readSafetensors(described);
    assert.equal(bytes, await exportOnnx(model, { inputShape: [28, 28, 1], metadata }));
    assert.equal(readOnnx(bytes).metadata["classes"], '["cat","dog"]');
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
      input: [3, 32, 32],
      classes: Array.from({ length: 100 }, (_, i) => String(i)),
      bytes: bytes.length,
    };
    assert.equal(JSON.parse(stdout), wanted);
    const { graph, metadata } = readOnnx(bytes);
    assert.equal(metadata, { model: "resnet8", classes: JSON.stringify(wanted.classes) });
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
          /^tapegrad: Cannot restore the checkpoint: it does not name its model, one of smallCnn/,
        ],
        [[...given, "--model", "vgg"], /: it does not tell the size of its images/],
        [[...given, "--model", "alexnet"], /: its model is alexnet, one of smallCnn/],
        [[...given, "--model", "vgg", "--data", "cats"], /with --data cats: it must be one of dig/],
        [[...given, "--model", "vgg", "--data", "mnist"], /Cannot load the checkpoint into Vgg/],
        [
          ["--checkpoint", empty, "--out", out, "--model", "vgg", "--data", "mnist"],
          /it does not tell its classes/,
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
