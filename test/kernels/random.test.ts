import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Kernel, random } from "../../src/kernels/mod.ts";
import { PHILOX } from "../../src/kernels/random/philox.ts";
import { declare, perElement } from "../../src/kernels/wgsl.ts";
import { philox, RandomStream, type Words } from "../../src/random.ts";
import { rand, randn, run, tensor } from "../../src/tensor/mod.ts";
import { assertClose, forEachDevice, reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";

// Known answers of Random123 (tests/kat_vectors, philox4x32 with 10 rounds): counter, key, words.
const KNOWN: readonly (readonly [Words, readonly [number, number], Words])[] = [
  [[0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

/** Philox alone, to see all bits of its words. Operands: counters of four words, keys of two. */
const philoxWords: Kernel = {
  name: "philoxWords",
  outputs: ([counters]) => [counters!],
  reference([counters, keys], [y]) {
    for (let n = 0; n < keys!.data.length / 2; n++) {
      const counter = [...counters!.data.subarray(4 * n, 4 * n + 4)] as Words;
      y!.data.set(philox(counter, [keys!.data[2 * n]!, keys!.data[2 * n + 1]!]), 4 * n);
    }
  },
  webgpu: ([counters, keys], [y]) => ({
    dispatches: [perElement({
      size: keys!.shape[0]! / 2,
      declarations: `${declare([["c", counters!], ["k", keys!], ["y", y!]], 2)}\n${PHILOX}`,
      operands: [0, 1, 2],
      body: `  let words = philox(
    vec4u(c[4u * i], c[4u * i + 1u], c[4u * i + 2u], c[4u * i + 3u]),
    vec2u(k[2u * i], k[2u * i + 1u]));
  y[4u * i] = words.x; y[4u * i + 1u] = words.y;
  y[4u * i + 2u] = words.z; y[4u * i + 3u] = words.w;`,
    })],
  }),
};

const host = suite("random numbers on the host");

host("philox() gives the published known answers", () => {
  for (const [counter, key, words] of KNOWN) assert.equal(philox(counter, key), words);
});

host("RandomStream refuses bad seeds", () => {
  for (const seed of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
    assert.throws(() => new RandomStream(seed), isA(RangeError, new RegExp(String(seed))));
  }
});

host("RandomStream seeds above 32 bits differ from their lower half", () => {
  const [low, high] = new RandomStream(2 ** 40 + 5).next();
  assert.equal([low, high], [5, 256]);
});

host("fork() gives another stream for another name, and the same for the same", () => {
  const random = new RandomStream(3);
  assert.equal(random.fork("a").uniform(4), new RandomStream(3).fork("a").uniform(4));
  assert.not.equal(random.fork("a").uniform(4), random.fork("b").uniform(4));
  assert.not.equal(random.fork("a").fork("b").uniform(4), random.fork("b").fork("a").uniform(4));
});

host("permutation() holds every number once", () => {
  const order = new RandomStream(4).permutation(101);
  assert.equal([...order].sort((a, b) => a - b), Array.from({ length: 101 }, (_, i) => i));
  assert.is.not(order[0], 0);
});

host.run();

forEachDevice((device, label) => {
  const test = suite(`random on ${label}`);

  test("philox() gives the published known answers, all 32 bits", async () => {
    const counters = tensor(Uint32Array.from(KNOWN.flatMap(([counter]) => counter)), { device });
    const keys = tensor(Uint32Array.from(KNOWN.flatMap(([, key]) => key)), { device });
    const words = await run(philoxWords, [counters, keys], undefined)[0]!.data();
    assert.equal([...words], KNOWN.flatMap(([, , wanted]) => wanted));
  });

  test("counts as documented: block, example, step, stream under the seed", async () => {
    const key = tensor(Uint32Array.of(0xa4093822, 0x299f31d0, 0x03707344, 0x13198a2e), { device });
    const ids = tensor(Uint32Array.of(0x85a308d3, 7), { device });
    const params = { distribution: "uniform", shape: [2, 12], dtype: "f32" } as const;
    const drawn = await run(random, [key, ids], params)[0]!.data();
    const words = [0x85a308d3, 7].flatMap((example) => {
      return [0, 1, 2].flatMap((block) => {
        return philox([block, example, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]);
      });
    });
    assert.equal(Array.from(drawn, (value) => value * 2 ** 24), words.map((word) => word >>> 8));
  });

  test("rand() equals RandomStream.uniform()", async () => {
    for (const shape of [[], [1], [2], [3], [4], [5], [67], [3, 5, 7], [0], [2, 0]]) {
      const drawn = await rand(shape, { device, random: new RandomStream(11, 2) }).data();
      assert.equal([...drawn], [...new RandomStream(11, 2).uniform(drawn.length)]);
    }
  });

  test("rand() gives other numbers at each step", async () => {
    const random = new RandomStream(1);
    const [first, second] = [rand([8], { device, random }), rand([8], { device, random })];
    assert.not.equal(await first.data(), await second.data());
    random.step = 0;
    assert.equal(await first.data(), await rand([8], { device, random }).data());
  });

  test("rand() with ids depends on the example, not on its place or the batch", async () => {
    for (const each of [1, 3, 4, 7]) {
      const draw = (ids: number[]) => {
        const named = tensor(Int32Array.from(ids), { device });
        return rand([ids.length, each], { random: new RandomStream(5), ids: named }).data();
      };
      const all = await draw([0, 1, 2, 3, 4]);
      const some = await draw([3, 1]);
      assert.equal([...some], [
        ...all.subarray(3 * each, 4 * each),
        ...all.subarray(each, 2 * each),
      ]);
      const alone = await rand([each], { device, random: new RandomStream(5) }).data();
      assert.equal(alone, all.subarray(0, each));
    }
  });

  test("randn() equals the reference", async () => {
    for (const shape of [[1], [7], [50_001]]) {
      const options = { random: new RandomStream(21) };
      const got = await randn(shape, { ...options, device }).data();
      const want = await randn(shape, { random: new RandomStream(21), device: reference }).data();
      assertClose(got, want, { rtol: 4e-6, atol: 1e-6 });
    }
  });

  test("randn() is exact where the first word is at its ends", async () => {
    // Radius of u = 1 is 0 and of u = 2^-24 the largest; no stream reaches them soon, so this only
    // asserts that all of many draws are finite and inside of the largest radius.
    const drawn = await randn([200_000], { device, random: new RandomStream(8) }).data();
    const most = Math.sqrt(48 * Math.LN2);
    assert.ok(drawn.every((value) => Math.abs(value) <= most));
  });

  test("rand() has the mean, variance and spread of a uniform distribution", async () => {
    const count = 65_536;
    const drawn = await rand([count], { device, random: new RandomStream(2024) }).data();
    const bins = new Float64Array(16);
    let sum = 0, squares = 0;
    for (const value of drawn) {
      assert.ok(value >= 0 && value < 1);
      bins[Math.floor(value * 16)]! += 1;
      sum += value;
      squares += (value - 0.5) ** 2;
    }
    assertClose([sum / count], [0.5], { rtol: 0, atol: 4 * Math.sqrt(1 / 12 / count) });
    assertClose([squares / count], [1 / 12], { rtol: 0, atol: 4 * Math.sqrt(1 / 180 / count) });
    const expected = count / 16;
    const chi = bins.reduce((total, n) => total + (n - expected) ** 2 / expected, 0);
    assert.ok(chi > 3.5 && chi < 37.7, `chi-square ${chi} of 15 degrees of freedom`);
  });

  test("randn() has the moments and spread of a normal distribution", async () => {
    const count = 65_536;
    const drawn = await randn([count], { device, random: new RandomStream(2025) }).data();
    const moment = (k: number) =>
      Array.from(drawn).reduce((sum, value) => sum + value ** k, 0) / count;
    const moments = [1, 2, 3, 4].map(moment);
    const spread = [1, 2, 15, 96].map((variance) => 4 * Math.sqrt(variance / count));
    for (const [k, want] of [0, 1, 0, 3].entries()) {
      assertClose([moments[k]!], [want], { rtol: 0, atol: spread[k]! }, `moment ${k + 1}`);
    }
    // Quantiles of the normal distribution at 1/16, 2/16, ..., 15/16, from its inverse.
    const half = [0.15731, 0.31864, 0.48878, 0.67449, 0.88715, 1.15035, 1.53412];
    const edges = [...half.map((x) => -x).reverse(), 0, ...half];
    const bins = new Float64Array(16);
    for (const value of drawn) bins[edges.filter((edge) => value >= edge).length]! += 1;
    const expected = count / 16;
    const chi = bins.reduce((total, n) => total + (n - expected) ** 2 / expected, 0);
    assert.ok(chi > 3.5 && chi < 37.7, `chi-square ${chi} of 15 degrees of freedom`);
  });

  test("neighbouring numbers, examples and steps are not correlated", async () => {
    const count = 16_384;
    const random = new RandomStream(77);
    const ids = tensor(Uint32Array.from({ length: count / 4 }, (_, i) => i), { device });
    const [a, b] = [rand([count / 4, 4], { random, ids }), rand([count / 4, 4], { random, ids })];
    const [x, y] = [await a.data(), await b.data()];
    const correlation = (shift: number, other: ArrayLike<number>) => {
      let sum = 0;
      for (let i = 0; i + shift < count; i++) sum += (x[i]! - 0.5) * (other[i + shift]! - 0.5);
      return 12 * sum / count;
    };
    for (const value of [correlation(1, x), correlation(4, x), correlation(0, y)]) {
      assert.ok(Math.abs(value) < 4 / Math.sqrt(count), `correlation ${value}`);
    }
  });

  test("refuses wrong types and shapes", () => {
    const random = new RandomStream(1);
    const ids = tensor(Uint32Array.of(1, 2), { device });
    assert.throws(() => rand([3], { random, ids }), /ids of shape \[2\].*one id for each index/);
    assert.throws(() => rand([], { random, ids }), /ids of shape \[2\]/);
    const before = device.ledger.buffers;
    assert.throws(() => rand([3], { random, ids }));
    assert.is(device.ledger.buffers, before);
    assert.throws(() => rand([2], { random, ids: tensor([1, 2], { device }) }), /u32 or i32/);
    assert.throws(() => rand([2], { device, random, dtype: "i32" }), /must be f32 or f64/);
    assert.throws(() => rand([-1], { device, random }), /whole numbers >= 0/);
  });

  test.run();
});

const precise = suite("random in f64");

precise("rand() is the same number as in f32, randn() the same to rounding", async () => {
  for (const draw of [rand, randn]) {
    const single = await draw([9], { device: reference, random: new RandomStream(6) }).data();
    const double = await draw([9], {
      device: reference,
      random: new RandomStream(6),
      dtype: "f64",
    }).data();
    assert.instance(double, Float64Array);
    assertClose(double, single, { rtol: 1e-7, atol: 0 });
  }
});

precise.run();
