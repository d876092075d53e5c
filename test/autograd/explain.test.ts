import { test } from "uvu";
import * as assert from "uvu/assert";
import { explain } from "../../src/autograd/mod.ts";
import { GradientError } from "../../src/errors.ts";
import { type Tensor, tensor } from "../../src/tensor/mod.ts";
import { reference as device } from "../support/devices.ts";
import { isA } from "../support/errors.ts";

function graph(): { readonly loss: Tensor; readonly ids: readonly number[] } {
  const x = tensor([[3, 4], [5, 6], [7, 8]], { device });
  const w = tensor([[1], [2]], { device, requiresGrad: true });
  const hidden = x.matmul(w);
  const squares = hidden.square();
  const loss = squares.mul(w.sum()).sum();
  const sum = squares.node!.id + 1;
  return { loss, ids: [w.node!.id, hidden.node!.id, squares.node!.id, sum, sum + 1, sum + 2] };
}

/** Ids of nodes count up in a process: names for them, from `a` on. */
function named(text: string, ids: readonly number[]): string {
  return text.replaceAll(/\bn(\d+)/g, (_, id) => `n${"abcdef"[ids.indexOf(Number(id))]}`);
}

test("explain() lists what was recorded, in order", () => {
  const { loss, ids } = graph();
  const { entries } = explain(loss);
  const [w, hidden, squares, sum, product] = ids;
  assert.equal(entries, [
    {
      id: w,
      rule: "leaf",
      shape: [2, 1],
      inputs: [],
      inputShapes: [],
      saved: [],
      savedBytes: 0,
      flops: 0,
    },
    {
      id: hidden,
      rule: "matmul",
      shape: [3, 1],
      inputs: [null, w],
      inputShapes: [[3, 2], [2, 1]],
      saved: ["input0"],
      savedBytes: 24,
      flops: 12,
    },
    {
      id: squares,
      rule: "square",
      shape: [3, 1],
      inputs: [hidden],
      inputShapes: [[3, 1]],
      saved: ["input0"],
      savedBytes: 12,
      flops: 3,
    },
    {
      id: sum,
      rule: "sum",
      shape: [],
      inputs: [w],
      inputShapes: [[2, 1]],
      saved: [],
      savedBytes: 0,
      flops: entries[3]!.flops,
    },
    {
      id: product,
      rule: "mul",
      shape: [3, 1],
      inputs: [squares, sum],
      inputShapes: [[3, 1], []],
      saved: ["input0", "input1"],
      savedBytes: 16,
      flops: 3,
    },
    {
      id: loss.node!.id,
      rule: "sum",
      shape: [],
      inputs: [product],
      inputShapes: [[3, 1]],
      saved: [],
      savedBytes: 0,
      flops: entries[5]!.flops,
    },
  ]);
  assert.ok(entries[3]!.flops > 0 && entries[5]!.flops > entries[3]!.flops);
});

test("explain() prints a table with totals", () => {
  const x = tensor([[3, 4]], { device });
  const w = tensor([[1], [2]], { device, requiresGrad: true });
  const loss = x.matmul(w).square();
  const { table } = explain(loss);
  const ids = [w.node!.id, w.node!.id + 1, w.node!.id + 2];
  const width = Math.max(4, ...ids.map((id) => `${id}`.length));
  const [a, b, c] = ids.map((id) => `${id}`.padStart(width));
  const w0 = `${ids[0]}`.length;
  // The column of the inputs is as wide as its widest cell, with the number of the leaf in it.
  const fill = (text: string): string => text.padEnd(17 + w0);
  assert.is(
    table,
    [
      `${"node".padStart(width)}  rule    shape   ${fill("inputs")}  saved   bytes  FLOPs`,
      `${a}  leaf    [2, 1]  ${fill("")}              0      0`,
      `${b}  matmul  [1, 1]  ${fill(`constant [1, 2], ${ids[0]}`)}  input0      8      4`,
      `${c}  square  [1, 1]  ${fill(`${ids[1]}`)}  input0      4      1`,
      `${" ".repeat(width)}  total           ${fill("")}             12      5`,
    ].join("\n"),
  );
});

test("explain() draws for Mermaid and for Graphviz", () => {
  const { loss, ids } = graph();
  const { mermaid, dot } = explain(loss);
  assert.is(
    named(mermaid, ids),
    `flowchart TD
  na["leaf [2, 1]"]
  nb["matmul [3, 1]"]
  nc["square [3, 1]"]
  nd["sum []"]
  ne["mul [3, 1]"]
  nf["sum []"]
  na --> nb
  nb --> nc
  na --> nd
  nc --> ne
  nd --> ne
  ne --> nf`,
  );
  assert.is(
    named(dot, ids),
    String.raw`digraph tape {
  na [label="leaf\n[2, 1]", shape=box]
  nb [label="matmul\n[3, 1]", shape=ellipse]
  nc [label="square\n[3, 1]", shape=ellipse]
  nd [label="sum\n[]", shape=ellipse]
  ne [label="mul\n[3, 1]", shape=ellipse]
  nf [label="sum\n[]", shape=ellipse]
  na -> nb
  nb -> nc
  na -> nd
  nc -> ne
  nd -> ne
  ne -> nf
}`,
  );
});

test("explain() draws an edge for every use of a tensor", () => {
  const x = tensor([2], { device, requiresGrad: true });
  const { mermaid } = explain(x.mul(x));
  assert.is(mermaid.split("-->").length - 1, 2);
});

test("explain() shows nothing saved once a tape was walked", () => {
  const { loss } = graph();
  loss.backward();
  const { entries } = explain(loss);
  assert.is(entries.length, 6);
  assert.equal(entries.flatMap(({ saved }) => saved), []);
});

test("explain() of what was not recorded is an error", () => {
  assert.throws(() => explain(tensor([1], { device })), isA(GradientError, /Cannot walk back/));
});

test.run();
