// Makes what npm users get, in dist/: bundles for Node and for browsers, the command line, and the types.
//
//   npm run build    (npm pack and npm publish do it by themselves)
//
// Nothing of this is needed for development: there the package's own name leads to the sources, by the condition
// "source" in package.json and by "imports" in deno.json.

import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import process from "node:process";
import { build, type BuildOptions } from "esbuild";
import ts from "typescript";
import { root } from "./tools.ts";

const output = join(root, "dist");

const common: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  target: ["es2022"],
  packages: "external",
  outdir: output,
  write: false,
  logLevel: "warning",
};

/** Node's entries are built together, so that they share one engine: one Tensor, one default device. */
const node: BuildOptions = {
  ...common,
  entryPoints: [
    { in: "mod.ts", out: "node" },
    { in: "node.ts", out: "files" },
    { in: "src/cli/main.ts", out: "cli" },
  ],
  platform: "node",
  splitting: true,
  chunkNames: "shared-[hash]",
};

/** The report room uses nothing of the engine: one file serves all. */
const neutral: BuildOptions = {
  ...common,
  entryPoints: [{ in: "src/report/mod.ts", out: "report" }],
  platform: "neutral",
};

const browser: BuildOptions = {
  ...common,
  entryPoints: [{ in: "mod.ts", out: "browser" }],
  platform: "browser",
};

async function bundle(options: BuildOptions): Promise<void> {
  const { outputFiles = [] } = await build(options);
  for (const { path, text } of outputFiles) {
    const command = path === join(output, "cli.js");
    const shebang = command && !text.startsWith("#!") ? "#!/usr/bin/env node\n" : "";
    await writeFile(path, shebang + text, { mode: command ? 0o755 : 0o644 });
  }
}

/** Specifiers of the own files in a declaration: `from "./a.ts"`, `import("./a.ts")`. */
const OWN_FILE = /(?<=\b(?:from|import)\s*\(?\s*")(\.{1,2}\/[^"]+)\.ts(?=")/g;

/** The declarations of the entries and of all that they mention; what they do not is no business of users. */
async function declare(entries: readonly string[]): Promise<void> {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: entries }, ts.sys, root);
  const program = ts.createProgram(entries.map((entry) => join(root, entry)), {
    ...options,
    noEmit: false,
    emitDeclarationOnly: true,
    rootDir: root,
  });
  const emitted = new Map<string, string>();
  program.emit(undefined, (file, text) => void emitted.set(file, text), undefined, true);
  const needed = new Set(entries.map((entry) => join(root, entry)));
  for (const file of needed) {
    const name = file.replace(/\.ts$/, ".d.ts");
    const text = emitted.get(name);
    if (text === undefined) throw new Error(`Cannot find the types of ${relative(root, file)}`);
    for (const [, path] of text.matchAll(OWN_FILE)) needed.add(join(dirname(file), `${path}.ts`));
    const target = join(output, "types", relative(root, name));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, selfContained(text.replace(OWN_FILE, "$1.js")));
  }
}

/** Adds what a user's compiler may lack: the symbol of `using`, and the names of WebGPU's interfaces. */
function selfContained(declarations: string): string {
  const code = declarations.replace(/\/\*[\s\S]*?\*\//g, "");
  const names = [...new Set(code.match(/\bGPU[A-Z]\w*/g))].map((name) => `interface ${name} {}`);
  const library = code.includes("Symbol.dispose")
    ? '/// <reference lib="esnext.disposable" />\n'
    : "";
  // Empty interfaces merge with those of the DOM library or of @webgpu/types, where there are any.
  const globals = names.length > 0 ? `declare global { ${names.join(" ")} }\n` : "";
  return library + declarations + globals;
}

async function main(): Promise<void> {
  await rm(output, { recursive: true, force: true });
  await mkdir(output);
  await Promise.all([bundle(node), bundle(neutral), bundle(browser)]);
  await declare(["mod.ts", "node.ts", "src/report/mod.ts"]);
  for (const name of ["node", "browser", "files", "report", "cli"]) {
    const { size } = await stat(join(output, `${name}.js`));
    console.log(`dist/${name}.js`.padEnd(20), `${(size / 1024).toFixed(1)} KiB`.padStart(12));
  }
}

process.exitCode = await main().then(() => 0);
