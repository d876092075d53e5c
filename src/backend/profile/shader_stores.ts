/**
 * What an invocation of a shader writes, counted in its text.
 *
 * @module
 */
import { allBlocks, type Block, bracketed } from "./blocks.ts";
import { type Names, type Variable, widthOfType } from "./shader_types.ts";

/** Counts what an invocation writes, through the functions that it calls. */
export class Stores {
  readonly #functions: Map<string, Block> = new Map();
  readonly #widths: Map<string, number>;

  constructor(file: Block, written: readonly Variable[], names: Names) {
    this.#widths = new Map(written.map(({ name, type }) => [name, widthOfType(type, names)]));
    for (const block of allBlocks(file)) {
      const name = /\bfn (\w+)/.exec(block.header)?.[1];
      if (name !== undefined) this.#functions.set(name, block);
    }
  }

  /** Elements; undefined where a loop or an unclear condition decides. */
  count(): number | undefined {
    const main = this.#functions.get("main");
    const count = main === undefined ? NaN : this.#inBlock(main);
    return count > 0 ? count : undefined;
  }

  #inBlock({ items }: Block): number {
    let sum = 0;
    // Branches that return: an invocation takes one of them, or what is left.
    const ways: number[] = [];
    for (const item of items) {
      if (typeof item === "string") {
        sum += this.#inStatement(item);
        continue;
      }
      const inner = this.#inBlock(item);
      if (inner === 0) continue;
      // Edges are cut off by comparing with a size; any other condition picks some invocations.
      if (!isEdge(item.header)) return NaN;
      if (item.items.at(-1) === "return") ways.push(sum + inner);
      else sum += inner;
    }
    if (sum > 0 || ways.length === 0) ways.push(sum);
    return ways.every((way) => way === ways[0]) ? ways[0]! : NaN;
  }

  #inStatement(statement: string): number {
    const target = /^(\w+) ?\[/.exec(statement)?.[1];
    let count = target === undefined ? 0 : this.#widths.get(target) ?? 0;
    // A member of a vector is one element, and an array of structures none that is known.
    if (count > 1 && /^\]\.[xyzw] ?=/.test(statement.slice(bracketed(statement, 0).end - 1))) {
      count = 1;
    }
    for (const [, called] of statement.matchAll(/\b(\w+) ?\(/g)) {
      const callee = this.#functions.get(called!);
      if (callee !== undefined) count += this.#inBlock(callee);
    }
    return count;
  }
}

function isEdge(header: string): boolean {
  const condition = /^if ?\((.*)\)$/.exec(header)?.[1] ?? (header === "" ? "1 < 2" : "");
  return condition !== "" &&
    condition.split("&&").every((part) => /^[^<>=!|]+<=?[^<>=!|]+$/.test(part));
}
