// The package as npm users get it: packed, unpacked into an empty project, imported, type-checked, bundled for browsers.

import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { gunzipSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { root } from "../../scripts/tools.ts";
import { readTar } from "../support/tar.ts";

/** Packed bytes that nobody should have to download more than: of the library, and of the trained networks. */
const MOST_BYTES = { library: 1_500_000, networks: 25_000_000 };

// Outside of the checkout, so that nothing is found that lies above.
const project = mkdtempSync(join(tmpdir(), "tapegrad-"));
const installed = join(project, "node_modules/tapegrad");
let bytes = { library: 0, networks: 0 };
let paths: readonly string[] = [];

const test = suite("package");

/** Runs a program in the project; gives its output, and throws with it when it fails. */
function run(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: command === "npm" ? root : project,
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" },
    shell: command === "npm" && process.platform === "win32",
  });
  if (status === 0) return stdout.trim();
  throw new Error(`${command} ${args.join(" ")} ended with ${status}\n${stdout}${stderr}`);
}

function write(name: string, text: string): string {
  const file = join(project, name);
  writeFileSync(file, text);
  return file;
}

test.before(() => {
  run("npm", "pack", "--silent", "--pack-destination", project);
  const archive = readdirSync(project).find((file) => file.endsWith(".tgz"))!;
  const packed = readFileSync(join(project, archive));
  const entries = readTar(gunzipSync(packed)).map(({ path, bytes }) => {
    return { path: path.replace(/^package\//, ""), bytes };
  });
  for (const { path, bytes } of entries) {
    mkdirSync(dirname(join(installed, path)), { recursive: true });
    writeFileSync(join(installed, path), bytes);
  }
  paths = entries.map(({ path }) => path);
  const packedBytes = (networks: boolean) => {
    const chosen = entries.filter(({ path }) => path.startsWith("checkpoints/") === networks);
    return gzipSync(Buffer.concat(chosen.map(({ bytes }) => bytes))).length;
  };
  bytes = { library: packedBytes(false), networks: packedBytes(true) };
  // Its dependencies, and nothing else of the development's.
  const { dependencies } = manifest() as { readonly dependencies: object };
  for (const name of Object.keys(dependencies)) {
    symlinkSync(join(root, "node_modules", name), join(project, "node_modules", name), "junction");
  }
  write("package.json", '{ "type": "module" }');
});

test.after(() => rmSync(project, { recursive: true, force: true }));

function manifest(): Record<string, unknown> {
  return JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
}

test("holds what it names, and neither tests nor tools", () => {
  const { exports, bin } = manifest();
  const named = JSON.stringify([exports, bin]).match(/(?<=":")[^"]+/g) ?? [];
  assert.ok(named.length > 8);
  assert.equal(named.filter((path) => !existsSync(join(installed, path))), []);
  const folders = new Set(paths.map((path) => path.split("/")[0]));
  for (const folder of ["test", "bench", "scripts", "examples", "docs", "node_modules", ".cache"]) {
    assert.not(folders.has(folder), folder);
  }
  assert.equal(paths.filter((path) => path.endsWith(".as.ts")), []);
  for (const part of ["library", "networks"] as const) {
    assert.ok(bytes[part] > 0 && bytes[part] < MOST_BYTES[part], `${part}: ${bytes[part]} bytes`);
  }
});

test("takes a gradient in Node", () => {
  const file = write(
    "gradient.mjs",
    `import { init, tensor } from "tapegrad";
    await init({ device: "reference" });
    const x = tensor([1, 2, 3], { requiresGrad: true });
    x.square().sum().backward();
    console.log(String(await x.grad.data()));`,
  );
  assert.is(run(process.execPath, file), "2,4,6");
});

test("is one engine behind all its doors", () => {
  const file = write(
    "doors.mjs",
    `import { batchOf, RandomStream, Tensor } from "tapegrad";
    import { digits } from "tapegrad/node";
    import { formatTable } from "tapegrad/report";
    const data = await digits();
    const { images } = batchOf(data, [0, 1]);
    console.log(data.labels.length, images instanceof Tensor, typeof formatTable);`,
  );
  assert.is(run(process.execPath, file), "10000 true function");
});

test("touches no global and no GPU when it is imported, and needs no navigator", () => {
  const file = write(
    "quiet.mjs",
    `delete globalThis.navigator;
    const names = () => Reflect.ownKeys(globalThis).length;
    const before = names();
    await import("tapegrad");
    const libraries = process.report.getReport().sharedObjects.filter((name) => /dawn|vulkan/i.test(name));
    console.log(names() - before, libraries.length, process.getActiveResourcesInfo().length);`,
  );
  const [globals, libraries] = run(process.execPath, file).split(" ");
  assert.equal([globals, libraries], ["0", "0"]);
});

test("has a command line", () => {
  const command = join(installed, "dist/cli.js");
  assert.match(readFileSync(command, "utf8"), /^#!\/usr\/bin\/env node\n/);
  assert.match(run(process.execPath, command, "devices"), /^reference .*plain TypeScript/m);
  // The trained networks are found from dist, too.
  const args = ["--checkpoint", "smallcnn-digits", "--examples", "20", "--attacks", "none"];
  assert.match(run(process.execPath, command, "evaluate", ...args), /^clean +\d+ +20 /m);
});

const typed = `import { fgsm, init, RandomStream, smallCnn, tensor, type Tensor } from "tapegrad";
import { digits } from "tapegrad/node";
import { formatTable, wilson } from "tapegrad/report";
await init();
const x: Tensor = tensor([1, 2], { requiresGrad: true });
const gradient: Tensor | null = x.grad;
const result = await fgsm(smallCnn({ random: new RandomStream(1) }), x, [1], { eps: 0.1 });
const success: readonly boolean[] = result.success;
const labels: Uint8Array = (await digits()).labels;
// @ts-expect-error: a wrong use must be seen, or nothing was checked
const wrong: string = x.shape;
export { formatTable, gradient, labels, success, wilson, wrong };
`;

for (const [module, resolution] of [["esnext", "bundler"], ["nodenext", "nodenext"]] as const) {
  test(`has types for moduleResolution ${resolution}, without the types that development has`, () => {
    const target = {
      target: "es2022",
      lib: ["es2022", "dom"],
      module,
      moduleResolution: resolution,
    };
    const compilerOptions = { ...target, strict: true, noEmit: true, types: [] };
    write("typed.ts", typed);
    write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["typed.ts"] }));
    run(process.execPath, join(root, "node_modules/typescript/bin/tsc"), "-p", ".");
  });
}

test("bundles for browsers without anything of Node", async () => {
  const { metafile } = await build({
    stdin: {
      contents: 'import { init, tensor } from "tapegrad"; await init(); tensor([1]);',
      resolveDir: project,
    },
    bundle: true,
    format: "esm",
    platform: "browser",
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  const inputs = Object.keys(metafile.inputs);
  assert.ok(inputs.some((path) => path.endsWith("tapegrad/dist/browser.js")), inputs.join(" "));
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  assert.equal(imports, []);
});

test.run();
