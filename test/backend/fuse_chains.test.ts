// Lists of kernel calls before and after they are rewritten: the same values, bit by bit.

import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fuseChains, type Fusing } from "../../src/backend/capture/fuse_chains.ts";
import type { NotedCall, ValueOperand } from "../../src/backend/capture/notes.ts";
import { skipExpands } from "../../src/backend/capture/skip_expands.ts";
import type { Device, Operand } from "../../src/backend/mod.ts";
import type { TypedArray } from "../../src/dtype.ts";
import {
  type ChainParams,
  elementwise,
  elementwiseChain,
  type ElementwiseName,
  expand,
  type Kernel,
  matmul,
  sum,
} from "../../src/kernels/mod.ts";
import { sameShape, type Shape, sizeOf } from "../../src/shape.ts";
import { cpu, reference } from "../support/devices.ts";
import { accumulate } from "../support/kernels.ts";
import { numbers } from "../support/numbers.ts";

const test = suite("fusing elementwise calls");

/** For a device that computes every step as it stands. */
function exactly(wanted: ReadonlySet<number>): Fusing {
  return { wanted, contracts: false, finishes: false };
}

/** A list of calls that is written down call by call. */
class List {
  readonly calls: NotedCall[] = [];
  readonly outside: ValueOperand[] = [];
  #values = 0;

  /** A value from before the step. */
  given(shape: Shape): ValueOperand {
    const operand = this.#value(shape);
    this.outside.push(operand);
    return operand;
  }

  /** A call of a kernel with one result. */
  call<P>(kernel: Kernel<P>, inputs: readonly ValueOperand[], params: P): ValueOperand {
    const [spec] = kernel.outputs(inputs, params);
    const output = this.#value(spec!.shape);
    this.calls.push({ kernel, inputs, outputs: [output], params });
    return output;
  }

  /** An elementwise call. */
  map(name: ElementwiseName, ...inputs: readonly ValueOperand[]): ValueOperand {
    return this.call(elementwise[name], inputs, undefined);
  }

  /** w = w + g. */
  update(w: ValueOperand, g: ValueOperand): void {
    this.calls.push({ kernel: accumulate, inputs: [g], outputs: [w], params: undefined });
  }

  #value(shape: Shape): ValueOperand {
    return { value: this.#values++, shape, dtype: "f32" };
  }
}

/** What the calls leave in the wanted values and in those from outside. */
async function run(
  device: Device,
  { calls, list, wanted }: {
    readonly calls: readonly NotedCall[];
    readonly list: List;
    readonly wanted: ReadonlySet<number>;
  },
): Promise<TypedArray[]> {
  const operands = new Map<number, Operand>();
  for (const { value, shape, dtype } of list.outside) {
    const data = Float32Array.from(numbers(sizeOf(shape), value + 1));
    operands.set(value, { shape, dtype, buffer: device.upload(data, dtype) });
  }
  for (const { kernel, inputs, outputs, params } of calls) {
    const taken = inputs.map(({ value, shape }): Operand => {
      const operand = operands.get(value);
      if (operand === undefined) throw new Error(`${kernel.name} reads a value before it is made`);
      return { ...operand, shape };
    });
    const updates = outputs.slice(0, kernel.updates ?? 0).map(({ value }) => operands.get(value)!);
    device.run(kernel, taken, params, updates).forEach((operand, i) => {
      if (i >= updates.length) operands.set(outputs[i]!.value, operand);
    });
  }
  const read = [...wanted, ...list.outside.map(({ value }) => value)];
  const data = await device.read(read.map((value) => operands.get(value)!.buffer));
  for (const { buffer } of operands.values()) buffer.release();
  return data;
}

/** The names of the calls; of a chain those of its steps. */
function names(calls: readonly NotedCall[]): readonly (string | readonly string[])[] {
  return calls.map(({ kernel, params }) =>
    kernel === elementwiseChain
      ? (params as ChainParams).steps.map(({ name }) => name)
      : kernel.name
  );
}

test("calls in a row become a chain, whose inner results are gone", () => {
  const list = new List();
  const x = list.given([4, 3]), b = list.given([3]), two = list.given([]);
  const y = list.map("tanh", list.map("add", list.map("mul", x, two), b));
  const fused = fuseChains(list.calls, exactly(new Set([y.value])));
  assert.equal(names(fused), [["mul", "add", "tanh"]]);
  assert.equal(fused[0]!.inputs, [x, two, b]);
  assert.equal(fused[0]!.outputs, [y]);
});

test("what others read stays a result", () => {
  const list = new List();
  const x = list.given([4, 4]);
  const a = list.map("exp", x), b = list.map("neg", a), c = list.map("square", b);
  const product = list.call(matmul, [b, b], { transposeA: false, transposeB: false });
  const fused = fuseChains(list.calls, exactly(new Set([a.value, c.value, product.value])));
  assert.equal(names(fused), [["exp", "neg", "square"], "matmul"]);
  assert.equal(fused[0]!.outputs, [a, b, c]);
});

test("a call that stands between two others keeps them apart", () => {
  const list = new List();
  const x = list.given([4, 4]);
  const a = list.map("exp", x);
  const product = list.call(matmul, [a, a], { transposeA: false, transposeB: false });
  const y = list.map("mul", a, product);
  assert.equal(names(fuseChains(list.calls, exactly(new Set([y.value])))), [
    "exp",
    "matmul",
    "mul",
  ]);
});

test("an update in place keeps those apart that read before and after it", () => {
  const list = new List();
  const w = list.given([4]), g = list.given([4]);
  const before = list.map("neg", w);
  list.update(w, g);
  const y = list.map("add", before, w);
  const fused = fuseChains(list.calls, exactly(new Set([y.value])));
  assert.equal(names(fused), ["neg", "accumulate", "add"]);
});

test("what is only updated in place is stored before", () => {
  const list = new List();
  const x = list.given([4]);
  const w = list.map("exp", list.map("neg", x));
  const g = list.map("square", w);
  list.update(w, g);
  const fused = fuseChains(list.calls, exactly(new Set([g.value])));
  assert.equal(names(fused), [["neg", "exp", "square"], "accumulate"]);
  assert.equal(fused[0]!.outputs, [w, g]);
});

test("calls join those that read their result, neighbours that read the same follow", () => {
  const list = new List();
  const x = list.given([5, 5]), g = list.given([5, 5]);
  const y = list.map("tanh", x);
  const product = list.call(matmul, [y, g], { transposeA: false, transposeB: false });
  const slope = list.map("neg", list.map("square", y));
  const a = list.map("mul", product, slope), b = list.map("mul", product, x);
  const fused = fuseChains(list.calls, exactly(new Set([a.value, b.value])));
  assert.equal(names(fused), ["tanh", "matmul", ["square", "neg", "mul", "mul"]]);
});

test("where compilers contract, no path through a chain rounds twice", () => {
  const list = new List();
  const x = list.given([4, 3]), b = list.given([3]), low = list.given([]), high = list.given([]);
  const bent = list.map("relu", list.map("add", list.map("mul", x, x), b));
  const y = list.map("clamp", list.map("mul", list.map("sign", bent), b), low, high);
  const wanted = new Set([y.value]);
  assert.equal(names(fuseChains(list.calls, { wanted, contracts: true, finishes: false })), [
    "mul",
    // A product with a sign is exact.
    ["add", "relu", "sign", "mul", "clamp"],
  ]);
});

test("a chain takes no more than a shader binds, and results of one size", () => {
  const list = new List();
  let y = list.given([6]);
  for (let i = 0; i < 12; i++) y = list.map("add", y, list.given([6]));
  const total = list.map("neg", list.call(sum, [y], { axes: [0], keepAxes: false }));
  const wide = list.map("mul", total, y);
  const fused = fuseChains(list.calls, exactly(new Set([wide.value])));
  for (const { inputs, outputs } of fused) assert.ok(inputs.length + outputs.length <= 8);
  assert.equal(names(fused).slice(-3), ["sum", "neg", "mul"]);
  assert.is(fused.length, 5);
});

test("elementwise calls read what was expanded where it comes from", () => {
  const list = new List();
  const x = list.given([3, 4]), g = list.given([3, 1]);
  const wide = list.call(expand, [g], { shape: [3, 4] });
  const y = list.map("mul", x, wide);
  const skipped = skipExpands(list.calls, new Set([y.value]));
  assert.equal(names(skipped), ["mul"]);
  assert.equal(skipped[0]!.inputs, [x, g]);
  assert.equal(names(skipExpands(list.calls, new Set([wide.value, y.value]))), ["expand", "mul"]);
  // Alone it would have another shape, and a changed source another value.
  const alone = list.map("neg", wide);
  assert.equal(names(skipExpands(list.calls, new Set([alone.value]))), ["expand", "mul", "neg"]);
  const changing = new List();
  const w = changing.given([3, 1]), full = changing.given([3, 4]);
  const copy = changing.call(expand, [w], { shape: [3, 4] });
  changing.update(w, changing.given([3, 1]));
  const z = changing.map("mul", full, copy);
  assert.equal(skipExpands(changing.calls, new Set([z.value])), changing.calls);
});

const NAMES = [
  "neg",
  "exp",
  "tanh",
  "relu",
  "square",
  "add",
  "mul",
  "sub",
  "gate",
  "where",
] as const;
const ARITY = {
  neg: 1,
  exp: 1,
  tanh: 1,
  relu: 1,
  square: 1,
  add: 2,
  mul: 2,
  sub: 2,
  gate: 2,
  where: 3,
};
const SHAPES: readonly Shape[] = [[], [6], [6, 6], [6, 1], [1, 6], [36]];

type Draw = readonly [kind: number, picks: readonly number[]];

/** A list of calls of every kind, on values of all shapes. */
function build(draws: readonly Draw[]): List {
  const list = new List(),
    values = SHAPES.flatMap((shape) => [list.given(shape), list.given(shape)]);
  const pick = (n: number, fits: (value: ValueOperand) => boolean = () => true): ValueOperand => {
    const some = values.filter(fits);
    // Late ones more often.
    return some[some.length - 1 - Math.floor(n * n / 1e6 * some.length)]!;
  };
  const square = ({ shape }: ValueOperand): boolean => sameShape(shape, [6, 6]);
  for (const [kind, [p = 0, q = 0, r = 0]] of draws) {
    if (kind < 12) {
      const name = NAMES[kind % NAMES.length]!;
      const fits = (value: ValueOperand): boolean => !sameShape(value.shape, [36]);
      values.push(list.map(name, ...[p, q, r].slice(0, ARITY[name]).map((n) => pick(n, fits))));
    } else if (kind === 12) {
      const params = { transposeA: false, transposeB: true };
      values.push(list.call(matmul, [pick(p, square), pick(q, square)], params));
    } else if (kind === 13) {
      values.push(list.call(sum, [pick(p, square)], { axes: [q % 2], keepAxes: true }));
    } else if (kind === 14) {
      const wide = ({ shape }: ValueOperand): boolean => !sameShape(shape, [36]);
      values.push(list.call(expand, [pick(p, wide)], { shape: [6, 6] }));
    } else if (kind === 15) {
      const w = pick(p), shaped = (value: ValueOperand): boolean => sameShape(value.shape, w.shape);
      const g = pick(q, shaped);
      if (g.value !== w.value) list.update(w, g);
    } else {
      // The same elements under another shape.
      const old = pick(p, ({ shape }) => sizeOf(shape) === 36);
      values.push({ ...old, shape: square(old) ? [36] : [6, 6] });
      values.push(list.map("mul", values.at(-1)!, values.at(-1)!));
    }
  }
  return list;
}

test("rewritten lists leave the same values", async () => {
  const draw = fc.tuple(
    fc.nat(16),
    fc.array(fc.nat(999), { minLength: 3, maxLength: 3 }),
  );
  let before = 0, after = 0;
  const property = fc.asyncProperty(
    fc.array(draw, { minLength: 3, maxLength: 40 }),
    fc.array(fc.nat(999), { minLength: 1, maxLength: 4 }),
    async (draws, picks) => {
      const list = build(draws);
      const made = list.calls.flatMap(({ outputs }) => outputs.map(({ value }) => value));
      if (made.length === 0) return;
      const wanted = new Set(picks.map((n) => made[n % made.length]!).concat(made.at(-1)!));
      const calls = fuseChains(skipExpands(list.calls, wanted), exactly(wanted));
      before += list.calls.length;
      after += calls.length;
      for (const device of [reference, cpu]) {
        const want = await run(device, { calls: list.calls, list, wanted });
        const got = await run(device, { calls, list, wanted });
        assert.equal(got.map((it) => [...it]), want.map((it) => [...it]));
      }
    },
  );
  await fc.assert(property, { seed: 3, numRuns: 300 });
  assert.ok(after < 0.7 * before, `${before} calls became ${after}`);
});

test.run();
