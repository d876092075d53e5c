// How programs with threads end, in Node and in Deno: by themselves, at once, and nothing is left behind.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { deno, type End, runProgram } from "../support/programs.ts";

const test = suite("the end of programs with threads");

/** Long enough for a busy machine, far too short for anything that waits. */
const AT_ONCE = 2500;

const OPEN = `
  import { openDevice } from "./src/backend/mod.ts";
  import { tensor } from "./src/tensor/mod.ts";
  const device = await openDevice("cpu", { threads: 3 });
  const x = tensor(new Float32Array(1 << 20).fill(2), { device, shape: [1024, 1024] });
  const work = () => x.matmul(x);
`;
const WORK = `${OPEN} console.log((await work().data())[5]);`;

function assertClean({ delay, files, alive, output }: End): void {
  assert.ok(delay < AT_ONCE, `it took ${delay.toFixed(0)} ms to end\n${output}`);
  assert.equal(files, []);
  assert.not(alive);
}

for (const engine of ["Node", "Deno"] as const) {
  const on = engine === "Node" || deno !== undefined ? test : test.skip;

  on(`${engine}: a program without close() ends by itself`, async () => {
    const end = await runProgram(engine, WORK);
    assert.equal([end.output, end.code], ["4096", 0]);
    assertClean(end);
  });

  on(`${engine}: a program ends by itself while its workers are still awake`, async () => {
    const end = await runProgram(engine, `${WORK} work();`);
    assert.equal([end.output, end.code], ["4096", 0]);
    assertClean(end);
  });

  on(`${engine}: a program that only opens a device ends by itself`, async () => {
    const end = await runProgram(engine, `${OPEN} console.log("open");`);
    assert.equal([end.output, end.code], ["open", 0]);
    assertClean(end);
  });

  on(`${engine}: a program that does not wait for the device ends by itself`, async () => {
    const end = await runProgram(
      engine,
      `import { openDevice } from "./src/backend/mod.ts";
      void openDevice("cpu", { threads: 2 });
      console.log("on its way");`,
    );
    assert.equal([end.output, end.code], ["on its way", 0]);
    assertClean(end);
  });

  on(`${engine}: a program ends by itself after close()`, async () => {
    const end = await runProgram(engine, `${WORK} device.close();`);
    assert.equal([end.output, end.code], ["4096", 0]);
    assertClean(end);
  });

  on(`${engine}: process.exit() ends it`, async () => {
    const end = await runProgram(
      engine,
      `import process from "node:process"; ${WORK} work(); process.exit(3);`,
    );
    assert.equal([end.output, end.code], ["4096", 3]);
    assertClean(end);
  });

  on(`${engine}: an error that nobody catches ends it`, async () => {
    const end = await runProgram(
      engine,
      `${WORK} setTimeout(() => { work(); throw new Error("nobody"); }, 10);`,
    );
    assert.is(end.code, 1);
    assert.match(end.output, /^4096[^]*nobody/);
    assertClean(end);
  });

  for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
    on(`${engine}: ${signal} in the middle of kernels ends it`, async () => {
      const end = await runProgram(engine, `${WORK} for (;;) work().dispose();`, { kill: signal });
      assert.is(end.output, "4096");
      assert.is(end.signal, signal);
      assertClean(end);
    });
  }

  on(`${engine}: devices that were closed leave neither threads nor memory`, async () => {
    const end = await runProgram(
      engine,
      `import { readdirSync } from "node:fs";
      import process from "node:process";
      ${WORK}
      const linux = process.platform === "linux";
      const threads = () => linux ? readdirSync("/proc/self/task").length : 0;
      const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      async function some(count) {
        for (let i = 0; i < count; i++) {
          const device = await openDevice("cpu", { threads: 2 });
          const x = tensor(new Float32Array(1 << 20).fill(i), { device });
          if ((await x.add(1).data())[7] !== i + 1) throw new Error("wrong");
          device.close();
        }
        // Threads end a moment after, and then their memory is garbage.
        await pause(500);
        globalThis.gc();
        await pause(100);
        globalThis.gc();
        return [threads(), process.memoryUsage().rss / 2 ** 20];
      }
      const before = await some(5), after = await some(50);
      console.log(JSON.stringify({ threads: after[0] - before[0], mebibytes: after[1] - before[1] }));`,
    );
    assert.is(end.code, 0, end.output);
    const { threads, mebibytes } = JSON.parse(end.output.split("\n").at(-1)!) as {
      readonly threads: number;
      readonly mebibytes: number;
    };
    // 50 devices have 50 workers, and 400 MiB of tensors.
    assert.ok(threads <= 2, `${threads} threads more`);
    assert.ok(mebibytes < 100, `${mebibytes} MiB more`);
    assertClean(end);
  });

  on(`${engine}: workers sleep while there is nothing to do`, async () => {
    const end = await runProgram(
      engine,
      `import process from "node:process";
      ${WORK}
      await new Promise((resolve) => setTimeout(resolve, 300));
      const before = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const { user, system } = process.cpuUsage(before);
      console.log((user + system) / 1000);`,
    );
    const milliseconds = Number(end.output.split("\n").at(-1));
    assert.ok(milliseconds < 100, `${milliseconds} ms of two processors in 1 s`);
  });
}

test("Node: a worker of the program may have a device of its own, and ends by itself", async () => {
  const end = await runProgram(
    "Node",
    `import { isMainThread, Worker } from "node:worker_threads";
    import { fileURLToPath } from "node:url";
    import { openDevice } from "./src/backend/mod.ts";
    import { tensor } from "./src/tensor/mod.ts";
    if (isMainThread) {
      new Worker(fileURLToPath(import.meta.url)).once("exit", (code) => console.log("ended:", code));
    } else {
      ${WORK.replaceAll(/^ *import .*/gm, "")}
    }`,
  );
  assert.equal([end.output, end.code], ["4096\nended: 0", 0]);
  assertClean(end);
});

test.run();
