// Runs the pinned Deno: tsx scripts/deno.ts fmt

import { spawnSync } from "node:child_process";
import process from "node:process";
import { pinnedDeno, root } from "./tools.ts";

const args = process.argv.slice(2);
const { status } = spawnSync(await pinnedDeno(), args, { cwd: root, stdio: "inherit" });
process.exitCode = status ?? 1;
