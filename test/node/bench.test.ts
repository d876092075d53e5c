// The harness of the benchmarks: what it promises, without looking at any clock.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compare, EXACT } from "../../bench/harness/compare.ts";
import { IMAGES, uniform } from "../../bench/harness/data.ts";
import { FORMAT, parseReport } from "../../bench/harness/json.ts";
import { benchKernel } from "../../bench/harness/kernel_bench.ts";
import { measure, quantile, summarize } from "../../bench/harness/measure.ts";
import { type Outcome, timeWork } from "../../bench/harness/outcome.ts";
import { parseOptions } from "../../bench/harness/options.ts";
import { timeRow } from "../../bench/harness/row.ts";
import { takeWorks, type Work } from "../../bench/harness/work.ts";
import { type Kernel, matmul } from "../../src/kernels/mod.ts";
import { reference } from "../support/devices.ts";

const test = suite("bench");
const budget = { total: 0, run: 0 };

/** y = 2 x, a little more from the second call on. */
function drifting(by: number): Kernel {
  let calls = 0;
  return {
    name: "drifting",
    outputs: ([x]) => [x!],
    reference([x], [y]) {
      x!.data.forEach((value, i) => y!.data[i] = 2 * value + (calls > 0 ? by : 0));
      calls++;
    },
    webgpu: () => ({ dispatches: [] }),
  };
}

function workOf(kernel: Kernel): Work {
  benchKernel(kernel, { rtol: 0, atol: 1e-3 }, { row: { inputs: [uniform([4], 1)] } });
  return takeWorks()[0]!;
}

async function outcomeOf(work: Work, limit = Infinity): Promise<Outcome> {
  const devices = [{ name: "reference", device: reference, limit }];
  const setting = { reference, devices, budget, limit: Infinity, deadline: Infinity };
  for await (const [, outcome] of timeRow(work, setting)) return outcome;
  throw new Error("no outcome");
}

test("a figure is given for a result that matches", async () => {
  const outcome = await outcomeOf(workOf(drifting(1e-4)));
  assert.is(outcome.kind, "measured");
});

test("no figure is given for a result that does not match", async () => {
  const outcome = await outcomeOf(workOf(drifting(1)));
  assert.is(outcome.kind, "failed");
  assert.not("timing" in outcome);
  assert.match(JSON.stringify(outcome), /4 of 4 elements are not within 1e-3/);
});

test("no figure is given for a kernel that throws, and its message is kept", async () => {
  const work = workOf(drifting(0));
  const broken = {
    ...work,
    prepare: () => {
      throw new Error("no memory");
    },
  };
  assert.equal(await timeWork(broken, reference, { budget, expected: [] }), {
    kind: "failed",
    why: "no memory",
  });
});

test("a work beyond a device's limit is left out, with the reason", async () => {
  const outcome = await outcomeOf(workOf(drifting(0)), 1);
  assert.equal(outcome, { kind: "left out", why: "more than the 1.00 operations that it gets" });
});

test("sampled rows are compared with the same rows of the whole result", async () => {
  const inputs = [uniform([50, 7], 1), uniform([7, 3], 2)];
  const params = { transposeA: false, transposeB: false };
  benchKernel(matmul, EXACT, { row: { inputs, params, sampleRows: 4 } });
  const work = takeWorks()[0]!;
  const subject = work.prepare(reference);
  const results = work.compared(await subject.results());
  subject.close();
  assert.is(results[0]!.length, 4 * 3);
  assert.equal(compare(results, await work.expected(reference), EXACT).problem, undefined);
  assert.is(work.expectedCost, 2 * 4 * 7 * 3);
});

test("compare() fails on NaN, counts outliers, and reports the first wrong element", () => {
  const want = Float32Array.of(1, 2, 3, 4);
  const got = Float32Array.of(1, NaN, 3, 5);
  const loose = { rtol: 0, atol: 0.5 };
  assert.match(compare([got], [want], loose).problem!, /2 of 4 .* at 1 got NaN, wanted 2/);
  assert.is(compare([got], [want], { ...loose, outliers: 0.5 }).problem, undefined);
  assert.match(compare([got], [want.subarray(1)], loose).problem!, /got 4 elements, wanted 3/);
});

test("measure() times batches of quick calls and few runs of slow ones", async () => {
  const noWait = () => Promise.resolve();
  const quick = await measure({ call() {}, sync: noWait }, { total: 1, run: 1e9 });
  assert.is(quick.callsPerRun, 1000);
  let calls = 0;
  const slow = await measure({ call: () => void calls++, sync: noWait }, budget);
  assert.is(slow.callsPerRun, 1);
  assert.is(slow.runs, 1);
  assert.is(calls, 1);
});

test("summarize() gives the median and the spread", () => {
  const { median, min, p10, p90 } = summarize([5, 1, 4, 2, 3], 1);
  assert.equal([median, min, p10, p90], [3, 1, 1.4, 4.6]);
  assert.is(quantile([7], 0.9), 7);
});

test("images are counted channels first, whatever order they are stored in", () => {
  const stored = uniform([1, 2, 2, 3], 1, { order: IMAGES }).elements();
  const counted = uniform([1, 3, 2, 2], 1).elements();
  // Pixel (1, 0) of channel 2.
  assert.is(stored[(1 * 2 + 0) * 3 + 2], counted[2 * 4 + 1 * 2 + 0]);
});

test("parseReport() takes what is whole, and says what is wrong with the rest", () => {
  const work = {
    name: "row",
    about: "",
    file: "kernels/row.bench.ts",
    flops: 1,
    bytes: 1,
    tolerance: EXACT,
    point: { curve: "row", size: 1 },
    outcomes: { cpu: { kind: "left out", why: "slow" } },
    shares: {},
  };
  const device = { name: "cpu", backend: "cpu", description: "WebAssembly" };
  const report = {
    format: FORMAT,
    date: "2026-01-01T00:00:00.000Z",
    machine: { engine: "Node 20" },
    devices: [device],
    works: [work],
  };
  const parse = (value: unknown) => parseReport(JSON.stringify(value), "a.json");
  assert.equal(parse(report), report);
  const broken = [
    { ...report, machine: undefined },
    { ...report, devices: [{ name: "cpu" }] },
    { ...report, devices: [{ ...device, limits: { peak: "high" } }] },
    { ...report, works: [{ ...work, point: { curve: "row", size: "large" } }] },
    { ...report, works: [{ ...work, outcomes: { cpu: { kind: "measured", timing: {} } } }] },
    { ...report, works: [{ ...work, shares: { cpu: 1 } }] },
  ];
  for (const it of broken) {
    assert.throws(() => parse(it), /^Cannot read a\.json: parts/, it as never);
  }
  assert.throws(() => parse({ ...report, format: "2" }), /its format is "2"/);
  assert.throws(() => parse(null), /its format is undefined/);
  assert.throws(() => parseReport("{", "a.json"), /it holds no JSON/);
});

test("parseOptions() refuses what it does not know", () => {
  assert.is(parseOptions(["--quick"]).quick, true);
  assert.throws(() => parseOptions(["--fast"]));
  assert.throws(() => parseOptions(["--only", "tpu"]), /must be reference, cpu or webgpu/);
});

test.run();
