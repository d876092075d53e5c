/**
 * Timing several ways fairly: in turns, so that what else the machine does hits all alike.
 *
 * @module
 */

/** Runs something so many times; resolves to the milliseconds that it took. */
export type Timer = (times: number) => Promise<number>;

/** Turns. */
const TURNS = 5;
/** Least milliseconds of a sample; and how often a wait for nothing must fit into it. */
const LEAST = 4, WAITS = 4;
/** Ways that are slower than the best by this factor are given up after the first turn. */
const HOPELESS = 1.5;

/** Milliseconds that a sample should take where waiting for nothing takes `wait`. */
export function sampleLength(wait: number): number {
  return Math.max(LEAST, WAITS * wait);
}

/** Median milliseconds of one run of each; undefined for those that were given up. */
export async function measure(
  timers: readonly Timer[],
  length: number,
): Promise<readonly (number | undefined)[]> {
  const runs: { readonly timer: Timer; readonly times: number; readonly samples: number[] }[] = [];
  for (const timer of timers) {
    // The first run makes what later ones find.
    await timer(1);
    const times = Math.max(1, Math.ceil(length / Math.max(await timer(1), 1e-3)));
    runs.push({ timer, times, samples: [await timer(times) / times] });
  }
  const best = Math.min(...runs.map(({ samples }) => samples[0]!));
  const hopeful = runs.filter(({ samples }) => samples[0]! <= HOPELESS * best);
  for (let turn = 1; turn < TURNS; turn++) {
    for (const { timer, times, samples } of hopeful) samples.push(await timer(times) / times);
  }
  return runs.map(({ samples }) => samples.length < TURNS ? undefined : median(samples));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
