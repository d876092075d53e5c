// Long training holds its memory: on the device, in WebAssembly and in JavaScript.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { deno, runProgram } from "../support/programs.ts";

const test = suite("memory of long training on the cpu");

const STEPS = 10_000;

/** What a program prints after a number of steps. */
interface Report {
  readonly bytes: number;
  readonly pooled: number;
  readonly buffers: number;
  readonly memory: number;
  readonly heap: number;
  readonly loss: number;
}

/** Trains a tiny network; reports after a tenth of the steps and after all of them. */
const program = (step: string): string => `
  import process from "node:process";
  import { openDevice } from "./src/backend/mod.ts";
  import { BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential, SGD } from "./src/nn/mod.ts";
  import { RandomStream } from "./src/random.ts";
  import { tidy } from "./src/scope.ts";
  import { capture, rand, tensor } from "./src/tensor/mod.ts";
  const memories = [];
  const { Memory } = WebAssembly;
  WebAssembly.Memory = function (descriptor) {
    memories.push(new Memory(descriptor));
    return memories.at(-1);
  };
  const device = await openDevice("cpu", { threads: 2 });
  const random = new RandomStream(1);
  const model = new Sequential(
    new Conv2d(1, 4, 3, { random, device }),
    new BatchNorm2d(4, { device }),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(36, 5, { random, device }),
  );
  const optimizer = new SGD(model.parameters(), { lr: 0.001, momentum: 0.9 });
  const x = rand([6, 8, 8, 1], { random, device });
  const labels = tensor(Uint32Array.of(0, 1, 2, 3, 4, 0), { device });
  function train(x, labels) {
    return tidy(() => {
      optimizer.zeroGrad();
      const loss = model.forward(x).crossEntropy(labels);
      loss.backward();
      optimizer.step();
      return loss.detach();
    });
  }
  const step = ${step};
  for (let i = 1; i <= ${STEPS}; i++) {
    const loss = step(x, labels);
    const value = i % 10 === 0 ? await loss.item() : 0;
    loss.dispose();
    if (i % ${STEPS / 10} === 0) {
      globalThis.gc();
      console.log(JSON.stringify({
        bytes: device.ledger.bytes,
        pooled: device.ledger.pooledBytes,
        buffers: device.ledger.buffers,
        memory: memories[0].buffer.byteLength,
        heap: process.memoryUsage().heapUsed,
        loss: value,
      }));
    }
  }`;

for (const engine of ["Node", "Deno"] as const) {
  const on = engine === "Node" || deno !== undefined ? test : test.skip;
  for (const [name, step] of [["run", "train"], ["captured", "capture(train)"]] as const) {
    on(`${engine}: ${STEPS} steps that are ${name} end with the memory of the first`, async () => {
      const { code, output } = await runProgram(engine, program(step));
      assert.is(code, 0, output);
      const reports = output.split("\n").map((line) => JSON.parse(line) as Report);
      assert.is(reports.length, 10);
      const first = reports[0]!, last = reports.at(-1)!;
      assert.equal([last.buffers, last.bytes], [first.buffers, first.bytes]);
      assert.equal([last.pooled, last.memory], [first.pooled, first.memory]);
      // What the compiler keeps for optimised code comes and goes; a leak of 120 bytes a step would show.
      const kibibytes = (last.heap - first.heap) / 1024;
      assert.ok(kibibytes < 1024, `JavaScript holds ${kibibytes.toFixed(0)} KiB more`);
      assert.ok(last.loss < 0.5 * Math.log(5), `the loss is ${last.loss}: it does not learn`);
    });
  }
}

test.run();
