// Chains against their kernels one by one, on the same device: bit by bit where the device does not contract a product and a
// sum into one rounding, which a shader compiler may.

import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Device } from "../../src/backend/mod.ts";
import type { DType } from "../../src/dtype.ts";
import {
  type ChainParams,
  type ChainSource,
  type ChainStep,
  ELEMENTWISE,
  elementwise,
  elementwiseChain,
  type ElementwiseName,
  MAX_CHAIN_STEPS,
} from "../../src/kernels/mod.ts";
import { type Shape, sizeOf } from "../../src/shape.ts";
import { crews, uniform, whole } from "../support/cpu.ts";
import { assertClose, forEachDevice, reference, webgpu } from "../support/devices.ts";
import { host, type HostTensor, runOn } from "../support/parity.ts";

const NAMES = Object.keys(ELEMENTWISE) as ElementwiseName[];
const INTEGER_NAMES = NAMES.filter((name) => !ELEMENTWISE[name].floatOnly);

interface Chain {
  readonly inputs: readonly HostTensor[];
  readonly params: ChainParams;
}

function arity(name: ElementwiseName): number {
  return ELEMENTWISE[name].derivatives.length;
}

/** The results of the kernels, each run on its own. */
async function oneByOne(device: Device, { inputs, params }: Chain): Promise<HostTensor[]> {
  const computed: HostTensor[] = [];
  for (const { name, shape, inputs: sources } of params.steps) {
    const operands = sources.map((source) =>
      "step" in source ? { ...computed[source.step]!, shape } : inputs[source.external]!
    );
    const [y] = await runOn(device, elementwise[name], { inputs: operands, params: undefined });
    computed.push(y!);
  }
  return params.results.map((step) => computed[step]!);
}

async function assertSame(
  device: Device,
  chain: Chain,
  tolerance?: { rtol: number },
): Promise<void> {
  const got = await runOn(device, elementwiseChain, chain);
  const want = await oneByOne(device, chain);
  assert.is(got.length, chain.params.results.length);
  want.forEach(({ shape, dtype, data }, i) => {
    const what = `output ${i} of ${JSON.stringify(chain.params)} on ${device.description}`;
    assert.equal([got[i]!.shape, got[i]!.dtype], [shape, dtype], what);
    if (tolerance !== undefined) return assertClose(got[i]!.data, data, tolerance, what);
    const at = data.findIndex((value, k) => !Object.is(got[i]!.data[k], value));
    if (at < 0) return;
    throw new Error(`${what}: at index ${at} got ${got[i]!.data[at]}, wanted ${data[at]}`);
  });
}

/** Sizes of the axes, and the shapes that operands may have. */
function shapesFor(shape: Shape): Shape[] {
  const ones = shape.map(() => 1);
  return [
    shape,
    [],
    shape.slice(-1),
    shape.map((size, axis) => axis === 0 ? size : 1),
    shape.map((size, axis) => axis === shape.length - 1 ? 1 : size),
    shape.map((size, axis) => axis === 0 || axis === shape.length - 1 ? size : 1),
    ones,
  ];
}

/** A chain of random kernels, some of whose results are outputs. */
function chains(shape: Shape, dtype: DType): fc.Arbitrary<Chain> {
  const name = fc.constantFrom(...(dtype === "f32" ? NAMES : INTEGER_NAMES));
  const step = fc.record({
    name,
    picks: fc.array(fc.nat(1000), { minLength: 3, maxLength: 3 }),
    flat: fc.nat(4),
    result: fc.nat(2),
  });
  return fc.record({
    kinds: fc.array(fc.nat(6), { minLength: 1, maxLength: 4 }),
    list: fc.array(step, { minLength: 2, maxLength: 8 }),
  }).map(({ kinds, list }) => {
    const shapes = [shape, ...kinds.map((kind) => shapesFor(shape)[kind]!)];
    const inputs = shapes.map((own, k) =>
      dtype === "f32"
        ? uniform(own, k + 1, [-2, 2])
        : whole(own, k + 1, { low: dtype === "i32" ? -9 : 0, high: 10, dtype })
    );
    const steps = list.map(({ name, picks, flat }, at): ChainStep => {
      // The same elements under another shape, where nothing is broadcast.
      const isFlat = flat === 0 && at > 0;
      const source = (pick: number, k: number): ChainSource => {
        const first = isFlat || (k === 0 && pick % 2 === 0);
        if (at > 0 && (first || pick % 3 > 0)) return { step: Math.floor(pick / 6) % at };
        return { external: k === 0 ? 0 : Math.floor(pick / 3) % inputs.length };
      };
      return {
        name,
        shape: isFlat ? [sizeOf(shape)] : shape,
        inputs: picks.slice(0, arity(name)).map(source),
      };
    });
    const wanted = list.flatMap(({ result }, at) => result === 0 ? [at] : []);
    if (!wanted.includes(list.length - 1)) wanted.push(list.length - 1);
    return { inputs, params: { steps, results: wanted.slice(-3) } };
  });
}

const SHAPES: readonly Shape[] = [
  [],
  [1, 1],
  [7],
  [3, 1, 5],
  [67, 31],
  [2048],
  [41, 3],
  [1031, 10],
  [5, 9, 11, 17],
  [130, 257],
  [40_013],
  [3, 0],
];

forEachDevice((device, label) => {
  const test = suite(`elementwise chains on ${label}`);

  test("elementwiseChain() of integers equals its kernels one by one", async () => {
    for (const dtype of ["i32", "u32"] as const) {
      for (const shape of SHAPES.slice(0, 8)) {
        const property = fc.asyncProperty(chains(shape, dtype), (chain) => {
          return assertSame(device, chain);
        });
        await fc.assert(property, { seed: 1, numRuns: device === webgpu ? 4 : 10 });
      }
    }
  });

  test("elementwiseChain() knows every function", async () => {
    for (const name of NAMES) {
      const inputs = [1, 2, 3].slice(0, arity(name)).map((seed) => uniform([3, 50], seed, [0, 2]));
      const sources = inputs.map((_, external) => ({ external }));
      const steps: ChainStep[] = [
        { name, shape: [3, 50], inputs: sources },
        { name: "neg", shape: [3, 50], inputs: [{ step: 0 }] },
      ];
      await assertSame(device, { inputs, params: { steps, results: [1] } }, { rtol: 1e-5 });
    }
  });

  test("elementwiseChain() takes bias, rows, scalars and results of steps", async () => {
    const shape = [3, 7, 5];
    const inputs = [uniform(shape, 1), uniform([5], 2), uniform([3, 1, 1], 3), host([], [0.5])];
    const steps: ChainStep[] = [
      { name: "mul", shape, inputs: [{ external: 0 }, { external: 2 }] },
      { name: "add", shape, inputs: [{ step: 0 }, { external: 1 }] },
      { name: "tanh", shape, inputs: [{ step: 1 }] },
      { name: "sub", shape: [105], inputs: [{ step: 2 }, { external: 3 }] },
      { name: "mul", shape, inputs: [{ step: 2 }, { step: 3 }] },
    ];
    await assertSame(device, { inputs, params: { steps, results: [4, 1] } }, { rtol: 1e-5 });
  });

  test("elementwiseChain() refuses what is no chain", () => {
    const x = { ...uniform([2, 3], 1), buffer: device.upload(new Float32Array(6), "f32") };
    const scalar = { ...x, shape: [] };
    const neg: ChainStep = { name: "neg", shape: [2, 3], inputs: [{ external: 0 }] };
    const runs = (steps: readonly ChainStep[], results: readonly number[], inputs = [x]) => () => {
      device.run(elementwiseChain, inputs, { steps, results });
    };
    assert.throws(runs([], []), /Cannot chain no steps of 1 operands and 0 results/);
    assert.throws(
      runs(new Array<ChainStep>(MAX_CHAIN_STEPS + 1).fill(neg), [0]),
      /there must be 1 to 24 steps/,
    );
    assert.throws(runs([neg], [0], new Array<typeof x>(8).fill(x)), /at most 8 operands/);
    assert.throws(runs([neg], [1]), /Cannot chain neg with results of the steps 1/);
    assert.throws(runs([neg], [0, 0]), /results of the steps 0, 0/);
    assert.throws(runs([{ ...neg, inputs: [{ step: 0 }] }], [0]), /earlier steps/);
    assert.throws(runs([{ ...neg, inputs: [{ external: 1 }] }], [0]), /must read the 1 operands/);
    assert.throws(
      runs([{ ...neg, shape: [3] }], [0]),
      /step 0 have the shape \[2, 3\], it must be \[3\]/,
    );
    assert.throws(
      runs([neg, { ...neg, shape: [], inputs: [{ external: 1 }] }], [1], [x, scalar]),
      /with as many elements as \[2, 3\]/,
    );
    const label = { ...x, dtype: "i32" as const };
    const add: ChainStep = { ...neg, name: "add", inputs: [{ external: 0 }, { external: 1 }] };
    assert.throws(runs([add], [0], [x, label]), /of types f32, i32: they must be the same/);
    x.buffer.release();
  });

  test.run();
});

const exact = suite("elementwise chains of f32");

exact("equal their kernels one by one, bit by bit, for any number of threads", async () => {
  for (const shape of SHAPES) {
    const property = fc.asyncProperty(chains(shape, "f32"), async (chain) => {
      for (const device of [reference, ...crews]) await assertSame(device, chain);
    });
    await fc.assert(property, { seed: 2, numRuns: sizeOf(shape) > 10_000 ? 12 : 25 });
  }
});

exact("of the most steps fit on the cpu", async () => {
  const shape = [3, 5, 4, 3, 2];
  const inputs = [
    uniform(shape, 1),
    uniform([3, 1, 4, 1, 2], 2),
    uniform([5, 1, 3, 1], 3),
  ];
  const steps = Array.from({ length: MAX_CHAIN_STEPS }, (_, at): ChainStep => {
    const source = at === 0 ? { external: 0 } : { step: at - 1 };
    return { name: "where", shape, inputs: [source, { external: 1 }, { external: 2 }] };
  });
  const cpu = crews[0]!, before = cpu.ledger.counters.get("fallback elementwiseChain");
  await assertSame(cpu, { inputs, params: { steps, results: [MAX_CHAIN_STEPS - 1] } });
  assert.is(cpu.ledger.counters.get("fallback elementwiseChain"), before);
});

exact.run();
