/**
 * Random numbers of Philox 4x32-10, four blocks of four at once: the words of src/random.ts, and
 * normal numbers by Box and Muller.
 */
import { float, int, pointer } from "../assembly/arguments.as";
import { smallCos, smallSin } from "../assembly/circle.as";
import { log } from "../assembly/math.as";
import { scratch } from "../assembly/thread.as";
import { choose, copyRun, keep, loadPart, storePart } from "../assembly/vectors.as";

type V = v128;

// Words after the addresses, see cpu.ts. A group is 16 elements of an example, or what is left.
const EXAMPLES = 0, SIZE = 1, EACH = 2, WITH_IDS = 3, LEAST = 4, SCALE = 5;

// Constants by their addresses, as in power.as.ts: the multipliers, and what a round adds to keys.
const M0 = memory.data<u32>([0xd2511f53]), M1 = memory.data<u32>([0xcd9e8d57]);
const W0 = memory.data<u32>([0x9e3779b9]), W1 = memory.data<u32>([0xbb67ae85]);
const LANES = memory.data<i32>([0, 1, 2, 3]);
const UNIT = memory.data<f32>([5.9604644775390625e-8]), MINUS_TWO = memory.data<f32>([-2]);
const EIGHTH = memory.data<i32>([0x200000]), TURN = memory.data<f32>([3.7450703e-7]);
const SIGN = memory.data<i32>([-0x80000000]), ONE = memory.data<i32>([1]);

// @ts-ignore: decorator
@inline
function all(constant: usize): V {
  return v128.load32_splat(constant);
}

// Word k of four blocks.
let word0: V = i32x4.splat(0), word1: V = i32x4.splat(0);
let word2: V = i32x4.splat(0), word3: V = i32x4.splat(0);

/** Draws the blocks `block` to block + 3 of an example; `key` holds seed low and high, stream, step. */
// @ts-ignore: decorator
@inline
function draw(key: usize, block: i32, example: i32): void {
  let c0 = i32x4.add(i32x4.splat(block), v128.load(LANES)), c1 = i32x4.splat(example);
  let c2 = v128.load32_splat(key, 12), c3 = v128.load32_splat(key, 8);
  let k0 = v128.load32_splat(key), k1 = v128.load32_splat(key, 4);
  for (let round = 0; round < 10; round++) {
    // Products of 64 bits: their low words in the even lanes, their high words in the odd ones.
    const m0 = all(M0), m1 = all(M1);
    const a = i64x2.extmul_low_i32x4_u(c0, m0), b = i64x2.extmul_high_i32x4_u(c0, m0);
    const c = i64x2.extmul_low_i32x4_u(c2, m1), d = i64x2.extmul_high_i32x4_u(c2, m1);
    c0 = v128.xor(v128.xor(i32x4.shuffle(c, d, 1, 3, 5, 7), c1), k0);
    c1 = i32x4.shuffle(c, d, 0, 2, 4, 6);
    c2 = v128.xor(v128.xor(i32x4.shuffle(a, b, 1, 3, 5, 7), c3), k1);
    c3 = i32x4.shuffle(a, b, 0, 2, 4, 6);
    k0 = i32x4.add(k0, all(W0));
    k1 = i32x4.add(k1, all(W1));
  }
  word0 = c0;
  word1 = c1;
  word2 = c2;
  word3 = c3;
}

/** The words become 16 elements in their order at `to`. */
// @ts-ignore: decorator
@inline
function arrange(to: usize): void {
  const low = i32x4.shuffle(word0, word1, 0, 4, 1, 5), high = i32x4.shuffle(word0, word1, 2, 6, 3, 7);
  const low2 = i32x4.shuffle(word2, word3, 0, 4, 1, 5);
  const high2 = i32x4.shuffle(word2, word3, 2, 6, 3, 7);
  v128.store(to, i32x4.shuffle(low, low2, 0, 1, 4, 5));
  v128.store(to, i32x4.shuffle(low, low2, 2, 3, 6, 7), 16);
  v128.store(to, i32x4.shuffle(high, high2, 0, 1, 4, 5), 32);
  v128.store(to, i32x4.shuffle(high, high2, 2, 3, 6, 7), 48);
}

/** 24 bits as a number in [0, 1). */
// @ts-ignore: decorator
@inline
function toUnit(words: V): V {
  const bits = f32x4.convert_i32x4_s(i32x4.shr_u(words, 8));
  return f32x4.mul(bits, all(UNIT));
}

/** sqrt(-2 ln u) with u in (0, 1]. */
// @ts-ignore: decorator
@inline
function radiusOf(words: V): V {
  return f32x4.sqrt(f32x4.mul(log(f32x4.add(toUnit(words), all(UNIT))), all(MINUS_TWO)));
}

// Sine and cosine of a turn.
let sine: V = i32x4.splat(0), cosine: V = i32x4.splat(0);

/** The words as parts of a turn. */
function turn(words: V): void {
  const n = i32x4.shr_u(words, 8);
  // The nearest quarter of a turn; the rest t is within an eighth, times 2 pi / 2^24.
  const quarter = i32x4.shr_u(i32x4.add(n, all(EIGHTH)), 22);
  const rest = i32x4.sub(n, i32x4.shl(quarter, 22));
  const t = f32x4.mul(f32x4.convert_i32x4_s(rest), all(TURN));
  const odd = i32x4.shr_s(i32x4.shl(quarter, 31), 31);
  const s = smallSin(t), c = smallCos(t);
  // Quarters 1 and 2 have a negative cosine, 2 and 3 a negative sine.
  const sign = all(SIGN), next = i32x4.add(quarter, all(ONE));
  sine = v128.xor(choose(odd, c, s), v128.and(i32x4.shl(quarter, 30), sign));
  cosine = v128.xor(choose(odd, s, c), v128.and(i32x4.shl(next, 30), sign));
}

/** The words become numbers, uniform or normal. */
// @ts-ignore: decorator
@inline
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
// @ts-ignore: decorator
@inline
function numbers(args: usize, first: i32, last: i32, normal: bool): void {
  const words = args + 12, size = int(words, SIZE), groups = (size + 15) >> 4;
  const end = min(last * int(words, EACH), int(words, EXAMPLES) * groups);
  for (let i = first * int(words, EACH); i < end; i++) {
    const n = i / groups, group = i - n * groups, start = group << 4;
    const example = int(words, WITH_IDS) !== 0 ? int(pointer(args, 1), n) : 0;
    draw(pointer(args, 0), group * 4, example);
    distribute(normal);
    const y = pointer(args, 2) + (<usize> (n * size + start) << 2);
    const whole = start + 16 <= size;
    arrange(whole ? y : scratch);
    if (!whole) copyRun(y, scratch, size - start);
  }
}

export function random_uniform(args: usize, i: i32, n: i32): void { numbers(args, i, n, false); }
export function random_normal(args: usize, i: i32, n: i32): void { numbers(args, i, n, true); }

/** Key, ids, x -> y = SCALE x where the 24 bits of a word are at least LEAST, else 0. */
export function dropout(args: usize, first: i32, last: i32): void {
  const words = args + 16, size = int(words, SIZE), groups = (size + 15) >> 4;
  const least = i32x4.splat(int(words, LEAST)), scale = f32x4.splat(float(words, SCALE));
  const end = min(last * int(words, EACH), int(words, EXAMPLES) * groups);
  for (let i = first * int(words, EACH); i < end; i++) {
    const n = i / groups, group = i - n * groups, start = group << 4;
    const example = int(words, WITH_IDS) !== 0 ? int(pointer(args, 1), n) : 0;
    draw(pointer(args, 0), group * 4, example);
    arrange(scratch);
    const place = <usize> (n * size + start) << 2;
    let x = pointer(args, 2) + place, y = pointer(args, 3) + place, count = min(16, size - start);
    for (let at = scratch; count > 0; count -= 4, at += 16, x += 16, y += 16) {
      const stays = i32x4.ge_s(i32x4.shr_u(v128.load(at), 8), least);
      if (count >= 4) v128.store(y, keep(stays, f32x4.mul(v128.load(x), scale)));
      else storePart(y, keep(stays, f32x4.mul(loadPart(x, count), scale)), count);
    }
  }
}
