import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CONTROL } from "../../src/backend/cpu/layout.ts";
import { start } from "../../src/backend/cpu/module.ts";
import { BackendError, DisposedError } from "../../src/errors.ts";
import {
  compileProbe,
  DEEDS,
  FAILING,
  NEVER_READY,
  openProbe,
  type Probe,
} from "../support/cpu_probe.ts";
import { isA, rejects, says } from "../support/errors.ts";

const test = suite("the crew of the cpu device");

/** Numbers of threads, also more than there are processors. */
const THREADS = [1, 2, 3, 7];

const FAULT = ", which is a fault of the kernel, please report it; its outputs are not valid, " +
  "the device can go on";

/** The packed Chromium of the tests crashes at any access outside of a WebAssembly memory. */
const handlesFaults = typeof document === "undefined";

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Runs a test on a fresh crew. */
async function withProbe(
  threads: number,
  use: (probe: Probe) => void | Promise<void>,
  patience?: number,
): Promise<void> {
  const probe = await openProbe(threads, patience);
  try {
    await use(probe);
  } finally {
    probe.crew.close();
  }
}

/** The error of a function that throws. */
function errorOf(run: () => void): Error {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("wanted an Error");
}

for (const threads of THREADS) {
  test(`run() runs every task once, on ${threads} threads`, async () => {
    await withProbe(threads, (probe) => {
      const array = probe.array(5000);
      for (const tasks of [1, 2, 3, 4, 5, 7, 8, 16, 31, 64, 100, 1000, 4999]) {
        array.fill(0);
        probe.run("count", [probe.space], tasks);
        const wrong = array.findIndex((count, task) => count !== (task < tasks ? 1 : 0));
        assert.is(wrong, -1, `task ${wrong} of ${tasks} ran ${array[wrong]} times`);
      }
      array.fill(0);
      for (let i = 0; i < 20_000; i++) probe.run("count", [probe.space], 2 + i % 9);
      assert.is(array.subarray(0, 2).every((count) => count === 20_000), true);
      assert.is(array.reduce((sum, count) => sum + count), 20_000 * 2 + sumOfRest(20_000));
    });
  });

  test(`runProgram() completes a call before the next begins, on ${threads} threads`, async () => {
    await withProbe(threads, (probe) => {
      const n = 61, calls: [number, number, number][] = [];
      const here = probe.space, there = probe.space + 4 * n;
      const want = Int32Array.from({ length: n }, (_, i) => i * i + 1);
      probe.array(n).set(want);
      for (let i = 0; i < 400; i++) {
        // Every fifth call has one task only: it does nothing but spin.
        const operands = i % 2 === 0 ? [here, there, n] : [there, here, n];
        calls.push(probe.call("mix", operands, n));
        if (i % 5 === 0) calls.push(probe.call("spin", [i % 3 === 0 ? 2000 : 10], 1));
        const before = want.slice();
        for (let j = 0; j < n; j++) want[j] = Math.imul(3, before[j]!) + before[(j + 1) % n]!;
      }
      const program = probe.program(calls);
      for (let repeat = 0; repeat < 20; repeat++) {
        probe.array(n).set(Int32Array.from({ length: n }, (_, i) => i * i + 1));
        probe.crew.runProgram(program, calls.length);
        assert.equal(probe.array(n), want);
      }
    });
  });
}

/** Tasks beyond the second of all calls of 2 + i % 9. */
function sumOfRest(calls: number): number {
  return Array.from({ length: calls }, (_, i) => i % 9).reduce((sum, rest) => sum + rest, 0);
}

test("runProgram() of no calls does nothing", async () => {
  await withProbe(2, (probe) => probe.crew.runProgram(probe.space, 0));
});

for (const [asleep, milliseconds] of [["awake", 0], ["asleep", 30]] as const) {
  test(`every worker takes part, also when all are ${asleep}`, async () => {
    await withProbe(7, async (probe) => {
      // The tasks wait for that worker: this hangs when it is not woken.
      for (const worker of [1, 2, 3, 4, 5, 6, 1, 6]) {
        await pause(milliseconds);
        probe.act(worker, DEEDS.nothing);
      }
    });
  });
}

test("workers that fell asleep in the middle of a program are woken for the rest", async () => {
  await withProbe(3, (probe) => {
    const array = probe.array(1);
    const calls = [1, 2, 1, 2].flatMap((worker, i) => {
      const flag = probe.space + 4 * i;
      return [
        probe.call("spin", [30_000_000], 1),
        probe.call("act", [flag, worker, DEEDS.nothing], 3),
      ];
    });
    const program = probe.program(calls);
    probe.crew.runProgram(program, calls.length);
    assert.is(array[0], 1);
  });
});

test("the calling thread sleeps while a worker works for long, and is woken", async () => {
  await withProbe(2, (probe) => {
    const rounds = 100_000_000;
    // Of two tasks each thread takes one; the second call needs both threads again.
    const calls = [
      probe.call("spin", [rounds], 2),
      probe.call("spin", [rounds], 1),
      probe.call("act", [probe.space, 0, DEEDS.nothing], 2),
      probe.call("act", [probe.space + 4, 1, DEEDS.nothing], 2),
    ];
    probe.crew.runProgram(probe.program(calls), calls.length);
    assert.equal(probe.array(2), Int32Array.of(1, 1));
  });
});

for (const [thread, threads] of [[0, 1], [0, 2], [1, 2], [2, 3], [0, 7]] as const) {
  const who = thread === 0 ? "the calling thread" : "a worker thread";
  test(`a trap in ${who} of ${threads} is an error, and the crew goes on`, async () => {
    await withProbe(threads, (probe) => {
      for (let i = 0; i < 3; i++) {
        const error = errorOf(() => probe.act(thread, DEEDS.trap));
        assert.instance(error, BackendError);
        assert.is((error as BackendError).kernel, "act");
        assert.is(
          error.message,
          `Cannot finish act on the cpu: RuntimeError: unreachable on ${who}${FAULT}`,
        );
        if (handlesFaults) {
          const outside = errorOf(() => probe.act(thread, DEEDS.outside));
          assert.match(outside.message, /^Cannot finish act .*memory access out of bounds/);
        }
        probe.act(thread, DEEDS.nothing);
        probe.array(64).fill(0);
        probe.run("count", [probe.space], 64);
        assert.ok(probe.array(64).every((count) => count === 1));
      }
    });
  });
}

test("a trap in a call of one task is an error", async () => {
  for (const threads of [1, 2]) {
    await withProbe(threads, (probe) => {
      const [entry, address] = probe.call("act", [probe.space, 0, DEEDS.trap], 1);
      assert.throws(
        () => probe.crew.run(entry, address, 1),
        isA(BackendError, /^Cannot finish act /),
      );
      probe.act(0, DEEDS.nothing);
    });
  }
});

test("after a trap the rest of the program does not run", async () => {
  for (const [threads, thread] of [[1, 0], [2, 0], [2, 1], [3, 2]] as const) {
    await withProbe(threads, (probe) => {
      const count = probe.space + 64;
      const calls = [
        probe.call("count", [count], 8),
        probe.call("act", [probe.space, thread, DEEDS.trap], threads),
        probe.call("count", [count], 8),
        probe.call("spin", [1], 1),
        probe.call("count", [count], 8),
      ];
      const program = probe.program(calls);
      for (let i = 1; i <= 3; i++) {
        probe.array(1)[0] = 0;
        assert.throws(
          () => probe.crew.runProgram(program, calls.length),
          isA(BackendError, /^Cannot finish act /),
        );
        assert.equal(probe.array(8, 64), new Int32Array(8).fill(i));
      }
    });
  }
});

test("a worker that never finishes is an error, and the device must be opened again", async () => {
  await withProbe(2, (probe) => {
    assert.throws(
      () => probe.act(1, DEEDS.hang),
      says(
        BackendError,
        "Cannot finish act on the cpu: a worker thread made no progress for 0.3 s, close the " +
          "device and open it again",
      ),
    );
    assert.throws(
      () => probe.run("count", [probe.space], 8),
      says(
        BackendError,
        "Cannot run count on the cpu: a worker thread did not finish act, close the device and " +
          "open it again",
      ),
    );
  }, 0.3);
});

test("patience ends only without progress", async () => {
  await withProbe(2, (probe) => {
    const calls = Array.from({ length: 20 }, () => probe.call("spin", [30_000_000], 1));
    const started = performance.now();
    probe.crew.runProgram(probe.program(calls), calls.length);
    assert.ok(performance.now() - started > 100, "the program must outlast the patience");
  }, 0.1);
});

test("a worker that fails at its start is an error", async () => {
  await rejects(
    start(await compileProbe(FAILING), 2),
    isA(
      BackendError,
      /^Cannot open the cpu device with 2 threads: a worker thread failed: .*unreachable.*, use threads: 1$/,
    ),
  );
});

test("a worker that never gets ready is an error", async () => {
  await rejects(
    start(await compileProbe(NEVER_READY), 2, 0.3),
    isA(BackendError, /: a worker thread failed: it did not start within 0.3 s, use threads: 1$/),
  );
});

test("close() ends the workers, and running afterwards is an error", async () => {
  for (const threads of [1, 3]) {
    const probe = await openProbe(threads);
    probe.act(threads - 1, DEEDS.nothing);
    probe.crew.close();
    probe.crew.close();
    for (const tasks of [1, 8]) {
      assert.throws(
        () => probe.run("count", [probe.space], tasks),
        says(DisposedError, "Cannot run count: the cpu device was closed, open it again"),
      );
    }
    assert.ok(probe.module.workers.every(({ lost }) => lost === undefined), "closing is no loss");
  }
});

test("many crews work side by side", async () => {
  const probes = await Promise.all(Array.from({ length: 6 }, () => openProbe(2)));
  for (let i = 0; i < 50; i++) {
    for (const probe of probes) probe.run("count", [probe.space], 16);
  }
  for (const probe of probes) {
    assert.equal(probe.array(16), new Int32Array(16).fill(50));
    probe.crew.close();
  }
});

test("arguments and programs may lie above 2 GiB", async () => {
  await withProbe(2, (probe) => {
    const { memory, names } = probe.module;
    memory.grow(33_000 - memory.buffer.byteLength / 65536);
    const high = 32_900 * 65536;
    const words = new Int32Array(memory.buffer, high, 1024);
    const count = names.indexOf("count"), act = names.indexOf("act");
    words.set([high + 512], 0);
    words.set([high + 256, 0, DEEDS.trap], 1);
    words.set([count, high, 16, act, high + 4, 2], 16);
    assert.throws(
      () => probe.crew.runProgram(high + 64, 2),
      isA(BackendError, /^Cannot finish act /),
    );
    assert.equal(
      new Int32Array(memory.buffer, high + 512, 17),
      Int32Array.from([
        ...new Array(16).fill(1),
        0,
      ]),
    );
  });
});

test("workers see memory that has grown since they started", async () => {
  await withProbe(3, (probe) => {
    const { memory } = probe.module;
    for (let i = 0; i < 40; i++) {
      const place = memory.buffer.byteLength;
      memory.grow(16);
      probe.run("count", [place], 1000);
      const array = new Int32Array(memory.buffer, place, 1000);
      assert.ok(array.every((count) => count === 1));
      probe.act(i % 3, DEEDS.nothing);
    }
  });
});

test("nothing is left in the shared words after a program", async () => {
  await withProbe(3, (probe) => {
    probe.run("count", [probe.space], 100);
    try {
      probe.act(1, DEEDS.trap);
    } catch {
      // As it should.
    }
    for (const name of ["open", "running", "waiting", "failed", "reason"] as const) {
      assert.is(Atomics.load(probe.words, CONTROL[name] / 4), 0, name);
    }
  });
});

test.run();
