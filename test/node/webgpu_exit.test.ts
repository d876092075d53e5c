import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hasWebGpu } from "../support/devices.ts";

const test = suite("webgpu in a process");
const onGpu = hasWebGpu ? test : test.skip;
const root = join(dirname(), "../..");

function dirname(): string {
  return fileURLToPath(new URL(".", import.meta.url));
}

/** Runs a program that has the backend's names. */
function run(source: string): { readonly status: number | null; readonly output: string } {
  const program = `import * as backend from "./src/backend/mod.ts";\n${source}`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", program],
    { cwd: root, encoding: "utf8", timeout: 20_000 },
  );
  return { status, output: `${stdout}${stderr}`.trim() };
}

const OPEN = `
  const device = await backend.openDevice("webgpu");
  const buffer = device.upload(Float32Array.of(1, 2), "f32");
`;

onGpu("a process ends by itself after close()", () => {
  const { status, output } = run(`${OPEN}
    console.log(String((await device.read([buffer]))[0]));
    device.close();
  `);
  assert.is(output, "1,2");
  assert.is(status, 0);
});

onGpu("a process ends by itself when a device is left open", () => {
  const { status, output } = run(`${OPEN} console.log(String((await device.read([buffer]))[0]));`);
  assert.is(output, "1,2");
  assert.is(status, 0);
});

test("importing the backend loads no GPU and reads no global", () => {
  const { status, output } = run(`
    console.log(process.getActiveResourcesInfo().filter((name) => !/Pipe|TTY|FS|Message|Imm/.test(name)).join());
    console.log(Object.keys(globalThis).filter((name) => /gpu/i.test(name)).join());
    console.log(process.report.getReport().sharedObjects.filter((name) => /dawn/.test(name)).join());
  `);
  assert.is(output.replaceAll("\n", ""), "");
  assert.is(status, 0);
});

test.run();
