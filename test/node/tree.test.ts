// The tree itself: one operation, one name. A kernel without a rule, a test or a benchmark fails here, by name.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { root } from "../../scripts/tools.ts";
import { treeProblems } from "../../scripts/tree.ts";

/** Files of src/kernels that hold no kernel, and what they hold. */
const SHARED: Readonly<Record<string, string>> = {
  "products.ts": "the inner loop of the reference twins of matmul and conv2d",
  "epilogue.ts": "what a shader does with its results before it stores them",
  "finished.ts": "kernels with epilogues",
  "indices.ts": "the checks of take and gather",
  "kernel.ts": "what a kernel is",
  "line_sums.ts": "sums along lines, for the ways back of take and gather",
  "mod.ts": "the door",
  "offsets.ts": "where the elements of a strided tensor lie",
  "optimizers/scalars.ts": "the operand that optimisers share",
  "pooling/sizes.ts": "windows of maximum and average pooling",
  "strided/walk.ts": "the copies of permute, slice and flip",
  "tiles/fill.ts": "how a matrix is read into its blocks",
  "tiles/fill_narrow.ts": "the same where rows are odd",
  "tiles/pick.ts": "shader text that chooses between constants",
  "tiles/product.ts": "the tiled product of matmul and the convolutions",
  "tiles/staging.ts": "how its blocks get into workgroup memory",
  "tiles/store.ts": "how its rows are stored",
  "tiles/sum_parts.ts": "how parts of its sums are added up",
  "tiles/tile.ts": "the shape of its tiles",
  "vectors.ts": "shader text for reading vectors",
  "wgsl.ts": "shader text for all",
  "window.ts": "windows of convolution and pooling",
};

/** Kernels that need no rule of their name, and the file that runs them instead. */
const RUN_ELSEWHERE: Readonly<Record<string, string>> = {
  adam: "src/nn/optim/adam.ts",
  elementwise_chain: "src/backend/capture/fuse_chains.ts",
  euclidean_step: "src/attacks/norms.ts",
  random: "src/tensor/create.ts",
  running_statistics: "src/kernels/batch_norm/training.ts",
  sgd: "src/nn/optim/sgd.ts",
};

/** Files of src/autograd/rules that need no kernel of their name, and why. */
const WITHOUT_KERNEL: Readonly<Record<string, string>> = {
  linear: "a matrix product and a sum",
  bounds: "a helper of rules that keep what the host knows of labels",
  mod: "the door",
  reshape: "shares the buffer of its operand",
};

/** Rooms without a door. */
const PROGRAMS = new Set(["src/cli"]);

/** The whole engine: small, and ignorant of what it is used for. */
const ENGINE = ["src/autograd/tape.ts", "src/autograd/backward.ts", "src/autograd/mode.ts"];
const MOST_LINES = 250;
const FOREIGN = /gpu|conv|attack/i;

const files = filesOfTheProject();
const kernels = kernelNames();
const rules = namesIn("src/autograd/rules", ".ts");
const operations = rules.filter((name) => WITHOUT_KERNEL[name] === undefined || name === "reshape");

const test = suite("tree");

test("every kernel has a rule of its name, or is run by another file", () => {
  const missing = kernels.flatMap((kernel) => {
    const elsewhere = RUN_ELSEWHERE[kernel];
    if (elsewhere === undefined) {
      return rules.includes(kernel) ? [] : [`src/autograd/rules/${kernel}.ts for kernel ${kernel}`];
    }
    const runs = files.includes(elsewhere) && read(elsewhere).includes(camelCase(kernel));
    return runs ? [] : [`${elsewhere} that runs kernel ${kernel}`];
  });
  none("missing (exceptions are listed at the head of this test)", missing);
});

test("every kernel and every rule has a test of its name", () => {
  const tests = new Set(files.filter((file) => file.startsWith("test/")).map((it) => basename(it)));
  const names = new Set([...kernels, ...operations]);
  none(
    "missing",
    [...names].filter((it) => !tests.has(`${it}.test.ts`)).map((it) => {
      return `test/**/${it}.test.ts`;
    }),
  );
});

test("every kernel has a benchmark of its name, and no benchmark is left over", () => {
  const benches = namesIn("bench/kernels", ".bench.ts");
  none(
    "missing",
    kernels.filter((it) => !benches.includes(it)).map((it) => {
      return `bench/kernels/${it}.bench.ts`;
    }),
  );
  none(
    "left over",
    benches.filter((it) => !kernels.includes(it)).map((it) => {
      return `bench/kernels/${it}.bench.ts: there is no kernel ${it}`;
    }),
  );
});

test("every rule has a kernel of its name", () => {
  none(
    "missing",
    rules.filter((it) => !kernels.includes(it) && !(it in WITHOUT_KERNEL)).map((it) => {
      return `src/kernels/${it}.ts or src/kernels/${it}/kernel.ts for rule ${it}`;
    }),
  );
});

test("the lists of exceptions name what is there", () => {
  const named = [
    ...Object.keys(SHARED).map((file) => `src/kernels/${file}`),
    ...Object.keys(WITHOUT_KERNEL).map((name) => `src/autograd/rules/${name}.ts`),
  ];
  none("listed but not there", named.filter((file) => !files.includes(file)));
  none(
    "listed but no kernel",
    Object.keys(RUN_ELSEWHERE).filter((name) => !kernels.includes(name)),
  );
});

test("files are short, the library is silent, no test shuts others out", () => {
  none("broken", treeProblems());
});

test("the engine is small and knows neither devices nor convolution nor attacks", () => {
  none("missing", ENGINE.filter((file) => !files.includes(file)));
  const lines = ENGINE.map((file) => codeLines(read(file)));
  const total = lines.reduce((sum, count) => sum + count, 0);
  const parts = ENGINE.map((file, i) => `${basename(file)} ${lines[i]}`).join(", ");
  assert.ok(
    total < MOST_LINES,
    `the engine has ${total} lines of code (${parts}), it must have fewer than ${MOST_LINES}`,
  );
  none(
    "foreign words",
    ENGINE.flatMap((file) => {
      return read(file).split("\n").flatMap((line, i) => {
        return FOREIGN.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [];
      });
    }),
  );
});

test("every room has a door, and every door says what the room is", () => {
  const rooms = new Set(files.flatMap((file) => /^src\/[^/]+(?=\/)/.exec(file) ?? []));
  const doors = files.filter((file) => /^src\/.*\bmod\.ts$/.test(file));
  none(
    "missing",
    [...rooms].filter((it) => !PROGRAMS.has(it) && !doors.includes(`${it}/mod.ts`)).map((it) => {
      return `${it}/mod.ts`;
    }),
  );
  none(
    "without a text and @module",
    doors.filter((file) => {
      const [, head = ""] = /^\/\*\*\n(.*?)\*\//s.exec(read(file)) ?? [];
      const [text = "", ...others] = head.split("@module");
      return others.length !== 1 || text.replace(/\W+/g, "").length < 10;
    }),
  );
});

test.run();

/** Fails with one line per problem. */
function none(what: string, problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(`${what}: ${problems.join("\n  ")}`);
}

function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** What git would commit; outside of a checkout, what lies in the folder. */
function filesOfTheProject(): readonly string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard"];
  const { status, stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  const listed = status === 0 ? stdout.split("\n").filter(Boolean) : [];
  if (listed.includes("package.json")) return listed.filter((file) => existsSync(join(root, file)));
  return ["src", "test", "bench"].flatMap((folder) => {
    return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((path) => {
      return `${folder}/${path.replaceAll("\\", "/")}`;
    });
  });
}

/** Names of the files that lie directly in a folder. */
function namesIn(folder: string, ending: string): string[] {
  const inside = files.filter((file) => dirname(file) === folder && file.endsWith(ending));
  return inside.map((file) => basename(file, ending));
}

/** Whether a file is shared, or a cpu part: a twin, or help for twins. */
function isShared(file: string): boolean {
  return file in SHARED || file.endsWith(".as.ts") || basename(file).startsWith("cpu");
}

/** A folder with a kernel.ts is a kernel; every other file is one too, unless it is shared. */
function kernelNames(): string[] {
  const inside = files.filter((file) => /^src\/kernels\/.*(?<!\.d)\.ts$/.test(file));
  const paths = inside.map((file) => file.slice("src/kernels/".length));
  const folders = paths.filter((file) => /^[^/]+\/kernel\.ts$/.test(file)).map(dirname);
  const single = paths.filter((file) => !folders.includes(dirname(file)) && !isShared(file));
  return [...new Set([...folders, ...single.map((file) => basename(file).split(".")[0]!)])].sort();
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Lines that are neither blank nor comment. */
function codeLines(source: string): number {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  return code.split("\n").filter((line) => line.trim() !== "").length;
}
