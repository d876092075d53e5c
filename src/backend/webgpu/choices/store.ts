/**
 * Measured choices, from and to where the platform keeps them.
 *
 * @module
 */
import { tuningStore } from "#platform";
import type { Tuned } from "./choices.ts";
import { formatTuned, parseTuned } from "./stored.ts";

/** What was measured on an adapter, if anything was. */
export async function loadTuned(key: string): Promise<Tuned | undefined> {
  return parseTuned(await (await tuningStore())?.read()).get(key);
}

/**
 * Keeps what was measured on an adapter beside that of others; undefined forgets it. Returns where,
 * or undefined where nothing can be kept.
 */
export async function saveTuned(
  key: string,
  tuned: Tuned | undefined,
): Promise<string | undefined> {
  const store = await tuningStore();
  if (store === undefined) return undefined;
  const adapters = parseTuned(await store.read());
  if (tuned === undefined) adapters.delete(key);
  else adapters.set(key, tuned);
  await store.write(formatTuned(adapters));
  return store.place;
}
