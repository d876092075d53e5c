/**
 * Captured functions by name: what a loop makes at its first batch and gives back at its end.
 *
 * @module
 */
import { keep, type Scoped, track } from "../scope.ts";
import { capture, type Captured } from "./capture.ts";
import type { Tensor } from "./tensor.ts";

/** Captured functions that are disposed together. */
export class Captures implements Scoped {
  readonly #functions: Map<string, unknown> = new Map();
  readonly #disposals: (() => void)[] = [];

  /** Put into the innermost open `tidy`, if there is one. */
  constructor() {
    track(this);
  }

  /**
   * The captured function of this name; `fn` itself is only taken the first time, so it must not
   * hold on to anything that differs from call to call.
   */
  get<A extends readonly Tensor[], R>(name: string, fn: (...args: A) => R): Captured<A, R> {
    const known = this.#functions.get(name) as Captured<A, R> | undefined;
    if (known !== undefined) return known;
    const captured = keep(capture(fn));
    this.#functions.set(name, captured);
    this.#disposals.push(() => captured.dispose());
    return captured;
  }

  /** Gives all of them back. */
  dispose(): void {
    for (const dispose of this.#disposals.splice(0)) dispose();
    this.#functions.clear();
  }
}

/** What a loop calls: captured functions of `captures`, or without it the functions as they are. */
export function capturedBy<A extends readonly Tensor[], R>(
  captures: Captures | undefined,
  name: string,
  fn: (...args: A) => R,
): (...args: A) => R {
  return captures === undefined ? fn : captures.get(name, fn);
}
