/** Vectors of four elements, and what is left at the end of a row: one to three. */

/** The first `count` elements, at least 1; of fewer than 4 the first one fills the lanes behind. */
export function loadPart(address: usize, count: i32): v128 {
  if (count >= 4) return v128.load(address);
  let value = v128.load32_splat(address);
  if (count > 1) value = v128.load32_lane(address + 4, value, 1);
  if (count > 2) value = v128.load32_lane(address + 8, value, 2);
  return value;
}

/** Writes the first `count` lanes, at least 1. */
export function storePart(address: usize, value: v128, count: i32): void {
  if (count >= 4) {
    v128.store(address, value);
    return;
  }
  v128.store32_lane(address, value, 0);
  if (count > 1) v128.store32_lane(address + 4, value, 1);
  if (count > 2) v128.store32_lane(address + 8, value, 2);
}

/**
 * For loop bodies that are written once and compiled twice, for four elements and for the `count`
 * that are left: a call that may happen makes an engine keep its vectors in memory.
 */
// @ts-ignore: decorator
@inline
export function read(address: usize, count: i32, whole: bool): v128 {
  return whole ? v128.load(address) : loadPart(address, count);
}

/** The same for writing. */
// @ts-ignore: decorator
@inline
export function write(address: usize, value: v128, count: i32, whole: bool): void {
  if (whole) v128.store(address, value);
  else storePart(address, value, count);
}

/** The element at `x`, and those of three other rows that lie so many bytes behind it. */
// @ts-ignore: decorator
@inline
export function across(x: usize, second: usize, third: usize, fourth: usize): v128 {
  let value = v128.load32_splat(x);
  value = v128.load32_lane(x + second, value, 1);
  value = v128.load32_lane(x + third, value, 2);
  return v128.load32_lane(x + fourth, value, 3);
}

/** The same for writing. */
// @ts-ignore: decorator
@inline
export function writeAcross(
  y: usize, second: usize, third: usize, fourth: usize, value: v128,
): void {
  v128.store32_lane(y, value, 0);
  v128.store32_lane(y + second, value, 1);
  v128.store32_lane(y + third, value, 2);
  v128.store32_lane(y + fourth, value, 3);
}

/** All bits of the first `count` lanes, 1 to 4 of them. */
// @ts-ignore: decorator
@inline
export function firstLanes(count: i32): v128 {
  return i32x4.gt_s(i32x4.splat(count), i32x4(0, 1, 2, 3));
}

/** `value` in lanes where `mask` is set, 0 in the others. */
// @ts-ignore: decorator
@inline
export function keep(mask: v128, value: v128): v128 {
  return v128.and(mask, value);
}

/** `yes` in lanes where `mask` is set, `no` in the others. */
// @ts-ignore: decorator
@inline
export function choose(mask: v128, yes: v128, no: v128): v128 {
  return v128.bitselect(yes, no, mask);
}

/** Sum of the four lanes, in a fixed order. */
// @ts-ignore: decorator
@inline
export function sumLanes(a: v128): f32 {
  const pairs = f32x4.add(a, i32x4.shuffle(a, a, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The larger of each pair; the first where they are equal or one is NaN. */
// @ts-ignore: decorator
@inline
export function larger(a: v128, b: v128): v128 {
  return f32x4.pmax(a, b);
}

/** Largest of the four lanes. */
// @ts-ignore: decorator
@inline
export function largestLane(a: v128): f32 {
  const pairs = larger(a, i32x4.shuffle(a, a, 2, 3, 0, 1));
  return f32x4.extract_lane(larger(pairs, i32x4.shuffle(pairs, pairs, 1, 0, 3, 2)), 0);
}

/** `count` elements that lie together. */
export function copyRun(to: usize, from: usize, count: i32): void {
  // From some length on the engine's own copy is worth its call.
  if (count >= 256) {
    memory.copy(to, from, <usize> count << 2);
    return;
  }
  for (; count >= 4; count -= 4) {
    v128.store(to, v128.load(from));
    to += 16;
    from += 16;
  }
  for (; count > 0; count--) {
    store<u32>(to, load<u32>(from));
    to += 4;
    from += 4;
  }
}
