import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { ones, rand, tensor } from "../../src/tensor/mod.ts";
import { assertClose, forEachDevice, reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { sample } from "../support/numbers.ts";

forEachDevice((device, label) => {
  const test = suite(`dropout on ${label}`);

  test("drops where rand() of the same key is below p, and scales the rest", async () => {
    for (const shape of [[], [1], [3], [5], [3, 7], [3, 5, 2, 3], [0, 3], [1031]]) {
      for (const p of [0.1, 0.5, 0.75, 1 / 3]) {
        const x = sample(shape, 1, { device });
        const y = await x.dropout(p, { random: new RandomStream(3) }).data();
        const drawn = await rand(shape, { device, random: new RandomStream(3) }).data();
        const want = Array.from(await x.data(), (value, i) => drawn[i]! < p ? 0 : value / (1 - p));
        assertClose(y, want, { rtol: 1e-6, atol: 0 }, `${shape} with ${p}`);
      }
    }
  });

  test("keeps everything at 0 and nothing at 1", async () => {
    const x = tensor([1, -2, 3], { device });
    const random = new RandomStream(1);
    assert.is(x.dropout(0, { random }).buffer, x.buffer);
    assert.is(random.step, 1);
    assert.equal([...await x.dropout(1, { random }).data()], [0, 0, 0]);
  });

  test("drops about p of many", async () => {
    const y = await ones([40_000], { device }).dropout(0.3, { random: new RandomStream(9) }).data();
    const share = y.filter((value) => value === 0).length / y.length;
    assertClose([share], [0.3], { rtol: 0, atol: 4 * Math.sqrt(0.21 / y.length) });
  });

  test("drops by example, whatever its place, and the same on the way back", async () => {
    const drop = async (ids: number[]) => {
      const x = ones([ids.length, 5], { device, requiresGrad: true });
      const named = tensor(Uint32Array.from(ids), { device });
      const y = x.dropout(0.4, { random: new RandomStream(5), ids: named });
      const got = await y.data();
      y.sum().backward();
      assert.equal(await x.grad!.data(), got);
      return got;
    };
    const all = await drop([0, 1, 2, 3, 4, 5, 6]);
    const some = await drop([5, 2]);
    assert.equal([...some], [...all.subarray(25, 30), ...all.subarray(10, 15)]);
  });

  test("stores no mask", () => {
    const x = ones([1000], { device, requiresGrad: true });
    const before = device.ledger.bytes;
    const y = x.dropout(0.5, { random: new RandomStream(1) });
    assert.is(device.ledger.bytes, before + 4000 + 16);
    y.dispose();
    assert.is(device.ledger.bytes, before);
  });

  test("refuses wrong probabilities and types", () => {
    const random = new RandomStream(1);
    const x = ones([4], { device });
    for (const p of [-0.1, 1.1, NaN]) {
      assert.throws(
        () => x.dropout(p, { random }),
        isA(RangeError, new RegExp(`probability ${p}`)),
      );
    }
    assert.throws(
      () => tensor(Int32Array.of(1), { device }).dropout(0.5, { random }),
      /f32 or f64/,
    );
    const ids = tensor(Int32Array.of(1), { device });
    assert.throws(() => x.dropout(0.5, { random, ids }), /ids of shape \[1\]/);
  });

  test.run();
});

test("dropout() passes gradcheck to second order", async () => {
  for (const shape of [[1], [7], [3, 5]]) {
    const x = sample(shape, 2, { device: reference, dtype: "f64" });
    const options = () => ({ random: new RandomStream(4) });
    await gradcheck((x) => x.dropout(0.4, options()).square(), [x], { order: 2 });
    await gradcheck((x) => x.square().dropout(1, options()), [x], { order: 2 });
    await gradcheck((x) => x.square().dropout(0, options()), [x], { order: 2 });
  }
});

test.run();
