// Numbers as operands: each is uploaded once, and only so many are kept.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Device, ReferenceDevice } from "../../src/backend/mod.ts";
import { constantBuffer } from "../../src/tensor/constants.ts";
import { tidy } from "../../src/scope.ts";
import { tensor } from "../../src/tensor/mod.ts";
import { hasWebGpu, openWebGpu } from "../support/devices.ts";

/** Devices of one's own: nobody else has left constants there. */
const devices: readonly (readonly [string, () => Promise<Device>])[] = [
  ["reference", () => Promise.resolve(new ReferenceDevice())],
  ...(hasWebGpu ? [["webgpu", openWebGpu] as const] : []),
];

for (const [label, open] of devices) {
  const test = suite(`constants on ${label}`);
  let device: Device;

  test.before.each(async () => {
    device = await open();
  });

  test.after.each(async () => {
    await device.sync();
    device.close();
  });

  test("a number is uploaded once for each type", async () => {
    const x = tensor([1, 2], { device }), n = tensor([1, 2], { device, dtype: "i32" });
    const before = device.ledger.buffers;
    tidy(() => {
      for (let i = 0; i < 3; i++) {
        x.add(5);
        n.add(5);
      }
    });
    assert.is(device.ledger.buffers, before + 2);
    assert.equal([...await x.add(5).data(), ...await n.mul(5).data()], [6, 7, 5, 10]);
  });

  test("0 and -0 are two numbers", async () => {
    const x = tensor([1], { device });
    const [plus, minus] = [x.div(0), x.div(-0)];
    assert.is.not(constantBuffer(device, "f32", 0), constantBuffer(device, "f32", -0));
    assert.equal([...await plus.data(), ...await minus.data()], [Infinity, -Infinity]);
  });

  test("1,000 numbers leave 256 buffers, the last ones", async () => {
    const x = tensor([1, 2], { device });
    const before = device.ledger.buffers;
    let last = 0;
    for (let i = 0; i < 1000; i++) {
      const y = x.mul(i);
      if (i === 500) last = (await y.data())[1]!;
      y.dispose();
    }
    assert.is(last, 1000);
    assert.is(device.ledger.buffers, before + 256);
    x.mul(999).dispose();
    x.mul(744).dispose();
    assert.is(device.ledger.buffers, before + 256);
  });

  test("a number in use is kept, also by the tape, when newer ones push it out", async () => {
    const x = tensor([1, 2], { device, requiresGrad: true });
    const loss = tidy(() => x.mul(7).sum());
    tidy(() => {
      for (let i = 100; i < 400; i++) x.detach().add(i);
    });
    loss.backward();
    assert.equal([...await x.grad!.data()], [7, 7]);
  });

  test("numbers are given back when they were pushed out, also after backward()", () => {
    const before = device.ledger.buffers;
    const x = tensor(3, { device, requiresGrad: true });
    for (let round = 0; round < 3; round++) {
      const loss = tidy(() => x.mul(2));
      loss.backward();
      loss.dispose();
      tidy(() => {
        for (let i = 100; i < 400; i++) x.detach().add(i);
      });
    }
    x.dispose();
    assert.is(device.ledger.buffers, before + 256);
  });

  test("numbers are given back after errors", () => {
    const before = device.ledger.buffers;
    const [x, integers] = [tensor([1], { device }), tensor([1], { device, dtype: "i32" })];
    assert.throws(() => integers.pow(2));
    integers.dispose();
    x.dispose();
    assert.throws(() => x.add(3));
    tidy(() => {
      const y = tensor([1], { device });
      for (let i = 100; i < 400; i++) y.add(i);
    });
    assert.is(device.ledger.buffers, before + 256);
  });

  test.run();
}
