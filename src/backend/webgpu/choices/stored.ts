/**
 * Measured choices as text: {"version": 1, "adapters": {key: {"measured", "choices": {key: [way,
 * among]}}}}. Text that is anything else counts as none; a choice of a way that does not exist is
 * passed over when its call comes.
 *
 * @module
 */
import type { Choice, Tuned } from "./choices.ts";

const VERSION = 1;
/** More than anybody has: adapters in a text, choices of an adapter. */
const MOST_ADAPTERS = 64, MOST_CHOICES = 20_000;

/** All adapters of a text; none where the text is not understood. */
export function parseTuned(text: string | undefined): Map<string, Tuned> {
  let file: unknown;
  try {
    file = text === undefined ? undefined : JSON.parse(text);
  } catch {
    return new Map();
  }
  const { version, adapters } = recordOf(file);
  if (version !== VERSION) return new Map();
  const entries = Object.entries(recordOf(adapters)).slice(-MOST_ADAPTERS);
  return new Map(entries.flatMap(([key, value]): [string, Tuned][] => {
    const tuned = tunedOf(value);
    return tuned === undefined ? [] : [[key, tuned]];
  }));
}

/** The text of all adapters; those that were measured last stand last. */
export function formatTuned(adapters: ReadonlyMap<string, Tuned>): string {
  const plain = [...adapters]
    .sort(([, a], [, b]) => a.measured < b.measured ? -1 : a.measured > b.measured ? 1 : 0)
    .slice(-MOST_ADAPTERS)
    .map(([key, { measured, choices }]) => {
      const kept = [...choices].slice(-MOST_CHOICES)
        .map(([call, { way, among }]) => [call, [way, among]] as const);
      return [key, { measured, choices: Object.fromEntries(kept) }] as const;
    });
  return `${JSON.stringify({ version: VERSION, adapters: Object.fromEntries(plain) }, null, 1)}\n`;
}

function tunedOf(value: unknown): Tuned | undefined {
  const { measured, choices } = recordOf(value);
  if (typeof measured !== "string" || Number.isNaN(Date.parse(measured))) return undefined;
  const entries = Object.entries(recordOf(choices)).slice(-MOST_CHOICES);
  const known = entries.flatMap(([call, choice]): [string, Choice][] => {
    if (!Array.isArray(choice)) return [];
    const [way, among] = choice as readonly unknown[];
    return typeof way === "string" && typeof among === "number" ? [[call, { way, among }]] : [];
  });
  return { measured, choices: new Map(known) };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRecord ? value as Record<string, unknown> : {};
}
