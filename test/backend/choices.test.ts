// Which ways kernels take: by kind of adapter, by what was measured, and how that is kept as text.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { finished, type Kernel, matmul, type Spec } from "../../src/kernels/mod.ts";
import {
  type AdapterKind,
  keyOf,
  kindOf,
  MACHINES,
} from "../../src/backend/webgpu/choices/adapters.ts";
import { callKey, waysKey } from "../../src/backend/webgpu/choices/call_key.ts";
import { Choices } from "../../src/backend/webgpu/choices/choices.ts";
import { guessSeconds, ranked } from "../../src/backend/webgpu/choices/rank.ts";
import { formatTuned, parseTuned } from "../../src/backend/webgpu/choices/stored.ts";

const test = suite("choices");

const f32 = (...shape: number[]): Spec => ({ shape, dtype: "f32" });
const plain = { transposeA: false, transposeB: false };
const product = (M: number, K: number, N: number) => {
  const inputs = [f32(M, K), f32(K, N)], params = plain;
  return { inputs, params, outputs: matmul.outputs(inputs, params) };
};
const namesOf = (kind: AdapterKind, M: number, K: number, N: number): string[] => {
  const { inputs, outputs, params } = product(M, K, N);
  const ways = new Choices({ key: "", kind }).waysOf(matmul, inputs, { outputs, params });
  return ways!.map(({ name }) => name);
};

test("adapters are known by their words, on wgpu by their PCI numbers", () => {
  const cases: readonly (readonly [AdapterKind, Parameters<typeof kindOf>[0]])[] = [
    ["nvidia", { vendor: "nvidia", architecture: "ampere" }],
    ["nvidia", { vendor: "4318", device: "9860" }],
    ["amd", { vendor: "0x1002" }],
    ["intel", { vendor: "", description: "Intel(R) Iris(R) Xe Graphics" }],
    ["apple", { vendor: "apple", architecture: "metal-3" }],
    ["qualcomm", { vendor: "qualcomm", architecture: "adreno-7xx" }],
    ["arm", { vendor: "arm", architecture: "valhall" }],
    ["unknown", { vendor: "0x1010" }],
    // Not "arm", not "ati", not "amd".
    ["unknown", { description: "charming creation, namdev" }],
    ["unknown", {}],
  ];
  for (const [kind, info] of cases) assert.is(kindOf(info, false), kind, JSON.stringify(info));
  assert.is(kindOf({ vendor: "nvidia" }, true), "software");
});

test("adapters are told apart by what they say, by the engine and by their limits", () => {
  const key = (vendor: string, engine: string, limit: number) => {
    return keyOf({ vendor }, { engine, limits: [limit] });
  };
  const keys = [key("a", "x", 1), key("b", "x", 1), key("a", "y", 1), key("a", "x", 2)];
  assert.is(new Set(keys).size, 4);
  assert.is(key("a", "x", 1), keys[0]);
});

test("unknown adapters take the kernel's own order, software waits last", () => {
  const own = matmul.candidates!(
    product(512, 512, 512).inputs,
    product(512, 512, 512).outputs,
    plain,
  );
  assert.equal(namesOf("unknown", 512, 512, 512), own.map(({ name }) => name));
  const waits = namesOf("software", 512, 512, 512)
    .map((name) => Number(own.find((way) => way.name === name)!.waits));
  assert.equal(waits, waits.toSorted((a, b) => a - b));
  assert.equal([waits[0], waits.at(-1)], [0, 1]);
});

test("a GPU with few registers does not begin with blocks of 64 sums", () => {
  assert.match(namesOf("nvidia", 2048, 2048, 2048)[0]!, /^blocked/);
  for (const kind of ["qualcomm", "arm"] as const) {
    assert.not.match(namesOf(kind, 2048, 2048, 2048)[0]!, /8x8 each/, kind);
  }
});

test("a guess falls with idle units, with spilled registers and with every dispatch", () => {
  const figures = {
    workgroups: 280,
    invocations: 256,
    products: 2 ** 30,
    reads: 2 ** 20,
    sums: 16,
    staged: true,
    dispatches: 1,
  };
  const guess = (more: Partial<typeof figures>) => {
    return guessSeconds({ ...figures, ...more }, MACHINES.nvidia);
  };
  assert.ok(guess({ workgroups: 4 }) > 2 * guess({}));
  assert.ok(guess({ sums: 256 }) > guess({ sums: 64 }));
  assert.ok(guess({ dispatches: 2 }) > guess({}));
  assert.ok(guess({ reads: 2 ** 34 }) > guess({}));
  assert.ok(guess({ sums: 64 }) < guess({ sums: 16 }));
});

test("a guess goes over the kernel's first way only where it is clearly better", () => {
  const way = (name: string, products: number) => ({
    name,
    waits: false,
    figures: {
      workgroups: 1024,
      invocations: 256,
      products,
      reads: 0,
      sums: 16,
      staged: false,
      dispatches: 1,
    },
    program: () => ({ dispatches: [] }),
  });
  const first = (...products: number[]) => {
    return ranked(products.map((it, i) => way(String(i), it)), "nvidia")[0]!.name;
  };
  assert.is(first(1e12, 9e11), "0");
  assert.is(first(1e12, 5e11), "1");
});

test("a measured way is taken, with an epilogue too, but only among the same ways", () => {
  const { inputs, outputs, params } = product(64, 64, 64);
  const ways = matmul.candidates!(inputs, outputs, params), last = ways.at(-1)!.name;
  const key = callKey(matmul, inputs, params);
  const choices = (among: number, way = last) =>
    new Choices({ key: "", kind: "unknown" }, {
      measured: new Date(0).toISOString(),
      choices: new Map([[key, { way, among }]]),
    });
  const call = { outputs, params };
  assert.is(choices(waysKey(ways)).wayOf(matmul, inputs, call)?.name, last);
  assert.is(choices(waysKey(ways.slice(1))).wayOf(matmul, inputs, call)?.name, ways[0]!.name);
  assert.is(choices(waysKey(ways), "magic").wayOf(matmul, inputs, call)?.name, ways[0]!.name);

  const steps = [{ name: "relu", inputs: [{ external: 0 }], shape: [64, 64] }] as const;
  const withRelu = finished(matmul) as Kernel<unknown>;
  const own = { own: params, operands: 2, steps };
  assert.is(callKey(withRelu, inputs, own), key);
  const chosen = choices(waysKey(ways)).wayOf(withRelu, inputs, {
    outputs: withRelu.outputs(inputs, own),
    params: own,
  });
  assert.is(chosen?.name, last);
});

test("calls are told apart by kernel, shapes, element types and parameters", () => {
  const keys = [
    callKey(matmul, [f32(2, 3), f32(3, 4)], plain),
    callKey(matmul, [f32(2, 3), f32(3, 5)], plain),
    callKey(matmul, [f32(3, 2), f32(3, 4)], { ...plain, transposeA: true }),
    callKey({ ...matmul, name: "other" }, [f32(2, 3), f32(3, 4)], plain),
  ];
  assert.is(new Set(keys).size, keys.length);
});

test("what was measured on several adapters survives as text", () => {
  const tuned = (day: number, way: string) => ({
    measured: new Date(day * 864e5).toISOString(),
    choices: new Map([["matmul f32 [1,2]", { way, among: 7 }]]),
  });
  const adapters = new Map([["b", tuned(2, "x")], ["__proto__", tuned(3, "y")], [
    "a",
    tuned(1, "z"),
  ]]);
  const back = parseTuned(formatTuned(adapters));
  assert.equal([...back.keys()], ["a", "b", "__proto__"]);
  for (const [key, value] of adapters) assert.equal(back.get(key), value);
});

test("text that is anything else counts as none", () => {
  const adapter = (value: unknown) => JSON.stringify({ version: 1, adapters: { a: value } });
  const measured = new Date(0).toISOString();
  for (
    const text of [
      undefined,
      "",
      "{",
      "null",
      "[]",
      '{"version": 2, "adapters": {"a": {}}}',
      '{"version": 1, "adapters": []}',
      adapter(null),
      adapter([]),
      adapter({ measured: 5, choices: {} }),
      adapter({ measured: "yesterday", choices: {} }),
    ]
  ) {
    assert.is(parseTuned(text).size, 0, text);
  }
  const choices = { good: ["w", 1], a: "w", b: [1, 1], c: ["w", "1"], d: null, e: {} };
  const some = parseTuned(adapter({ measured, choices })).get("a")!;
  assert.equal([...some.choices], [["good", { way: "w", among: 1 }]]);
});

test.run();
