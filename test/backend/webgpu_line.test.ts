// Shaders that compile while others wait for them: the queue gets all in the order in which it was
// asked for.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Line } from "../../src/backend/webgpu/line.ts";
import type { Pipeline } from "../../src/backend/webgpu/pipelines.ts";
import { elementwise } from "../../src/kernels/mod.ts";
import { hasWebGpu, openWebGpu } from "../support/devices.ts";

const test = suite("line of a queue");
const onGpu = hasWebGpu ? test : test.skip;

/** A pipeline that is ready when the test says so. */
function late() {
  let ready = () => {};
  const compiled = new Promise<void>((resolve) => ready = resolve);
  const pipeline = {
    gpu: null as object | null,
    compiled,
    byForce: 0,
    compile() {
      if (this.gpu === null) this.byForce++;
      this.gpu = {};
    },
    finish() {
      this.gpu = {};
      ready();
      return new Promise((resolve) => setTimeout(resolve));
    },
  };
  return pipeline as typeof pipeline & Pipeline;
}

function fail(error: unknown): never {
  throw error;
}

test("what needs no pipeline, or a ready one, is done at once", async () => {
  const line = new Line(fail), done: string[] = [], a = late();
  await a.finish();
  line.add(() => done.push("first"));
  line.add(() => done.push("second"), a);
  assert.equal(done, ["first", "second"]);
  assert.is(line.moved, undefined);
});

test("what waits for a pipeline holds back all that is asked for after it", async () => {
  const line = new Line(fail), done: string[] = [], [a, b] = [late(), late()];
  line.add(() => done.push("a"), a);
  line.add(() => done.push("free"));
  line.add(() => done.push("b"), b);
  line.add(() => done.push("last"), a);
  assert.ok(line.holds());
  await b.finish();
  assert.equal(done, []);
  const { moved } = line;
  await a.finish();
  assert.equal(done, ["a", "free", "b", "last"]);
  await moved;
  assert.is(line.moved, undefined);
  assert.not.ok(line.holds(a));
});

test("it goes on as far as it can, and what comes meanwhile goes to its end", async () => {
  const line = new Line(fail), done: string[] = [], [a, b] = [late(), late()];
  line.add(() => done.push("a"), a);
  line.add(() => done.push("b"), b);
  await a.finish();
  assert.equal(done, ["a"]);
  line.add(() => done.push("c"));
  assert.equal(done, ["a"]);
  await b.finish();
  assert.equal(done, ["a", "b", "c"]);
});

test("what an act throws is told, and the others go on", async () => {
  const errors: unknown[] = [], done: string[] = [];
  const line = new Line((error) => errors.push(error)), a = late();
  line.add(() => done.push("a"), a);
  line.add(() => fail("broken"));
  line.add(() => done.push("b"));
  await a.finish();
  assert.equal([done, errors], [["a", "b"], ["broken"]]);
});

test("what was dropped is never done", async () => {
  const line = new Line(fail), done: string[] = [], a = late();
  line.add(() => done.push("a"), a);
  line.drop();
  await a.finish();
  assert.equal(done, []);
  line.add(() => done.push("b"), a);
  assert.equal(done, ["b"]);
});

test("a loop that never waits has its shaders compiled on the spot", async () => {
  const line = new Line(fail), [a, b] = [late(), late()];
  let done = 0;
  line.add(() => done++, a);
  line.add(() => done++, b);
  for (let i = 0; i < 70_000; i++) line.add(() => done++);
  assert.ok(done > 60_000, `${done}`);
  assert.equal([a.byForce, b.byForce], [1, 1]);
  // What waited for them hears of it when they would have been ready.
  await Promise.all([a.finish(), b.finish()]);
  assert.is(done, 70_002);
  assert.is(line.moved, undefined);
});

onGpu("host writes wait for shaders that are compiled, and reads for both", async () => {
  const device = await openWebGpu();
  const spec = { shape: [3], dtype: "f32" } as const;
  const x = device.upload(Float32Array.of(1, 2, 3), "f32");
  const apply = (name: "exp" | "square") =>
    device.run(elementwise[name], [{ ...spec, buffer: x }], undefined)[0]!.buffer;
  const before = apply("exp"), second = apply("square");
  device.write(x, Float32Array.of(4, 5, 6));
  const after = apply("square"), again = device.upload(Float32Array.of(9), "f32");
  const read = await device.read([before, second, after, again]);
  read[0] = Float32Array.from(read[0]!, (value) => Math.round(value));
  assert.equal(read.map((it) => [...it]), [[3, 7, 20], [1, 4, 9], [16, 25, 36], [9]]);
  device.close();
});

onGpu("a device is closed while shaders are compiled", async () => {
  const device = await openWebGpu();
  const x = device.upload(new Float32Array(4), "f32");
  const operand = { shape: [4], dtype: "f32", buffer: x } as const;
  device.run(elementwise.tanh, [operand], undefined);
  const reading = device.read([x]).then(() => "read", (error: Error) => error.message);
  device.close();
  assert.match(await reading, /read|was closed/);
});

test.run();
