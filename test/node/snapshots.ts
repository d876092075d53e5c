// Shaders as text in snapshots/: a change of them is seen in a diff. TAPEGRAD_UPDATE_SNAPSHOTS=1 in the
// environment rewrites them.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "uvu/assert";
import { root } from "../../scripts/tools.ts";
import type { Candidate } from "../../src/kernels/mod.ts";

const folder = join(root, "test/node/snapshots");
const updates = process.env["TAPEGRAD_UPDATE_SNAPSHOTS"] === "1";

/** Compares the shaders of a way, and how they are launched, with those that are kept. */
export function assertSnapshot(name: string, way: Candidate): void {
  const text = way.program().dispatches.map(({ code, operands, workgroups }) => {
    return `// ${way.name}: workgroups ${workgroups.join(" ")}, operands ${operands.join(" ")}\n${
      code.replace(/\n{3,}/g, "\n\n").trim()
    }\n`;
  }).join("\n");
  const path = join(folder, `${name}.wgsl`);
  if (updates) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, text);
  }
  assert.ok(existsSync(path), `${path} is missing: make it with TAPEGRAD_UPDATE_SNAPSHOTS=1`);
  assert.fixture(text, readFileSync(path, "utf8"), `${name}.wgsl`);
}
