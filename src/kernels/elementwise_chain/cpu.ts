/**
 * Chains on the cpu: blocks of elements go through all steps while they lie in the first cache.
 * A step is the call of its own kernel on one block; what steps hand on lies in slots, blocks of
 * scratch memory which are used again when nobody reads them any more.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import { rowWalk } from "../elementwise/cpu.ts";
import { ELEMENTWISE } from "../elementwise/table.ts";
import type { CpuProgram, Spec } from "../kernel.ts";
import type { ChainParams, ChainSource } from "./kernel.ts";

/** Elements of a block: a few of them fit into the first cache. As in cpu.as.ts. */
const BLOCK = 2048;
/** Blocks of a task: some ten microseconds. */
const EACH = 8;
/** Addresses in front of the words; those that are not used repeat the first. As in cpu.as.ts. */
const ADDRESSES = 8;
/** The most words that there is room for, beside the addresses. */
const MOST_WORDS = 1000;

const NAMES = Object.keys(ELEMENTWISE);
/** Functions of a type begin at this number, in the order of the table. As in cpu.as.ts. */
const FIRST = { f32: 0, i32: 64, u32: 128, f64: -1 } as const;

/** For every step the slot of its result; undefined where the result is an output. */
function slotsOf({ steps, results }: ChainParams): (number | undefined)[] {
  const lastUse = new Map<number, number>();
  steps.forEach(({ inputs }, at) => {
    for (const source of inputs) if ("step" in source) lastUse.set(source.step, at);
  });
  const slots: (number | undefined)[] = [], free: number[] = [];
  let count = 0;
  steps.forEach((_, at) => {
    // A step may write where it reads: its loop reads an element before it writes it.
    for (const [step, last] of lastUse) {
      if (last === at && slots[step] !== undefined) free.push(slots[step]);
    }
    slots.push(results.includes(at) ? undefined : free.pop() ?? count++);
  });
  return slots;
}

/** One call of the chain's entry. */
export function chainCpu(
  inputs: readonly Spec[],
  outputs: readonly Spec[],
  params: ChainParams,
): CpuProgram | undefined {
  const { steps, results } = params, size = sizeOf(steps[0]!.shape);
  if (size === 0 || results.length === 0) return { calls: [] };
  const slots = slotsOf(params);
  const repeats: number[] = [];
  const place = (step: number): number => {
    return slots[step] === undefined ? inputs.length + results.indexOf(step) : 8 + slots[step];
  };
  const placeOf = (source: ChainSource): number => {
    return "step" in source ? place(source.step) : source.external;
  };
  const program = steps.flatMap(({ name, shape, inputs: sources }, at) => {
    const shapes = sources.map((source) => {
      return "step" in source ? shape : inputs[source.external]!.shape;
    });
    const { row, period, repeated, axes } = rowWalk(shapes, shape);
    const places = sources.map((source, k) => {
      if (!repeated[k]) return placeOf(source);
      repeats.push(placeOf(source), period, row);
      return -repeats.length / 3;
    });
    const words = [...places, place(at), size, BLOCK, row, 0, ...axes];
    const code = FIRST[inputs[0]!.dtype] + NAMES.indexOf(name);
    return [code, words.length, places.length + 1, ...words];
  });
  const blocks = Math.ceil(size / BLOCK);
  const words = [blocks, EACH, steps.length, repeats.length / 3, ...repeats, ...program];
  if (words.length > MOST_WORDS) return undefined;
  const operands = Array.from({ length: ADDRESSES }, (_, k) => {
    return k < inputs.length + outputs.length ? k : 0;
  });
  const tasks = Math.ceil(blocks / EACH);
  return { calls: [{ entry: "elementwise_chain", operands, words, tasks }] };
}
