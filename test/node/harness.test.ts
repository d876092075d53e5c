import { suite } from "uvu";
import * as assert from "uvu/assert";
import { tally } from "../harness/events.ts";
import type { TestEvent } from "../harness/events.ts";
import { readTar } from "../support/tar.ts";

const ran: TestEvent = { kind: "suite", passed: 3, failed: 1, skipped: 2 };
const file: TestEvent = { kind: "file", file: "test/a.test.ts" };
const finished: TestEvent = { kind: "finished" };

const counting = suite("tally()");

counting("counts suites and broken files", () => {
  const broken: TestEvent = { kind: "broken", message: "at import" };
  assert.equal(tally([file, ran, file, broken, finished]), { passed: 3, failed: 2, skipped: 2 });
});

counting("fails a run without a test", () => {
  assert.equal(tally([finished]), { passed: 0, failed: 1, skipped: 0, problem: "No test ran" });
});

counting("fails a run that did not finish, and names the file", () => {
  const { failed, problem } = tally([file, ran], "with SIGSEGV");
  assert.is(failed, 2);
  assert.is(problem, "The run did not finish: it ended in test/a.test.ts, with SIGSEGV");
});

counting("fails a run that ended badly after its last test", () => {
  assert.is(tally([file, ran, finished], "with code 1").failed, 2);
});

counting.run();

const archive = suite("readTar()");

archive("reads paths, modes and bytes", () => {
  const [first, second, ...rest] = readTar(tar([["lib/a.so", "abc"], ["b", "x".repeat(513)]]));
  assert.equal(first, { path: "lib/a.so", mode: 0o755, bytes: new TextEncoder().encode("abc") });
  assert.is(second?.bytes.length, 513);
  assert.is(rest.length, 0);
});

archive("rejects a path that leaves the folder", () => {
  assert.throws(() => readTar(tar([["../a", "x"]])), /must stay inside/);
});

archive("rejects an archive that is cut short", () => {
  assert.throws(() => readTar(tar([["a", "x".repeat(600)]]).subarray(0, 1024)), /cut short/);
});

archive.run();

/** Writes the fields of the format that readTar() looks at. */
function tar(files: readonly (readonly [string, string])[]): Uint8Array {
  const blocks = files.map(([path, content]) => {
    const bytes = new Uint8Array(512 + Math.ceil(content.length / 512) * 512);
    const encoder = new TextEncoder();
    encoder.encodeInto(path, bytes);
    encoder.encodeInto("0000755", bytes.subarray(100));
    encoder.encodeInto(content.length.toString(8).padStart(11, "0"), bytes.subarray(124));
    encoder.encodeInto("0", bytes.subarray(156));
    encoder.encodeInto("ustar", bytes.subarray(257));
    encoder.encodeInto(content, bytes.subarray(512));
    return bytes;
  });
  return Uint8Array.from(blocks.flatMap((block) => [...block]));
}
