// Everything that can be said about the sources without running the tests.
//
//   tsx scripts/ok.ts [word...]    only the checks whose names hold one of the words

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { findOxlint, pinnedDeno, root } from "./tools.ts";
import { treeProblems } from "./tree.ts";

interface Check {
  readonly name: string;
  /** What the check needs, where that may not be there yet. */
  readonly needs?: string;
  readonly passes: () => boolean | Promise<boolean>;
}

const deno = await pinnedDeno();
const oxlint = await findOxlint();
const code = existing(
  "mod.ts",
  "node.ts",
  "src",
  "test",
  "bench",
  "examples",
  "scripts",
  "playground",
);

const checks: readonly Check[] = [
  { name: "format", passes: () => run(deno, ["fmt", "--check"]) },
  { name: "lint", passes: () => run(deno, ["lint"]) },
  { name: "types in Node and browsers", passes: () => run(local("tsc"), []) },
  { name: "types in Deno", passes: () => run(deno, ["check", "--quiet", ...code]) },
  {
    name: "layers and cycles",
    passes: () => run(local("depcruise"), ["--output-type", "err-long", ...code]),
  },
  {
    name: "promises and correctness",
    passes: () => {
      const tsgolint = join(dirname(oxlint), "tsgolint");
      return run(oxlint, ["--type-aware", ...code], { OXLINT_TSGOLINT_PATH: tsgolint });
    },
  },
  { name: "tree", passes: tree },
  {
    name: "compiled kernels",
    passes: () => run(process.execPath, ["--import", "tsx", "scripts/build_cpu.ts", "--check"]),
  },
  {
    name: "documents",
    passes: () => run(process.execPath, ["--import", "tsx", "scripts/docs.ts", "--check"]),
  },
  {
    name: "public documentation",
    needs: "mod.ts",
    passes: () => run(deno, ["doc", "--quiet", "--lint", "mod.ts", "node.ts", "src/report/mod.ts"]),
  },
  {
    name: "publishing",
    needs: "mod.ts",
    passes: () => run(deno, ["publish", "--dry-run", "--allow-dirty"]),
  },
  {
    name: "examples in documentation",
    needs: "mod.ts",
    passes: () => {
      const documents = existing("mod.ts", "node.ts", "src", "README.md", "docs");
      const args = ["test", "--allow-all", "--permit-no-files", "--doc", ...documents];
      // Some look for a GPU. Without this Deno loads OpenGL drivers too, of which Mesa's may break
      // the process when it ends.
      return run(deno, args, process.platform === "linux" ? { DENO_WEBGPU_BACKEND: "vulkan" } : {});
    },
  },
];

const words = process.argv.slice(2);
const chosen = checks.filter(({ name }) =>
  words.length === 0 || words.some((word) => name.includes(word))
);
if (chosen.length === 0) {
  throw new RangeError(`Cannot check ${words.join(" ")}: no check is called so`);
}

const summary: string[] = [];
for (const { name, needs, passes } of chosen) {
  console.log(`== ${name} ==`);
  const started = performance.now();
  const missing = needs !== undefined && !existsSync(join(root, needs));
  const result = missing ? `skipped: there is no ${needs} yet` : await passes() ? "ok" : "FAILED";
  if (result === "FAILED") process.exitCode = 1;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${result}\n`);
  summary.push(`${name.padEnd(28)}${seconds.padStart(5)} s  ${result}`);
}
console.log(`== summary ==\n${summary.join("\n")}`);

function run(
  command: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): boolean {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, DENO_NO_UPDATE_CHECK: "1", ...environment },
    stdio: "inherit",
  });
  if (error) console.error(error.message);
  return status === 0;
}

function tree(): boolean {
  const problems = treeProblems();
  for (const problem of problems) console.error(problem);
  return problems.length === 0;
}

function local(name: string): string {
  return join(root, "node_modules/.bin", name);
}

function existing(...paths: readonly string[]): string[] {
  return paths.filter((path) => existsSync(join(root, path)));
}
