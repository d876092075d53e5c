// What was measured is kept in a file: whole, or not at all, and whatever the file held before.

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { root } from "../../scripts/tools.ts";
import { tuningFile, tuningPath } from "../../src/backend/platform/tuning_file.ts";
import { parseTuned } from "../../src/backend/webgpu/choices/stored.ts";
import { hasWebGpu } from "../support/devices.ts";

const test = suite("tuning");

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tapegrad-tuning-"));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function tapegrad(args: readonly string[], file: string) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "src/cli/main.ts", ...args],
    { cwd: root, encoding: "utf8", env: { ...process.env, TAPEGRAD_TUNING: file } },
  );
  return { status, stdout, stderr };
}

test("the file is what TAPEGRAD_TUNING says, or lies in the cache folder", () => {
  const path = (env: Record<string, string>) => {
    return tuningPath({ env, platform: "linux", home: "/home/ada" });
  };
  assert.is(path({}), "/home/ada/.cache/tapegrad/tuning.json");
  assert.is(path({ XDG_CACHE_HOME: "/cache" }), "/cache/tapegrad/tuning.json");
  assert.is(path({ TAPEGRAD_TUNING: "/else/where.json" }), "/else/where.json");
  assert.is(path({ TAPEGRAD_TUNING: "off" }), undefined);
});

test("a file is replaced whole; one that is not there is none", async () => {
  await inFolder(async (folder) => {
    const store = tuningFile(join(folder, "new", "tuning.json"));
    assert.is(await store.read(), undefined);
    await store.write("one");
    await store.write("two");
    assert.is(await store.read(), "two");
    assert.equal(await readdir(join(folder, "new")), ["tuning.json"]);
  });
});

test("a file that cannot be written is an error that leaves nothing behind", async () => {
  await inFolder(async (folder) => {
    const store = tuningFile(folder);
    let failed = false;
    await store.write("text").catch(() => failed = true);
    assert.ok(failed);
    assert.equal(await readdir(folder), []);
    assert.is(await store.read(), undefined);
  });
});

test("it refuses what it does not know", () => {
  for (
    const [args, message] of [
      [
        ["--model", "alexnet"],
        /^tapegrad: Cannot tune a model alexnet: it must be one of smallCnn/,
      ],
      [["--step", "dance"], /^tapegrad: Cannot tune a step dance: it must be one of train, fgsm/],
      [["--batch", "0"], /^tapegrad: Cannot use batches of 0 images/],
      [["--budget=-1"], /^tapegrad: Cannot tune for -1 seconds/],
    ] as const
  ) {
    const { status, stderr } = tapegrad(["tune", ...args], "off");
    assert.is(status, 1);
    assert.match(stderr, message);
  }
});

if (hasWebGpu) {
  test("tapegrad tune keeps its choices, devices shows them, --clear forgets them", async () => {
    await inFolder(async (folder) => {
      const file = join(folder, "tuning.json");
      // Somebody else's notes: not ours to understand, and no reason to fail.
      await writeFile(file, "not JSON");
      const tuned = tapegrad(["tune", "--step", "fgsm", "--batch", "4"], file);
      assert.is(tuned.status, 0, tuned.stderr);
      assert.match(tuned.stdout, /matmul +\[4, 100\]/);
      assert.match(tuned.stdout, /Kept in .*tuning\.json\./);
      const [adapter] = [...parseTuned(await readFile(file, "utf8")).values()];
      assert.ok(adapter!.choices.size > 0);

      const shown = JSON.parse(tapegrad(["devices", "--json"], file).stdout) as {
        readonly choice: string;
        readonly tuned: unknown;
      }[];
      const { tuned: said } = shown.find(({ choice }) => choice === "webgpu")!;
      assert.equal(said, { calls: adapter!.choices.size, measured: adapter!.measured });

      assert.is(tapegrad(["tune", "--clear"], file).status, 0);
      assert.is(parseTuned(await readFile(file, "utf8")).size, 0);
    });
  });
}

test.run();
