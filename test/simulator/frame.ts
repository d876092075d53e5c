// What a running invocation has: its variables, its place, and what it calls.

import type { Access, Memory, Toucher } from "./memory.ts";
import type { Value } from "./types.ts";

/** One invocation. */
export interface Invocation extends Toucher {
  readonly builtins: Readonly<Record<string, Value>>;
  /** Variables of its own, by their number. */
  readonly privates: Value[];
  /** Hears of every access, where traffic is wanted. */
  readonly onAccess: ((access: Access) => void) | undefined;
}

/** The variables of one call of a function. */
export interface Frame {
  readonly slots: Value[];
  readonly by: Invocation;
  returned: Value | undefined;
}

/** How a statement ends: on to the next one, or not. */
export type End = undefined | "break" | "continue" | "return";

/** A part of a shader that gives a value. */
export type Get = (frame: Frame) => Value;

/** A part of a shader that does something; a generator where it waits at barriers. */
export type Act =
  | { readonly waits: false; run(frame: Frame): End }
  | { readonly waits: true; run(frame: Frame): Generator<string, End, void> };

/** Reads or writes words of shared memory and reports it. */
export function touch(
  memory: Memory,
  { by }: Frame,
  access: Pick<Access, "site" | "kind" | "word" | "words">,
): void {
  by.onAccess?.({ ...access, memory, invocation: by.invocation });
}
