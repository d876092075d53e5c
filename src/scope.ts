/**
 * Scopes: whatever is made inside `tidy(fn)` is disposed when it ends, except what it returns.
 * The pool of a GPU is invisible to the garbage collector, so this is the mechanism and a
 * FinalizationRegistry would only be an alarm.
 *
 * @module
 */

/** What a scope can hold. */
export interface Scoped {
  /** Gives back what it holds. */
  dispose(): void;
}

type Scope = Set<Scoped>;

const scopes: Scope[] = [];
const homes = new WeakMap<Scoped, Scope>();

/** Puts a new object into the innermost open scope, if there is one. */
export function track(object: Scoped): void {
  const scope = scopes.at(-1);
  if (scope === undefined) return;
  scope.add(object);
  homes.set(object, scope);
}

/** Takes an object out of its scope, so that it outlives it: parameters, gradients, state. */
export function keep<T extends Scoped>(object: T): T {
  homes.get(object)?.delete(object);
  homes.delete(object);
  return object;
}

/**
 * Runs `fn` and disposes every tensor made in it, except those in its result: a tensor, or arrays,
 * maps and records of them. Returned tensors move to the scope outside, if there is one.
 *
 * @example
 * ```ts
 * import { tensor, tidy } from "tapegrad";
 * const y = tidy(() => tensor([1, 2, 3]).square().sum());
 * ```
 * @throws TypeError when `fn` returns a promise: what it makes after its first wait would be lost.
 */
export function tidy<T>(fn: () => T): T {
  const scope: Scope = new Set();
  scopes.push(scope);
  let result: T;
  try {
    result = fn();
  } catch (error) {
    scopes.pop();
    disposeAll(scope);
    throw error;
  }
  scopes.pop();
  if (result instanceof Promise) {
    disposeAll(scope);
    throw new TypeError("Cannot tidy an asynchronous function: wait for data outside of tidy()");
  }
  release(result, scope);
  disposeAll(scope);
  return result;
}

function disposeAll(scope: Scope): void {
  for (const object of scope) object.dispose();
}

/** Moves every scoped object found in `value` from `scope` to the one outside. */
function release(value: unknown, scope: Scope): void {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  if (scope.delete(value as Scoped)) {
    homes.delete(value as Scoped);
    track(value as Scoped);
  } else if (Array.isArray(value) || value instanceof Map) {
    for (const item of value.values()) release(item, scope);
  } else if ([Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    for (const item of Object.values(value)) release(item, scope);
  }
}
