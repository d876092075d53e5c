// The benchmarks from the command line, in Node and in Deno, on a machine without a GPU.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseReport } from "../../bench/harness/json.ts";
import { root } from "../../scripts/tools.ts";
import { deno } from "../support/programs.ts";
import { softwareAdapter } from "../support/software_adapter.ts";

const test = suite("npm run bench");
const adapter = await softwareAdapter();

const ENGINES = {
  Node: [process.execPath, "--import", "tsx"],
  Deno: deno === undefined ? undefined : [deno, "run", "--allow-all"],
} as const;

for (const [engine, command] of Object.entries(ENGINES)) {
  const on = command === undefined || typeof adapter === "string" ? test.skip : test;

  on(`WebGPU alone runs in software in ${engine} where there is no GPU, and says so`, () => {
    const folder = mkdtempSync(join(tmpdir(), "tapegrad-")), file = join(folder, "bench.json");
    const [program, ...flags] = command!;
    const asked = ["--only", "webgpu", "--quick", "--filter", "matmul W1_64|CHAIN", "--json", file];
    const { status, stdout, stderr } = spawnSync(
      program!,
      [...flags, join(root, "bench/run.ts"), ...asked],
      // No driver, whatever the machine has.
      { cwd: root, encoding: "utf8", env: { ...process.env, VK_DRIVER_FILES: "/dev/null" } },
    );
    assert.is(status, 0, stderr);
    assert.match(stdout, /no GPU, so WebGPU is timed in software, on the CPU/);
    assert.match(stdout, /webgpu, software {2}[\d.]+ [GM]FLOP\/s in multiply-adds/);
    const { machine, devices, works } = parseReport(readFileSync(file, "utf8"), file);
    rmSync(folder, { recursive: true });
    assert.match(machine.engine, new RegExp(`^${engine} \\d`));
    assert.equal(devices.map(({ name, software }) => [name, software]), [
      ["webgpu, software", true],
    ]);
    assert.is(works.length, 5);
    for (const { name, outcomes, shares } of works) {
      const outcome = outcomes["webgpu, software"]!;
      assert.is(outcome.kind, "measured", name);
      assert.ok(shares["webgpu, software"]!.share > 0, name);
    }
  });
}

test.run();
