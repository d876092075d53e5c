// Relaxed SIMD in Node 20, which has it behind a flag: src/backend/platform/node_simd.ts.

import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runProgram } from "../support/programs.ts";

const test = suite("relaxed SIMD in Node");
const in20 = process.versions["v8"]!.startsWith("11.3.") ? test : test.skip;

/** What a program prints that opens devices, computes in all threads and looks at the engine. */
interface Report {
  /** Whether the engine showed relaxed SIMD before and after. */
  readonly shown: readonly [boolean, boolean];
  readonly descriptions: readonly string[];
  /** Whether code that was compiled before is still accepted. */
  readonly cacheRejected: boolean;
  readonly bits: readonly number[];
}

const PROGRAM = `
  import { Script } from "node:vm";
  import { openDevice } from "./src/backend/mod.ts";
  import { RELAXED } from "./src/backend/cpu/generated/kernels.ts";
  import { tensor } from "./src/tensor/mod.ts";
  const source = "function twice(x) { return 2 * x }; twice(21)";
  const script = new Script(source);
  script.runInThisContext();
  const cachedData = script.createCachedData();
  const shows = () => WebAssembly.validate(Buffer.from(RELAXED, "base64"));
  const before = shows();
  const descriptions = [], bits = [];
  for (const threads of [1, 3, 2]) {
    const device = await openDevice("cpu", { threads });
    const numbers = Float32Array.from({ length: 400 * 300 }, (_, i) => Math.sin(i * i));
    const x = tensor(numbers, { device, shape: [400, 300] });
    const y = x.permute([1, 0]).matmul(x);
    // Often enough for the engine to optimise.
    for (let i = 0; i < 300; i++) x.matmul(y).dispose();
    const values = await x.matmul(y).data();
    let hash = 0;
    for (const word of new Uint32Array(values.buffer)) hash = (Math.imul(hash, 31) + word) | 0;
    bits.push(hash);
    descriptions.push(device.description);
    device.close();
  }
  const { cachedDataRejected: cacheRejected } = new Script(source, { cachedData });
  console.log(JSON.stringify({ shown: [before, shows()], descriptions, cacheRejected, bits }));
`;

async function report(...flags: readonly string[]): Promise<Report> {
  const { code, output } = await runProgram("Node", PROGRAM, { flags });
  assert.is(code, 0, output);
  return JSON.parse(output) as Report;
}

in20("it is used, and what the engine shows stays as it was", async () => {
  const { shown, descriptions, cacheRejected, bits } = await report();
  assert.equal(shown, [false, false]);
  assert.equal(
    descriptions,
    [1, 3, 2].map((threads) => {
      return `WebAssembly relaxed SIMD, ${threads} thread${threads === 1 ? "" : "s"}`;
    }),
  );
  assert.is(cacheRejected, false);
  assert.equal(bits, [bits[0], bits[0], bits[0]]);
});

in20("it computes what it does in a Node that shows it", async () => {
  const hidden = await report(), shown = await report("--experimental-wasm-relaxed-simd");
  assert.equal(shown.shown, [true, true]);
  assert.match(shown.descriptions[0]!, /relaxed SIMD/);
  assert.equal(hidden.bits, shown.bits);
});

in20("it does not depend on when the engine compiles and optimises", async () => {
  const { bits } = await report();
  for (
    const flags of [
      ["--wasm-lazy-compilation", "--no-wasm-dynamic-tiering"],
      ["--no-wasm-lazy-compilation"],
      ["--liftoff-only"],
      ["--no-liftoff"],
    ]
  ) {
    assert.equal((await report(...flags)).bits, bits, flags.join(" "));
  }
});

test("where the engine shows it, it is used", async () => {
  const { shown, descriptions } = await report();
  if (shown[0]) assert.match(descriptions[0]!, /relaxed SIMD/);
});

test.run();
