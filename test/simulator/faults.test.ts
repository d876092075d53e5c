// Faults that are planted into shaders, one for each kind that the simulator must find; the same shader
// without the fault passes.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { simulate } from "./simulate.ts";
import { trafficOf } from "./traffic.ts";
import { type Access, Memory } from "./memory.ts";

const test = suite("faults in the simulator");

const SIZE = 64;

/** y[i] = the number of the neighbour on the right, by way of workgroup memory. */
function shader(parts: { before?: string; store?: string; barrier?: string; load?: string } = {}) {
  const { before = "", store = "shared_x[i] = x[at];", barrier = "workgroupBarrier();" } = parts;
  const { load = `y[at] = shared_x[(i + 1u) % ${SIZE}u];` } = parts;
  return `@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
var<workgroup> shared_x: array<f32, ${SIZE}>;

@compute @workgroup_size(${SIZE})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let at = group.x * ${SIZE}u + i;
  ${before}
  ${store}
  ${barrier}
  ${load}
}`;
}

function run(code: string, seed = 1) {
  const x = Float32Array.from({ length: 2 * SIZE }, (_, i) => i), y = new Float32Array(2 * SIZE);
  return { y, ...simulate({ code, workgroups: [2, 1, 1] }, [x, y], { seed }) };
}

function kindsOf(code: string, seed?: number): readonly string[] {
  return [...new Set(run(code, seed).faults.map(({ kind }) => kind))].sort();
}

test("a shader without faults passes in every order, and computes", () => {
  for (let seed = 1; seed <= 5; seed++) {
    const { y, faults } = run(shader(), seed);
    assert.equal(faults, []);
    assert.equal([y[0], y[62], y[63], y[64], y[127]], [1, 63, 0, 65, 64]);
  }
});

test("a missing barrier is a race, and reads what nobody wrote", () => {
  assert.equal(kindsOf(shader({ barrier: "" })), ["race", "uninitialised read"]);
});

test("a write to somebody else's place is a race", () => {
  assert.equal(kindsOf(shader({ store: "shared_x[i] = x[at]; shared_x[0] = 1.0;" })), ["race"]);
  assert.equal(kindsOf(shader({ load: "y[group.x] = shared_x[i];" })), ["race"]);
});

test("two workgroups that touch one word are a race", () => {
  assert.equal(kindsOf(shader({ load: `y[i] = shared_x[i];` })), ["race"]);
  assert.equal(kindsOf(shader({ load: `y[at] = y[(at + ${SIZE}u) % ${2 * SIZE}u];` })), ["race"]);
});

test("a barrier of workgroup memory does not order memory of the device", () => {
  const load = (barrier: string) =>
    `y[at] = 1.0; ${barrier} let other = y[group.x * ${SIZE}u + (i + 1u) % ${SIZE}u];
  ${barrier} y[at] = other;`;
  assert.equal(kindsOf(shader({ load: load("workgroupBarrier();") })), ["race"]);
  assert.equal(kindsOf(shader({ load: load("storageBarrier();") })), []);
});

test("reads of workgroup memory that nobody wrote are found", () => {
  assert.equal(kindsOf(shader({ store: "if (i > 0u) { shared_x[i] = x[at]; }" })), [
    "uninitialised read",
  ]);
});

test("accesses out of bounds are found, where adapters hide them", () => {
  assert.equal(kindsOf(shader({ load: `y[at] = x[at + 1u];` })), ["out of bounds"]);
  assert.equal(kindsOf(shader({ load: `y[at + 1u] = shared_x[i];` })), ["out of bounds"]);
  assert.equal(kindsOf(shader({ load: `y[at] = shared_x[i + 1u];` })), ["out of bounds"]);
});

test("barriers that not all invocations reach are found", () => {
  const wanted = ["barrier not reached by all"];
  assert.equal(kindsOf(shader({ before: "if (i == 3u) { return; }" })), wanted);
  assert.equal(kindsOf(shader({ before: "if (i < 5u) { workgroupBarrier(); }" })), wanted);
  const uneven = "for (var k = 0u; k < i; k++) { workgroupBarrier(); }";
  assert.equal(kindsOf(shader({ before: uneven })), wanted);
});

test("a loop without end is an error, not a wait", () => {
  assert.throws(
    () => run(shader({ before: "for (var k = 1u; k > 0u; ) { k = 1u; }" })),
    /does not end/,
  );
});

/** Figures of 32 invocations that each access `words` words from a word of their own. */
function figures(space: "storage" | "workgroup", words: number, wordOf: (i: number) => number) {
  const memory = new Memory("m", space, { data: new Float32Array(4096), faults: [] });
  const accesses = Array.from({ length: 32 }, (_, invocation): Access => {
    return { site: "s", kind: "read", memory, word: wordOf(invocation), words, invocation };
  });
  return trafficOf(accesses)[0]!;
}

test("segments of memory are counted against those that would do", () => {
  assert.is(figures("storage", 1, (i) => i).segmentsPerNeeded, 1);
  assert.is(figures("storage", 4, (i) => 4 * i).segmentsPerNeeded, 1);
  assert.is(figures("storage", 1, () => 7).segmentsPerNeeded, 1);
  assert.is(figures("storage", 1, (i) => 8 * i).segmentsPerNeeded, 8);
  assert.is(figures("storage", 1, (i) => i + 4).segmentsPerNeeded, 1.25);
});

test("rounds in banks: one word for all is one, words of one bank are one each", () => {
  assert.is(figures("workgroup", 1, (i) => i).worstRounds, 1);
  assert.is(figures("workgroup", 1, () => 5).worstRounds, 1);
  assert.is(figures("workgroup", 1, (i) => 2 * i).worstRounds, 2);
  assert.is(figures("workgroup", 1, (i) => 32 * i).worstRounds, 32);
  assert.is(figures("workgroup", 1, (i) => 33 * i).worstRounds, 1);
  assert.is(figures("workgroup", 4, (i) => 4 * i).worstRounds, 1);
  assert.is(figures("workgroup", 4, (i) => 32 * i).worstRounds, 8);
});

test.run();
