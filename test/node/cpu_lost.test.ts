// Workers that end by themselves between calls. Told to quit through the memory, they do so in Node and leave pages alone.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CONTROL } from "../../src/backend/cpu/layout.ts";
import { BackendError } from "../../src/errors.ts";
import { DEEDS, openProbe, type Probe } from "../support/cpu_probe.ts";
import { says } from "../support/errors.ts";

const test = suite("workers of the cpu device that are lost");

/** Lets all workers of a crew quit, as if something else had ended them. */
async function loseWorkers({ words, module }: Probe): Promise<void> {
  Atomics.store(words, CONTROL.quit / 4, 1);
  Atomics.add(words, CONTROL.signal / 4, 1);
  Atomics.notify(words, CONTROL.signal / 4);
  const started = performance.now();
  while (module.workers.some(({ lost }) => lost === undefined)) {
    assert.ok(performance.now() - started < 10_000, "the workers go on");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

for (const threads of [2, 4]) {
  test(`the next call of ${threads} threads says so, those after it do without`, async () => {
    const probe = await openProbe(threads);
    for (let worker = 1; worker < threads; worker++) probe.act(worker, DEEDS.nothing);
    await loseWorkers(probe);
    assert.throws(
      () => probe.run("count", [probe.space], 8),
      says(
        BackendError,
        `Cannot run count on ${threads} threads: a worker thread was lost (it exited with code 0); ` +
          "run it again to go on with 1, or open the device again",
      ),
    );
    for (let i = 1; i <= 10; i++) {
      probe.array(64).fill(0);
      probe.run("count", [probe.space], 64);
      assert.ok(probe.array(64).every((count) => count === 1));
    }
    probe.crew.close();
  });
}

test.run();
