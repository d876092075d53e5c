/**
 * Adding by index, which the ways back of gather and take share: y[i] = sum of g[j] over the
 * indices j of its line that point at it, in the order of j. Each result element gathers its own
 * terms, so equal runs are bit-equal and no atomics are needed.
 *
 * @module
 */
import { sizeOf } from "../shape.ts";
import { clampedIndex } from "./indices.ts";
import type { Dispatch, Program, Spec } from "./kernel.ts";
import { declare, NOTHING, perElement, u32 } from "./wgsl.ts";

/** The sums of a call. Operands of the kernel: 0 the gradient g, 1 the index. */
export interface LineSums {
  readonly g: Spec;
  readonly index: Spec;
  readonly y: Spec;
  /** Indices on one line, and how far apart they lie. */
  readonly length: number;
  readonly stride: number;
  /** Size of the axis that the indices point into. */
  readonly axisSize: number;
  /**
   * Statements for element i of y: `place` is its place on that axis, `base` where its line of
   * indices starts. They may return after writing 0, where there is no such line.
   */
  readonly locate: string;
  /** Which element of g goes with index `j` of the line. */
  readonly gradient: string;
}

/** Up to this length every result element looks through its whole line. */
const SHORT = 64;

function scan(sums: LineSums, index: (j: string) => string): Dispatch {
  const { g, y, length, locate, gradient } = sums;
  return perElement({
    size: sizeOf(y.shape),
    declarations: declare([["g", g], ["index", sums.index], ["y", y]], 2),
    operands: [0, 1, 2],
    body: `${locate}
  var sum = 0.0;
  for (var j = 0u; j < ${u32(length)}; j++) {
    if (${index("j")} == place) { sum += g[${gradient}]; }
  }
  y[i] = sum;`,
  });
}

/** Sorts each line: an index's rank is how many are smaller, or equal and before it. */
function sort(sums: LineSums, order: Spec, index: (j: string) => string): Dispatch {
  const { length, stride } = sums;
  return perElement({
    size: sizeOf(sums.index.shape),
    declarations: declare([["index", sums.index], ["order", order]], 1),
    operands: [1, 3],
    body: `  let own = i / ${u32(stride)} % ${u32(length)};
  let base = i - own * ${u32(stride)};
  let mine = ${index("own")};
  var rank = 0u;
  for (var j = 0u; j < ${u32(length)}; j++) {
    let other = ${index("j")};
    rank += u32(other < mine || (other == mine && j < own));
  }
  order[base + rank * ${u32(stride)}] = own;`,
  });
}

/** Finds the first index that points here by bisection, and adds up from there. */
function sumSorted(sums: LineSums, order: Spec, index: (j: string) => string): Dispatch {
  const { g, y, length, stride, locate, gradient } = sums;
  return perElement({
    size: sizeOf(y.shape),
    declarations: declare([["g", g], ["index", sums.index], ["y", y], ["order", order]], 2),
    operands: [0, 1, 2, 3],
    body: `${locate}
  var low = 0u;
  var high = ${u32(length)};
  while (low < high) {
    let middle = (low + high) / 2u;
    let j = order[base + middle * ${u32(stride)}];
    if (${index("j")} < place) { low = middle + 1u; } else { high = middle; }
  }
  var sum = 0.0;
  for (var rank = low; rank < ${u32(length)}; rank++) {
    let j = order[base + rank * ${u32(stride)}];
    if (${index("j")} != place) { break; }
    sum += g[${gradient}];
  }
  y[i] = sum;`,
  });
}

/** One dispatch for short lines. Long ones are sorted first, which spares |y| * length reads. */
export function lineSumsProgram(sums: LineSums): Program {
  if (sizeOf(sums.y.shape) === 0) return NOTHING;
  const index = (j: string): string => {
    return clampedIndex(sums.index, `index[base + ${j} * ${u32(sums.stride)}]`, sums.axisSize);
  };
  if (sums.length <= SHORT) return { dispatches: [scan(sums, index)] };
  const order: Spec = { shape: sums.index.shape, dtype: "u32" };
  return {
    scratch: [order],
    dispatches: [sort(sums, order, index), sumSorted(sums, order, index)],
  };
}
