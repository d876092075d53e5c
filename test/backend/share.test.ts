// Buffers on the memory of others: where they begin, and that each has its own elements.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DisposedError } from "../../src/errors.ts";
import { forEachDevice, reference } from "../support/devices.ts";
import { isA, rejects } from "../support/errors.ts";

const spec = { shape: [3], dtype: "f32" } as const;

forEachDevice((device, label) => {
  const test = suite(`shares on ${label}`);

  test("they begin where they are told, in shares as well", async () => {
    const memory = device.reserve(1024);
    const late = device.share(memory, { shape: [128], dtype: "f32" }, 512);
    const shares = [
      device.share(memory, spec),
      device.share(memory, spec, 256),
      device.share(late, spec),
      device.share(late, spec, 256),
    ];
    const rows = shares.map((_, i) => [i, i + 0.5, -i]);
    shares.forEach((share, i) => device.write(share, Float32Array.from(rows[i]!)));
    const read = await device.read(shares);
    assert.equal(read.map((data) => [...data]), rows);
    const [words] = await device.read([memory]);
    const all = new Float32Array(words!.buffer);
    assert.equal([0, 64, 128, 192].map((at) => Array.from(all.subarray(at, at + 3))), rows);
    for (const buffer of [memory, late, ...shares]) buffer.release();
  });

  test("they hold the memory", async () => {
    const before = device.ledger.bytes, memory = device.reserve(512);
    const share = device.share(memory, spec, 256);
    memory.release();
    device.write(share, Float32Array.of(1, 2, 3));
    assert.equal([...(await device.read([share]))[0]!], [1, 2, 3]);
    assert.is(device.ledger.bytes - before, 512);
    share.release();
    assert.is(device.ledger.bytes, before);
    // On reference the host's collector takes memory back.
    if (device === reference) return;
    await rejects((async () => await device.read([share]))(), isA(DisposedError));
  });

  test.run();
});
