// Parameters, gradients and states that lie together on a GPU, and what else may use them then.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sgd } from "../../src/kernels/mod.ts";
import { SGD } from "../../src/nn/mod.ts";
import { tidy } from "../../src/scope.ts";
import { capture, type Tensor, tensor } from "../../src/tensor/mod.ts";
import { webgpu } from "../support/devices.ts";

const test = suite("gathering on webgpu");
const onWebGpu = webgpu === undefined ? test.skip : test;

/** Three parameters, a captured step of theirs, and a captured sum that was there before. */
async function scene() {
  const device = webgpu!;
  const parameters = [[1, 2], [3], [4, 5, 6]].map((values) =>
    tensor(values, { requiresGrad: true, device })
  );
  const total = capture((x: Tensor) => {
    return parameters.map((p) => p.detach().sum()).reduce((a, b) => a.add(b)).mul(x).detach();
  });
  const one = tensor([1], { device });
  for (let i = 0; i < 3; i++) tidy(() => void total(one));
  const optimizer = new SGD(parameters, { lr: 0.5, momentum: 0.5 });
  const step = capture((x: Tensor) => {
    optimizer.zeroGrad();
    for (const parameter of parameters) parameter.mul(x).sum().backward();
    optimizer.step();
  });
  for (let i = 0; i < 3; i++) tidy(() => step(one));
  await device.sync();
  return { device, parameters, total, step, one, optimizer };
}

onWebGpu("a step moves all parameters in one dispatch, and each of them rightly", async () => {
  const { device, parameters, step, one } = await scene();
  const before = device.ledger.callsOf("sgdMomentum");
  tidy(() => step(one));
  assert.is(device.ledger.callsOf("sgdMomentum") - before, 1);
  // Velocities 1, 1.5, 1.75, 1.875.
  const moved = 0.5 * (1 + 1.5 + 1.75 + 1.875);
  const values = await Promise.all(parameters.map((parameter) => parameter.data()));
  assert.equal(
    values.map((data) => [...data]),
    [[1, 2], [3], [4, 5, 6]].map((row) => {
      return row.map((value) => value - moved);
    }),
  );
});

onWebGpu("a replay from before finds parameters where they went", async () => {
  const { parameters, total, one } = await scene();
  const values = await Promise.all(parameters.map((parameter) => parameter.data()));
  const want = values.flatMap((data) => [...data]).reduce((a, b) => a + b);
  assert.is(await total(one).item(), want);
});

onWebGpu("a gathered parameter can be written and read alone, and freed alone", async () => {
  const { device, parameters, total, one, optimizer, step } = await scene();
  const [first, second, third] = parameters as [Tensor, Tensor, Tensor];
  second.assign(tensor([30], { device }));
  assert.equal([...await second.data()], [30]);
  const [a, c] = await Promise.all([first.data(), third.data()]);
  const sum = [...a, ...c].reduce((x, y) => x + y, 30);
  assert.is(await total(one).item(), sum);
  step.dispose();
  total.dispose();
  optimizer.dispose();
  second.dispose();
  assert.equal([...await first.data()], [...a]);
});

onWebGpu("what lies in planned memory is not taken for gathered", async () => {
  const device = webgpu!;
  const inMemory = (values: readonly number[][]) => {
    const memory = device.reserve(256 * (values.length - 1) + 4 * values.at(-1)!.length);
    return values.map((row, i) => {
      const spec = { shape: [row.length], dtype: "f32" } as const;
      const buffer = device.share(memory, spec, 256 * i);
      device.write(buffer, Float32Array.from(row));
      return { ...spec, buffer };
    });
  };
  const gradients = inMemory([[1, 2], [3]]), parameters = inMemory([[4, 5], [6]]);
  const scalars = { shape: [4], dtype: "f32" } as const;
  const rate = { ...scalars, buffer: device.upload(Float32Array.of(0.5, 0, 0, 0), "f32") };
  const prepared = device.prepare(
    gradients.map((gradient, i) => {
      const outputs = [parameters[i]!];
      return { kernel: sgd, inputs: [gradient, rate], params: undefined, outputs };
    }),
    [],
  );
  assert.is(prepared.calls.length, 2);
  prepared.run([]);
  const moved = await device.read(parameters.map(({ buffer }) => buffer));
  assert.equal(moved.map((data) => [...data]), [[3.5, 4], [4.5]]);
  prepared.release();
});

test.run();
