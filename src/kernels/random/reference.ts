import { philox, toUnit, type Words } from "../../random.ts";
import type { HostOperand } from "../kernel.ts";
import { exampleSizes, type RandomParams } from "./stream.ts";

/** Calls `visit(block, words, start, end)` for every block of four elements, start to end - 1. */
export function forEachBlock(
  shape: readonly number[],
  key: HostOperand,
  ids: HostOperand | undefined,
  visit: (words: Words, start: number, end: number) => void,
): void {
  const [low, high, stream, step] = key.data as unknown as [number, number, number, number];
  const [count, each] = exampleSizes(shape, ids);
  for (let n = 0; n < count; n++) {
    const example = ids === undefined ? 0 : ids.data[n]! >>> 0;
    for (let e = 0; e < each; e += 4) {
      const words = philox([e / 4, example, step, stream], [low, high]);
      visit(words, n * each + e, n * each + Math.min(e + 4, each));
    }
  }
}

/** Turns two words into two independent normal numbers, by Box and Muller. */
function toNormal(words: Words, first: number): void {
  // toUnit is in [0, 1), one more step of 2^-24 makes it (0, 1], where the logarithm exists.
  const radius = Math.sqrt(-2 * Math.log(toUnit(words[first]!) + 2 ** -24));
  const angle = 2 * Math.PI * toUnit(words[first + 1]!);
  words[first] = radius * Math.cos(angle);
  words[first + 1] = radius * Math.sin(angle);
}

/** Four elements per block: a uniform number per word, or two normal ones per pair of words. */
export function randomReference(
  key: HostOperand,
  ids: HostOperand | undefined,
  { shape, data: y }: HostOperand,
  { distribution }: RandomParams,
): void {
  forEachBlock(shape, key, ids, (words, start, end) => {
    if (distribution === "uniform") {
      for (let i = start; i < end; i++) y[i] = toUnit(words[i - start]!);
      return;
    }
    toNormal(words, 0);
    toNormal(words, 2);
    for (let i = start; i < end; i++) y[i] = words[i - start]!;
  });
}
