/**
 * Counter-based random numbers: Philox 4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random
 * numbers: as easy as 1, 2, 3", SC 2011). A number is a pure function of (seed, stream, step,
 * example, element), so batch size, order, thread count and backend do not change it.
 *
 * @module
 */

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/** Four random 32-bit words. */
export type Words = [number, number, number, number];

/** High 32 bits of the 64-bit product of two unsigned 32-bit numbers, from 16-bit halves. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff, aHigh = a >>> 16, bLow = b & 0xffff, bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16);
  const carry = aLow * bHigh + (middle % 0x10000);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0;
}

/**
 * One Philox 4x32-10 block: ten rounds over a four-word counter under a two-word key.
 *
 * @example
 * ```ts
 * import { philox } from "tapegrad";
 * philox([0, 0, 0, 0], [0, 0]); // [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]
 * ```
 */
export function philox(counter: Readonly<Words>, key: readonly [number, number]): Words {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0), low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIER_1, c2), low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** A word as a number in [0, 1) with 24 bits, which float32 holds exactly. */
export function toUnit(word: number): number {
  return (word >>> 8) * 2 ** -24;
}

/** What a random kernel needs to know of its stream: (seed low, seed high, stream, step). */
export type RandomKey = readonly [number, number, number, number];

/**
 * A stream of random numbers: the host's draws, and the keys that random kernels take. Every draw
 * uses one step, so two runs that draw in the same order draw the same numbers.
 *
 * @example
 * ```ts
 * import { RandomStream } from "tapegrad";
 * const random = new RandomStream(1);
 * random.permutation(4); // the same order in every run
 * ```
 */
export class RandomStream {
  /** The seed, a whole number from 0 to 2^53 - 1. */
  readonly seed: number;
  /** Which stream of this seed. */
  readonly stream: number;
  /** Draws so far; assign it to resume a stream. */
  step = 0;

  /** Stream number `stream` of a seed. */
  constructor(seed: number, stream = 0) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(
        `Cannot seed a random stream with ${seed}: the seed must be a whole number from 0 to 2^53 - 1`,
      );
    }
    this.seed = seed;
    this.stream = stream >>> 0;
  }

  /** An independent stream of the same seed, chosen by a name. */
  fork(name: string): RandomStream {
    let hash = (0x811c9dc5 ^ this.stream) >>> 0;
    for (let i = 0; i < name.length; i++) {
      hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
    }
    return new RandomStream(this.seed, hash);
  }

  /** The key of the next draw, for a random kernel. */
  next(): RandomKey {
    const low = this.seed >>> 0, high = Math.floor(this.seed / 2 ** 32);
    return [low, high, this.stream, this.step++ >>> 0];
  }

  /** Uniform numbers in [0, 1). Element i is what `rand` gives for element i of one example. */
  uniform(count: number): Float64Array {
    const [low, high, stream, step] = this.next();
    const values = new Float64Array(count);
    for (let block = 0; block * 4 < count; block++) {
      const words = philox([block, 0, step, stream], [low, high]);
      for (let lane = 0; lane < 4 && block * 4 + lane < count; lane++) {
        values[block * 4 + lane] = toUnit(words[lane]!);
      }
    }
    return values;
  }

  /** The numbers 0 to count - 1 in random order (Fisher and Yates). */
  permutation(count: number): Uint32Array {
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    const draws = this.uniform(count);
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(draws[i]! * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}
