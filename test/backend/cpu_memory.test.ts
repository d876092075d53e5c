import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Device, openDevice } from "../../src/backend/mod.ts";
import { BackendError } from "../../src/errors.ts";
import { Flatten, Linear, ReLU, Sequential, SGD } from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { tidy } from "../../src/scope.ts";
import { rand, type Tensor, tensor } from "../../src/tensor/mod.ts";
import { isA } from "../support/errors.ts";

const test = suite("memory of the cpu device");

const MEBIBYTE = 1 << 20;

/** Runs a test on a device of its own. */
async function withDevice(
  options: { readonly threads: number; readonly maxBytes?: number },
  use: (device: Device) => Promise<void>,
): Promise<void> {
  const device = await openDevice("cpu", options);
  try {
    await use(device);
  } finally {
    device.close();
  }
}

/** The first multiples of a step, which no other block has. */
function ramp(count: number, step: number): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = i * step;
  return values;
}

async function assertHolds(x: Tensor, values: Float32Array, what: string): Promise<void> {
  const got = await x.data();
  const wrong = values.findIndex((value, i) => got[i] !== value);
  assert.is(wrong, -1, `${what}: at ${wrong} is ${got[wrong]} instead of ${values[wrong]}`);
}

for (const threads of [1, 3]) {
  test(`running out is an error that leaves all tensors as they are, ${threads} threads`, async () => {
    await withDevice({ threads, maxBytes: 8 * MEBIBYTE }, async (device) => {
      const count = MEBIBYTE / 4;
      const held: Tensor[] = [];
      const message = new RegExp(
        `^Cannot allocate 1048576 bytes for .*\\[262144\\]: 8388608 of at most 8388608 bytes are ` +
          "in use \\(the limit is reached\\), use smaller batches or dispose what is not needed$",
      );
      assert.throws(() => {
        for (let i = 0; i < 100; i++) held.push(tensor(ramp(count, i + 1), { device }));
      }, isA(BackendError, message));
      assert.is(held.length, 8);
      assert.is(device.ledger.bytes, 8 * MEBIBYTE);
      assert.throws(() => held[0]!.add(held[1]!), isA(BackendError, message));
      assert.throws(() => held[0]!.exp(), isA(BackendError, message));
      for (const [i, x] of held.entries()) await assertHolds(x, ramp(count, i + 1), `tensor ${i}`);
      // With room again it goes on, also with sizes that were not there before.
      for (const x of held.splice(6)) x.dispose();
      const sum = held[1]!.add(held[3]!);
      await assertHolds(sum, ramp(count, 6), "the sum");
      sum.dispose();
      const long = tensor(ramp(2 * count, 1), { device });
      await assertHolds(long, ramp(2 * count, 1), "a longer one");
      for (const [i, x] of held.entries()) await assertHolds(x, ramp(count, i + 1), `tensor ${i}`);
    });
  });
}

test("a batch that is too large is an error, a smaller one trains on", async () => {
  await withDevice({ threads: 2, maxBytes: 2 * MEBIBYTE }, async (device) => {
    const random = new RandomStream(1);
    const model = new Sequential(
      new Flatten(),
      new Linear(784, 64, { random, device }),
      new ReLU(),
      new Linear(64, 10, { random, device }),
    );
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    function step(batch: number): void {
      tidy(() => {
        const x = rand([batch, 28, 28, 1], { random: new RandomStream(2), device });
        const labels = tensor(Uint32Array.from({ length: batch }, (_, i) => i % 10), { device });
        optimizer.zeroGrad();
        model.forward(x).crossEntropy(labels).backward();
        optimizer.step();
      });
    }
    const weight = model.parameters().get("1.weight")!;
    const before = Float32Array.from(await weight.data());
    assert.throws(
      () => step(2000),
      isA(BackendError, /^Cannot allocate 6272000 bytes for .*\[2000, 28, 28, 1\]/),
    );
    // Here the images find room, and what is computed from them does not.
    assert.throws(() => step(480), isA(BackendError, /^Cannot allocate \d+ bytes for /));
    await assertHolds(weight, before, "the weight");
    step(50);
    const after = await weight.data();
    assert.ok(after.some((value, i) => value !== before[i]) && after.every(Number.isFinite));
  });
});

test("tensors keep their place and values while memory grows", async () => {
  for (const threads of [1, 2, 3]) {
    await withDevice({ threads }, async (device) => {
      const held: Tensor[] = [];
      for (let i = 0; i < 12; i++) {
        const count = 1000 * 2 ** i;
        const x = tensor(ramp(count, i + 1), { device });
        // What is computed lies in memory that the workers have not seen before.
        held.push(x.add(x));
        x.dispose();
      }
      for (const [i, x] of held.entries()) {
        await assertHolds(x, ramp(1000 * 2 ** i, 2 * (i + 1)), `tensor ${i}`);
      }
      const total = held.reduce((sum, { size }) => sum + size, 0);
      assert.is(device.ledger.bytes, 4 * total);
    });
  }
});

test("a device that has run out can be filled again and again", async () => {
  await withDevice({ threads: 2, maxBytes: 4 * MEBIBYTE }, async (device) => {
    for (let round = 0; round < 20; round++) {
      const size = 3000 + 7919 * round;
      const held: Tensor[] = [];
      let full = false;
      while (!full) {
        try {
          held.push(tensor(ramp(size, round), { device }));
        } catch (error) {
          assert.instance(error, BackendError);
          full = true;
        }
      }
      assert.ok(held.length * size * 4 > 2.5 * MEBIBYTE, `only ${held.length} of ${size} fit`);
      await assertHolds(held.at(-1)!, ramp(size, round), "the last");
      for (const x of held) x.dispose();
      assert.is(device.ledger.bytes, 0);
    }
  });
});

test.run();
