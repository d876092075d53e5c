// A lost GPU: what waits is rejected, and training goes on from the last snapshot as if nothing had been.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { pgd } from "../../src/attacks/mod.ts";
import { type Device, WebGpuDevice } from "../../src/backend/mod.ts";
import { findAdapter, requestDevice } from "../../src/backend/webgpu/adapter.ts";
import { reopenAdapter } from "../../src/backend/webgpu/open.ts";
import { type Dataset, dataset } from "../../src/data/mod.ts";
import { BackendError, DisposedError } from "../../src/errors.ts";
import { elementwise } from "../../src/kernels/mod.ts";
import {
  Adam,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Flatten,
  Linear,
  ReLU,
  Sequential,
} from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { tidy } from "../../src/scope.ts";
import { capture, rand, type Tensor, tensor } from "../../src/tensor/mod.ts";
import { fit, type FitOptions, type Progress } from "../../src/train/mod.ts";
import { hasWebGpu } from "../support/devices.ts";
import { openBreakable } from "../support/breakable.ts";
import { isA, rejects } from "../support/errors.ts";

const test = suite("loss of a GPU");
const onGpu = hasWebGpu ? test : test.skip;
const LOST =
  /^Cannot go on with .*: the device was lost \(.*\), restore\(\) it and load a snapshot/;

const pixels = Uint8Array.from(new RandomStream(9).uniform(44 * 16), (u) => u * 255);
const data: Dataset = dataset({
  name: "noise",
  imageShape: [4, 4, 1],
  classes: ["even", "odd"],
  pixels,
  labels: Uint8Array.from({ length: 44 }, (_, i) => i % 2),
});

/** A little of all that has state: parameters, running statistics, random streams. */
function network(device: Device, random: RandomStream): Sequential {
  const where = { random, device };
  return new Sequential(
    new Conv2d(1, 3, 3, where),
    new BatchNorm2d(3, { device }),
    new ReLU(),
    new Flatten(),
    new Dropout(0.2, { random }),
    new Linear(12, 2, where),
  );
}

/** Trains for some epochs of nine steps; `onStep` is called before every step. */
async function train(
  device: Device,
  onStep: (step: number) => void,
  options: Partial<FitOptions>,
) {
  // One stream for everything: the order of the data, what is dropped, where weights start.
  const random = new RandomStream(3), model = network(device, random);
  const optimizer = new Adam(model.parameters());
  const schedule = (step: number): number => {
    onStep(step);
    return 0.01 / (1 + step);
  };
  try {
    const history = await fit(model, data, {
      optimizer,
      schedule,
      random,
      epochs: 3,
      batchSize: 5,
      readEvery: 2,
      ...options,
    });
    const state = Object.values(model.stateDict());
    const numbers = await Promise.all(state.map((it) => it.data()));
    for (const view of state) view.dispose();
    return { history, numbers, draws: random.step };
  } finally {
    optimizer.zeroGrad();
    optimizer.dispose();
    model.dispose();
  }
}

for (
  const [what, options] of [
    ["captured steps", {}],
    ["steps that are not captured", { capture: false }],
    ["adversarial steps", { adversarial: { attack: pgd.with({ eps: 0.1, steps: 3 }) } }],
  ] as const
) {
  onGpu(`fit() goes on after a loss with the same bits: ${what}`, async () => {
    const whole = await openBreakable();
    const want = await train(whole.device, () => {}, options);
    whole.device.close();
    const { device, lose } = await openBreakable();
    const due = new Set([0, 12, 17, 18]), seen: Progress[] = [];
    const got = await train(device, (step) => due.delete(step) && lose(), {
      ...options,
      snapshotEvery: 3,
      onProgress: (progress) => seen.push(progress),
    });
    assert.equal([...due], []);
    assert.equal(got, want);
    assert.is(device.generation, 4);
    assert.ok(
      seen.some(({ done }, i) => i > 0 && done <= seen[i - 1]!.done),
      "steps are told again",
    );
    assert.is(seen.at(-1)!.done, 27);
    device.close();
  });
}

onGpu("fit() is rejected without snapshots, and when the GPU is lost over and over", async () => {
  const first = await openBreakable();
  await rejects(train(first.device, (step) => step === 4 && first.lose(), {}), isA(Error, LOST));
  assert.is(first.reopened, 0);
  first.device.close();
  const second = await openBreakable();
  const always = train(second.device, (step) => step === 7 && second.lose(), { snapshotEvery: 1 });
  await rejects(always, isA(BackendError, LOST));
  assert.is(second.reopened, 3);
  second.device.close();
});

onGpu("what waits is rejected, and old tensors say why they cannot be used", async () => {
  const { device, lose } = await openBreakable();
  const x = tensor([1, 2, 3], { device }), double = capture((x: Tensor) => x.mul(2).sum());
  for (let i = 0; i < 4; i++) tidy(() => void double(x));
  const loan = x.add(1);
  assert.is(device.isLost, false);
  await device.restore();
  assert.is(device.generation, 0, "nothing to restore");
  const waiting = [loan.data(), x.sum().item(), device.sync(), device.pace(), device.pace()];
  lose();
  const ends = await Promise.allSettled([...waiting, device.sync(), device.read([x.buffer])]);
  // What the GPU had done before may have arrived; nothing hangs, and the last ones came too late.
  for (const end of ends) if (end.status === "rejected") assert.match(end.reason.message, LOST);
  assert.is(ends.at(-1)!.status, "rejected");
  assert.is(device.isLost, true);
  assert.throws(() => x.add(1), LOST);
  assert.throws(() => double(x), LOST);

  await Promise.all([device.restore(), device.restore()]);
  assert.is(device.generation, 1);
  assert.is(device.isLost, false);
  const gone = /Cannot \w+ a buffer from before the GPU was lost: .*load a snapshot/;
  assert.throws(() => x.add(1), gone);
  assert.throws(() => double(x), gone);
  await rejects(x.data(), isA(BackendError, gone));
  const y = tensor([1, 2, 3], { device });
  for (let i = 0; i < 4; i++) assert.is(await double(y).item(), 12);
  x.dispose();
  loan.dispose();
  double.dispose();
  device.close();
  await rejects(device.restore(), isA(DisposedError, /the device was closed/));
});

onGpu("calls that were prepared before a loss do not run after it", async () => {
  const { device, lose } = await openBreakable();
  const x = rand([4], { random: new RandomStream(1), device }), sum = x.add(x);
  const { buffer } = x, spec = { shape: [4], dtype: "f32" } as const;
  const plan = device.prepare([{
    kernel: elementwise.add,
    inputs: [{ ...spec, buffer }, { ...spec, buffer }],
    params: undefined,
    outputs: [{ ...spec, buffer: sum.buffer }],
  }], []);
  plan.run([]);
  lose();
  await rejects(device.sync().then(() => device.sync()), isA(BackendError, LOST));
  await device.restore();
  assert.throws(() => plan.run([]), /Cannot replay calls from before the GPU was lost/);
  plan.release();
  const again = tensor([1], { device });
  assert.is(await again.item(), 1);
  device.close();
});

onGpu("restore() says when it cannot", async () => {
  const found = await findAdapter(), gpu = await requestDevice(found);
  const device = new WebGpuDevice(gpu, found);
  gpu.destroy();
  await rejects(device.sync().then(() => device.sync()), isA(BackendError, LOST));
  await rejects(device.restore(), isA(BackendError, /it was made of a GPUDevice/));
  device.close();
  const other = { ...found, id: { ...found.id, key: "another" } };
  await rejects(reopenAdapter(other), isA(BackendError, /Cannot restore .*: the adapter is now /));
});

onGpu("a ledger of a restored device ends where it began", async () => {
  const { device, lose } = await openBreakable();
  const { ledger } = device;
  await train(device, (step) => step === 11 && device.generation === 0 && lose(), {
    snapshotEvery: 3,
  });
  assert.is(device.generation, 1);
  // Constants stay cached.
  assert.ok(ledger.buffers < 10, `${ledger.buffers} buffers`);
  assert.ok(ledger.bytes < 100 && ledger.pooledBytes >= 0, `${ledger.bytes} bytes`);
  device.close();
});

test.run();
