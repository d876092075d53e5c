/**
 * The tape in words and pictures, for people who study it: a table, and the text of a Mermaid or
 * Graphviz drawing.
 *
 * @module
 */
import { formatShape, type Shape } from "../shape.ts";
import { bytesPer } from "../dtype.ts";
import type { Tensor } from "../tensor/mod.ts";
import { rootOf } from "./checks.ts";
import type { Node } from "./tape.ts";

/** One line of the table. */
export interface TapeEntry {
  /** Number of the node; inputs have smaller ones. */
  readonly id: number;
  /** Name of the rule, or "leaf". */
  readonly rule: string;
  /** Shape of the result. */
  readonly shape: Shape;
  /** Nodes of the inputs; null for inputs that are constant. */
  readonly inputs: readonly (number | null)[];
  /** Shapes of the inputs. */
  readonly inputShapes: readonly Shape[];
  /** What is saved for the way back, by name. */
  readonly saved: readonly string[];
  /** Bytes of what is saved; a value saved twice counts at each place. */
  readonly savedBytes: number;
  /** Floating-point operations of the forward computation. */
  readonly flops: number;
}

/** A tape, ready to print. */
export interface TapeReport {
  /** In the order of their making. */
  readonly entries: readonly TapeEntry[];
  /** A table in plain text. */
  readonly table: string;
  /** Text of a Mermaid flowchart. */
  readonly mermaid: string;
  /** Text of a Graphviz digraph. */
  readonly dot: string;
}

function reachable(root: Node): Node[] {
  const seen = new Set<Node>([root]);
  for (const node of seen) for (const parent of node.parents) if (parent) seen.add(parent);
  return [...seen].sort((a, b) => a.id - b.id);
}

function entryOf(node: Node): TapeEntry {
  const saved = [...node.saved];
  return {
    id: node.id,
    rule: node.rule?.name ?? "leaf",
    shape: node.shape,
    inputs: node.parents.map((parent) => parent?.id ?? null),
    inputShapes: node.shapes,
    saved: saved.map(([name]) => name),
    savedBytes: saved.reduce((sum, [, { size, dtype }]) => sum + size * bytesPer(dtype), 0),
    flops: node.flops,
  };
}

function tableOf(entries: readonly TapeEntry[]): string {
  const rows = entries.map((e) => [
    `${e.id}`,
    e.rule,
    formatShape(e.shape),
    e.inputs.map((id, i) => id ?? `constant ${formatShape(e.inputShapes[i]!)}`).join(", "),
    e.saved.join(", "),
    `${e.savedBytes}`,
    `${e.flops}`,
  ]);
  const total = (pick: (e: TapeEntry) => number) => `${entries.reduce((s, e) => s + pick(e), 0)}`;
  rows.push(["", "total", "", "", "", total((e) => e.savedBytes), total((e) => e.flops)]);
  const table = [["node", "rule", "shape", "inputs", "saved", "bytes", "FLOPs"], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const numeric = new Set([0, 5, 6]);
  return table.map((row) =>
    row.map((cell, column) =>
      numeric.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)
    ).join("  ").trimEnd()
  ).join("\n");
}

function edges(entries: readonly TapeEntry[], arrow: string): string[] {
  return entries.flatMap((e) =>
    e.inputs.flatMap((id) => id === null ? [] : [`  n${id} ${arrow} n${e.id}`])
  );
}

/**
 * The tape behind a tensor: every recorded operation with its shapes, what is saved for the way
 * back, its bytes and its floating-point operations.
 *
 * @example
 * ```ts
 * import { explain, tensor } from "tapegrad";
 * const w = tensor([[1], [2]], { requiresGrad: true });
 * const loss = tensor([[3, 4]]).matmul(w).square().sum();
 * explain(loss).entries.map((entry) => entry.rule); // ["leaf", "matmul", "square", "sum"]
 * ```
 */
export function explain(result: Tensor): TapeReport {
  const entries = reachable(rootOf(result)).map(entryOf);
  const mermaid = [
    "flowchart TD",
    ...entries.map((e) => `  n${e.id}["${e.rule} ${formatShape(e.shape)}"]`),
    ...edges(entries, "-->"),
  ];
  const dot = [
    "digraph tape {",
    ...entries.map((e) => {
      const shape = e.rule === "leaf" ? "box" : "ellipse";
      return `  n${e.id} [label="${e.rule}\\n${formatShape(e.shape)}", shape=${shape}]`;
    }),
    ...edges(entries, "->"),
    "}",
  ];
  return { entries, table: tableOf(entries), mermaid: mermaid.join("\n"), dot: dot.join("\n") };
}
