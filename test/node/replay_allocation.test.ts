// A replay on the cpu makes no objects in JavaScript but the list of its arguments.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { RandomStream } from "../../src/random.ts";
import { capture, rand, type Tensor } from "../../src/tensor/mod.ts";
import { cpu as device } from "../support/devices.ts";

const test = suite("replays");

/**
 * The list takes 56 bytes, and where the engine has not compiled all of the way, some numbers are
 * boxed. Making the tensors and operands of this step anew would take thousands.
 */
const MOST_BYTES = 200;
const CALLS = 4000;

test("a replay makes no objects but the list of its arguments", () => {
  const x = rand([64, 64], { random: new RandomStream(1), device });
  const step = capture((x: Tensor) => x.matmul(x).tanh().mul(2).sum(), { reuse: true });
  for (let i = 0; i < 3 * CALLS; i++) step(x);
  const bytes: number[] = [];
  for (let window = 0; window < 8; window++) {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < CALLS; i++) step(x);
    bytes.push((process.memoryUsage().heapUsed - before) / CALLS);
  }
  // A collection in a window makes it negative; compiling in the background adds to some.
  const least = Math.min(...bytes.filter((count) => count >= 0));
  assert.ok(least <= MOST_BYTES, `${bytes.map(Math.round).join(", ")} bytes per replay`);
  step.dispose();
  x.dispose();
});

test.run();
