/**
 * Random numbers of Philox 4x32-10, four blocks of four at once: the words of src/random.ts, and
 * normal numbers by Box and Muller.
 */
import { float, int, pointer } from "../assembly/arguments.as";
import { log, smallCos, smallSin } from "../assembly/math.as";
import { scratch } from "../assembly/thread.as";
import { choose, keep, loadPart, storePart } from "../assembly/vectors.as";

type V = v128;

// Words after the addresses, see cpu.ts. A group is 16 elements of an example, or what is left.
const EXAMPLES = 0, SIZE = 1, EACH = 2, WITH_IDS = 3, NORMAL = 4, LEAST = 4, SCALE = 5;

/** High words of the products of each lane with a constant. */
// @ts-ignore: decorator
@inline
function multiplyHigh(a: V, b: V): V {
  const low = i64x2.extmul_low_i32x4_u(a, b), high = i64x2.extmul_high_i32x4_u(a, b);
  return i32x4.shuffle(low, high, 1, 3, 5, 7);
}

// Word k of four blocks.
let word0: V = i32x4.splat(0), word1: V = i32x4.splat(0);
let word2: V = i32x4.splat(0), word3: V = i32x4.splat(0);

/** Draws the blocks `block` to block + 3 of an example; `key` holds seed low and high, stream, step. */
function draw(key: usize, block: i32, example: i32): void {
  let c0 = i32x4.add(i32x4.splat(block), i32x4(0, 1, 2, 3)), c1 = i32x4.splat(example);
  let c2 = v128.load32_splat(key, 12), c3 = v128.load32_splat(key, 8);
  let k0 = v128.load32_splat(key), k1 = v128.load32_splat(key, 4);
  const m0 = i32x4.splat(0xd2511f53), m1 = i32x4.splat(0xcd9e8d57);
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(c0, m0), high1 = multiplyHigh(c2, m1);
    const low0 = i32x4.mul(c0, m0), low1 = i32x4.mul(c2, m1);
    c0 = v128.xor(v128.xor(high1, c1), k0);
    c2 = v128.xor(v128.xor(high0, c3), k1);
    c1 = low1;
    c3 = low0;
    k0 = i32x4.add(k0, i32x4.splat(0x9e3779b9));
    k1 = i32x4.add(k1, i32x4.splat(0xbb67ae85));
  }
  word0 = c0;
  word1 = c1;
  word2 = c2;
  word3 = c3;
}

/** The words become 16 elements in their order in scratch memory. */
function arrange(): void {
  const low = i32x4.shuffle(word0, word1, 0, 4, 1, 5), high = i32x4.shuffle(word0, word1, 2, 6, 3, 7);
  const low2 = i32x4.shuffle(word2, word3, 0, 4, 1, 5);
  const high2 = i32x4.shuffle(word2, word3, 2, 6, 3, 7);
  v128.store(scratch, i32x4.shuffle(low, low2, 0, 1, 4, 5));
  v128.store(scratch, i32x4.shuffle(low, low2, 2, 3, 6, 7), 16);
  v128.store(scratch, i32x4.shuffle(high, high2, 0, 1, 4, 5), 32);
  v128.store(scratch, i32x4.shuffle(high, high2, 2, 3, 6, 7), 48);
}

/** 24 bits as a number in [0, 1). */
// @ts-ignore: decorator
@inline
function toUnit(words: V): V {
  const bits = f32x4.convert_i32x4_s(i32x4.shr_u(words, 8));
  return f32x4.mul(bits, f32x4.splat(5.9604644775390625e-8));
}

/** sqrt(-2 ln u) with u in (0, 1]. */
// @ts-ignore: decorator
@inline
function radiusOf(words: V): V {
  const u = f32x4.add(toUnit(words), f32x4.splat(5.9604644775390625e-8));
  return f32x4.sqrt(f32x4.mul(log(u), f32x4.splat(-2)));
}

// Sine and cosine of a turn.
let sine: V = i32x4.splat(0), cosine: V = i32x4.splat(0);

/** The words as parts of a turn. */
function turn(words: V): void {
  const n = i32x4.shr_u(words, 8);
  // The nearest quarter of a turn; the rest t is within an eighth, times 2 pi / 2^24.
  const quarter = i32x4.shr_u(i32x4.add(n, i32x4.splat(0x200000)), 22);
  const rest = i32x4.sub(n, i32x4.shl(quarter, 22));
  const t = f32x4.mul(f32x4.convert_i32x4_s(rest), f32x4.splat(3.7450703e-7));
  const odd = i32x4.shr_s(i32x4.shl(quarter, 31), 31);
  const s = smallSin(t), c = smallCos(t);
  // Quarters 1 and 2 have a negative cosine, 2 and 3 a negative sine.
  const sign = i32x4.splat(0x80000000), next = i32x4.add(quarter, i32x4.splat(1));
  sine = v128.xor(choose(odd, c, s), v128.and(i32x4.shl(quarter, 30), sign));
  cosine = v128.xor(choose(odd, s, c), v128.and(i32x4.shl(next, 30), sign));
}

/** The words become numbers, uniform or normal. */
function distribute(normal: bool): void {
  if (!normal) {
    word0 = toUnit(word0);
    word1 = toUnit(word1);
    word2 = toUnit(word2);
    word3 = toUnit(word3);
    return;
  }
  const first = radiusOf(word0), second = radiusOf(word2);
  turn(word1);
  word0 = f32x4.mul(first, cosine);
  word1 = f32x4.mul(first, sine);
  turn(word3);
  word2 = f32x4.mul(second, cosine);
  word3 = f32x4.mul(second, sine);
}

/** Key, ids -> y; a task has EACH groups. */
export function random_numbers(args: usize, first: i32, last: i32): void {
  const words = args + 12, size = int(words, SIZE), groups = (size + 15) >> 4;
  const end = min(last * int(words, EACH), int(words, EXAMPLES) * groups);
  for (let i = first * int(words, EACH); i < end; i++) {
    const n = i / groups, group = i - n * groups, start = group << 4;
    const example = int(words, WITH_IDS) !== 0 ? int(pointer(args, 1), n) : 0;
    draw(pointer(args, 0), group * 4, example);
    distribute(int(words, NORMAL) !== 0);
    arrange();
    const y = pointer(args, 2) + (<usize> (n * size + start) << 2);
    for (let k = 0; k < min(16, size - start); k += 4) {
      const at = <usize> k << 2;
      storePart(y + at, v128.load(scratch + at), size - start - k);
    }
  }
}

/** Key, ids, x -> y = SCALE x where the 24 bits of a word are at least LEAST, else 0. */
export function dropout(args: usize, first: i32, last: i32): void {
  const words = args + 16, size = int(words, SIZE), groups = (size + 15) >> 4;
  const least = i32x4.splat(int(words, LEAST)), scale = f32x4.splat(float(words, SCALE));
  const end = min(last * int(words, EACH), int(words, EXAMPLES) * groups);
  for (let i = first * int(words, EACH); i < end; i++) {
    const n = i / groups, group = i - n * groups, start = group << 4;
    const example = int(words, WITH_IDS) !== 0 ? int(pointer(args, 1), n) : 0;
    draw(pointer(args, 0), group * 4, example);
    arrange();
    const place = <usize> (n * size + start) << 2;
    for (let k = 0; k < min(16, size - start); k += 4) {
      const at = <usize> k << 2, left = size - start - k;
      const stays = i32x4.ge_s(i32x4.shr_u(v128.load(scratch + at), 8), least);
      const scaled = f32x4.mul(loadPart(pointer(args, 2) + place + at, left), scale);
      storePart(pointer(args, 3) + place + at, keep(stays, scaled), left);
    }
  }
}
