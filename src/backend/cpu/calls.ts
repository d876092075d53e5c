/**
 * Calls made ready: a program in memory with the arguments of all calls, which the threads walk
 * through together. A replay allocates nothing.
 *
 * @module
 */
import type { DeviceBuffer } from "../buffer.ts";
import { withArguments } from "../capture/one_by_one.ts";
import type { BoundCall, PreparedCalls } from "../device.ts";
import type { Ledger } from "../ledger.ts";
import type { Crew } from "./crew.ts";
import { blockSize, type Heap } from "./heap.ts";
import type { Plan } from "./plans.ts";
import type { Views } from "./views.ts";

const WORD = 4;

/** What calls are made with. */
export interface CallTools {
  readonly crew: Crew;
  readonly heap: Heap;
  readonly ledger: Ledger;
  readonly views: Views;
  planOf(call: BoundCall): Plan;
  addressOf(buffer: DeviceBuffer): number;
  /** Runs the reference twin. */
  fallBack(call: BoundCall): void;
}

/** A list of entries in memory that the threads walk through, or a kernel without any. */
type Part =
  | { readonly program: number; calls: number }
  | { readonly fallBack: BoundCall };

/** What is made ready. */
export interface Given {
  readonly calls: readonly BoundCall[];
  /** Buffers that stand for the arguments of a run. */
  readonly args: readonly DeviceBuffer[];
}

/** A word of the program's arguments that holds the address of argument number `arg`. */
interface Patch {
  readonly word: number;
  readonly arg: number;
}

/** Bytes of a call in a program: entry, address of its arguments, tasks. */
const TRIPLE = 3 * WORD;

/** Calls in memory. */
export class CpuCalls implements PreparedCalls {
  readonly calls: readonly BoundCall[];
  readonly #tools: CallTools;
  readonly #args: readonly DeviceBuffer[];
  readonly #patches: Patch[] = [];
  readonly #parts: Part[] = [];
  readonly #names: readonly string[];
  readonly #blocks: { readonly address: number; readonly bytes: number }[] = [];

  constructor({ calls, args }: Given, tools: CallTools) {
    this.calls = calls;
    this.#tools = tools;
    this.#args = args;
    this.#names = calls.map(({ kernel }) => kernel.name);
    const plans = calls.map((call) => tools.planOf(call));
    try {
      this.#write(calls, plans);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  run(given: readonly DeviceBuffer[]): void {
    const { crew, ledger } = this.#tools;
    const parts = this.#parts, names = this.#names, patches = this.#patches;
    const memory = this.#tools.views.as("u32");
    for (let i = 0; i < patches.length; i++) {
      const { word, arg } = patches[i]!;
      memory[word] = this.#tools.addressOf(given[arg]!);
    }
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      if ("program" in part) crew.runProgram(part.program, part.calls);
      else this.#tools.fallBack(withArguments(part.fallBack, this.#args, given));
    }
    for (let i = 0; i < names.length; i++) ledger.call(names[i]!);
  }

  release(): void {
    for (const { address, bytes } of this.#blocks.splice(0)) this.#tools.heap.give(address, bytes);
  }

  #write(calls: readonly BoundCall[], plans: readonly Plan[]): void {
    // Calls run one after the other: one block serves as scratch memory of all.
    const scratch = this.#take(Math.max(0, ...plans.map(scratchBytes)), "scratch memory");
    const count = plans.reduce((sum, { calls = [] }) => sum + calls.length, 0);
    const size = plans.reduce((sum, plan) => sum + argumentBytes(plan), 0);
    let program = this.#take(count * TRIPLE, "program"), at = this.#take(size, "arguments");
    const memory = this.#tools.views.as("u32");
    calls.forEach((call, i) => {
      const plan = plans[i]!;
      if (plan.calls === undefined) {
        this.#parts.push({ fallBack: call });
        return;
      }
      const addresses = this.#addresses(call, plan, scratch);
      for (const { entry, operands, words, tasks } of plan.calls) {
        memory.set([...operands.map((operand) => addresses[operand]!), ...words], at / WORD);
        memory.set([entry, at, tasks], program / WORD);
        operands.forEach((operand, place) => {
          const arg = this.#argumentOf(call, operand);
          if (arg >= 0) this.#patches.push({ word: at / WORD + place, arg });
        });
        const last = this.#parts.at(-1);
        if (last !== undefined && "program" in last) last.calls++;
        else this.#parts.push({ program, calls: 1 });
        program += TRIPLE;
        at += blockSize((operands.length + words.length) * WORD);
      }
    });
  }

  /** Where operands and scratch memory of a call lie. */
  #addresses(call: BoundCall, { scratchBytes }: Plan, scratch: number): number[] {
    const addresses = [...call.inputs, ...call.outputs].map(({ buffer }, operand) => {
      return this.#argumentOf(call, operand) < 0 ? this.#tools.addressOf(buffer) : 0;
    });
    scratchBytes.reduce((address, bytes) => {
      addresses.push(address);
      return address + blockSize(bytes);
    }, scratch);
    return addresses;
  }

  /** Which argument of a run an operand of a call stands for; -1 for none. */
  #argumentOf({ inputs, outputs }: BoundCall, operand: number): number {
    const found = inputs[operand] ?? outputs[operand - inputs.length];
    return found === undefined ? -1 : this.#args.indexOf(found.buffer);
  }

  #take(bytes: number, what: string): number {
    const address = this.#tools.heap.take(bytes, `the ${what} of captured calls`);
    this.#blocks.push({ address, bytes });
    return address;
  }
}

function scratchBytes({ scratchBytes }: Plan): number {
  return scratchBytes.reduce((sum, bytes) => sum + blockSize(bytes), 0);
}

function argumentBytes({ calls = [] }: Plan): number {
  return calls.reduce((sum, { operands, words }) => {
    return sum + blockSize((operands.length + words.length) * WORD);
  }, 0);
}
