/**
 * Which calls of a list depend on which, and groups of calls that are to become one. A group may
 * form only where no call outside of it stands between its members, and the order of the groups is
 * such that everything comes behind what it depends on.
 *
 * @module
 */
import type { NotedCall } from "./notes.ts";

/** For every call the calls that must come before it, as far as they are its neighbours. */
function dependences(calls: readonly NotedCall[]): readonly ReadonlySet<number>[] {
  const writer = new Map<number, number>(), readers = new Map<number, number[]>();
  return calls.map(({ inputs, outputs }, call) => {
    const before = new Set<number>();
    for (const { value } of [...inputs, ...outputs]) {
      const last = writer.get(value);
      if (last !== undefined) before.add(last);
    }
    // What is updated in place must have been read by all who want it as it was.
    for (const { value } of outputs) {
      for (const reader of readers.get(value) ?? []) before.add(reader);
    }
    for (const { value } of inputs) readers.set(value, [...readers.get(value) ?? [], call]);
    for (const { value } of outputs) {
      writer.set(value, call);
      readers.delete(value);
    }
    before.delete(call);
    return before;
  });
}

/** Calls in groups; at first every call is a group of its own, with its own number. */
export class CallGraph {
  readonly #before: readonly ReadonlySet<number>[];
  readonly #after: readonly Set<number>[];
  /** The group of each call. */
  readonly #groupOf: number[];
  /** The calls of each group, in their order; empty where a group went into another. */
  readonly #members: number[][];

  constructor(calls: readonly NotedCall[]) {
    this.#before = dependences(calls);
    this.#after = calls.map(() => new Set<number>());
    this.#before.forEach((before, call) => {
      for (const other of before) this.#after[other]!.add(call);
    });
    this.#groupOf = calls.map((_, call) => call);
    this.#members = calls.map((_, call) => [call]);
  }

  /** The group of a call. */
  groupOf(call: number): number {
    return this.#groupOf[call]!;
  }

  /** The calls of a group, in their order. */
  membersOf(group: number): readonly number[] {
    return this.#members[group]!;
  }

  /** Whether two groups can be one: no path leads from one to the other through a third. */
  canMerge(a: number, b: number): boolean {
    const seen = new Set<number>(), open: number[] = [];
    const visit = (group: number, within: boolean): boolean => {
      for (const call of this.#members[group]!) {
        for (const next of this.#after[call]!) {
          const other = this.#groupOf[next]!;
          if (other === a || other === b) {
            if (!within) return true;
          } else if (!seen.has(other)) {
            seen.add(other);
            open.push(other);
          }
        }
      }
      return false;
    };
    visit(a, true);
    visit(b, true);
    for (let group = open.pop(); group !== undefined; group = open.pop()) {
      if (visit(group, false)) return false;
    }
    return true;
  }

  /** Makes two groups one, that of `a`. */
  merge(a: number, b: number): void {
    for (const call of this.#members[b]!) this.#groupOf[call] = a;
    this.#members[a] = [...this.#members[a]!, ...this.#members[b]!].sort((x, y) => x - y);
    this.#members[b] = [];
  }

  /** All groups, each behind those that it depends on, and else where its last call was. */
  ordered(): readonly number[] {
    const result: number[] = [], done = new Set<number>();
    const emit = (group: number): void => {
      if (done.has(group)) return;
      done.add(group);
      for (const call of this.#members[group]!) {
        for (const before of this.#before[call]!) {
          if (this.#groupOf[before] !== group) emit(this.#groupOf[before]!);
        }
      }
      result.push(group);
    };
    this.#groupOf.forEach((group, call) => {
      if (this.#members[group]!.at(-1) === call) emit(group);
    });
    return result;
  }
}
