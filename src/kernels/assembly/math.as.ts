/**
 * Functions of four f32 at once. Polynomials are minimax fits over the reduced range, errors are
 * about 2 units in the last place; NaN, infinities and subnormal numbers are as in IEEE 754.
 */
import { multiplyAdd } from "./arguments.as";
import { choose, keep } from "./vectors.as";

const LOG2E: f32 = 1.44269504;
// -ln 2 in two parts: n times the first is exact for |n| < 2^15.
const LN2_HIGH: f32 = -0.693359375, LN2_LOW: f32 = 2.12194440e-4;
/**
 * 1.5 * 2^23: adding it to an f32 below 2^22 rounds to a whole number, which then stands in the low
 * bits.
 */
const ROUND: f32 = 12582912;

// @ts-ignore: decorator
@inline
function all(value: f32): v128 {
  return f32x4.splat(value);
}

/** 2^n for whole n from -126 to 127. */
// @ts-ignore: decorator
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** The whole number in the low bits of x + ROUND. */
// @ts-ignore: decorator
@inline
function lowBits(shifted: v128): v128 {
  return i32x4.sub(shifted, i32x4.splat(0x4b400000));
}

/** x - n ln 2. */
// @ts-ignore: decorator
@inline
function reduced(x: v128, n: v128): v128 {
  return multiplyAdd(n, all(LN2_LOW), multiplyAdd(n, all(LN2_HIGH), x));
}

/** e^r - 1 for |r| <= ln(2) / 2. */
// @ts-ignore: decorator
@inline
function smallExpm1(r: v128): v128 {
  let p = multiplyAdd(r, all(0.0013938741), all(0.008367154));
  p = multiplyAdd(p, r, all(0.041666426));
  p = multiplyAdd(p, r, all(0.16666539));
  p = multiplyAdd(p, r, all(0.5));
  return multiplyAdd(f32x4.mul(r, r), p, r);
}

/** e^x. */
// @ts-ignore: decorator
@inline
export function exp(a: v128): v128 {
  const x = f32x4.pmin(f32x4.pmax(a, all(-104)), all(89));
  const shifted = multiplyAdd(x, all(LOG2E), all(ROUND));
  const n = f32x4.sub(shifted, all(ROUND));
  const power = lowBits(shifted);
  // 2^n in two factors, since n may lie beyond what one holds.
  const half = i32x4.shr_s(power, 1);
  const y = f32x4.add(smallExpm1(reduced(x, n)), all(1));
  return f32x4.mul(f32x4.mul(y, powerOfTwo(half)), powerOfTwo(i32x4.sub(power, half)));
}

/** Constant `index` of a table in all lanes. */
// @ts-ignore: decorator
@inline
export function splat(table: usize, index: i32): v128 {
  return v128.load32_splat(table + (<usize> index << 2));
}

/**
 * What quickExp needs. Loops load it into variables first: engines put a vector constant together
 * from several instructions wherever it is used.
 */
export const QUICK_EXP = memory.data<f32>([
  1.44269504, 12582912, 0.001326973, 0.009671393, 0.05550711, 0.24022245, 0.693147, 1, -87,
]);

/**
 * e^x for x <= 0 as rows of softmax need it: 0 where it is below the smallest normal number, and
 * |x| / 2 more units in the last place are lost.
 */
// @ts-ignore: decorator
@inline
export function quickExpBy(
  x: v128, log2e: v128, round: v128, p0: v128, p1: v128, p2: v128, p3: v128, p4: v128, one: v128,
  low: v128,
): v128 {
  const scaled = f32x4.mul(x, log2e);
  const shifted = f32x4.add(scaled, round);
  // 2^f with f from -1/2 to 1/2, in pairs: a shorter chain than one term after the other.
  const f = f32x4.sub(scaled, f32x4.sub(shifted, round));
  const square = f32x4.mul(f, f);
  const end = multiplyAdd(multiplyAdd(f, p0, p1), square, multiplyAdd(f, p2, p3));
  const p = multiplyAdd(end, square, multiplyAdd(f, p4, one));
  return v128.andnot(i32x4.add(p, i32x4.shl(shifted, 23)), f32x4.lt(x, low));
}

/** e^x - 1 for x <= 0. */
// @ts-ignore: decorator
@inline
export function expm1(a: v128): v128 {
  const x = f32x4.pmax(a, all(-87));
  const shifted = multiplyAdd(x, all(LOG2E), all(ROUND));
  const n = f32x4.sub(shifted, all(ROUND));
  const scale = powerOfTwo(lowBits(shifted));
  return multiplyAdd(scale, smallExpm1(reduced(x, n)), f32x4.sub(scale, all(1)));
}

/** ln a. */
// @ts-ignore: decorator
@inline
export function log(a: v128): v128 {
  const tiny = f32x4.lt(a, all(1.17549435e-38));
  const bits = choose(tiny, f32x4.mul(a, all(8388608)), a);
  // a = 2^-power (1 + x) with 1 + x from sqrt(1/2) to sqrt(2).
  const n = i32x4.shr_s(i32x4.sub(bits, i32x4.splat(0x3f3504f3)), 23);
  const x = f32x4.sub(i32x4.sub(bits, i32x4.shl(n, 23)), all(1));
  const power = f32x4.convert_i32x4_s(i32x4.sub(keep(tiny, i32x4.splat(23)), n));
  let p = multiplyAdd(x, all(-0.07636618), all(0.12762351));
  p = multiplyAdd(p, x, all(-0.13159618));
  p = multiplyAdd(p, x, all(0.1420157));
  p = multiplyAdd(p, x, all(-0.16623408));
  p = multiplyAdd(p, x, all(0.20001242));
  p = multiplyAdd(p, x, all(-0.2500082));
  p = multiplyAdd(p, x, all(0.3333333));
  const square = f32x4.mul(x, x);
  p = multiplyAdd(f32x4.mul(p, x), square, f32x4.mul(power, all(LN2_LOW)));
  p = multiplyAdd(square, all(-0.5), p);
  const y = multiplyAdd(power, all(LN2_HIGH), f32x4.add(x, p));
  // Infinity and NaN stay, 0 gives -infinity, below 0 all bits are set: NaN.
  const ends = choose(f32x4.lt(a, all(Infinity)), y, a);
  const low = choose(f32x4.eq(a, all(0)), all(-Infinity), ends);
  return v128.or(low, f32x4.lt(a, all(0)));
}

/** ln(1 + x) for 0 <= x <= 1, as 2 atanh(x / (2 + x)). */
// @ts-ignore: decorator
@inline
export function log1p(x: v128): v128 {
  const s = f32x4.div(x, f32x4.add(x, all(2)));
  const t = f32x4.mul(s, s);
  let p = multiplyAdd(t, all(0.124724954), all(0.106318094));
  p = multiplyAdd(p, t, all(0.14315563));
  p = multiplyAdd(p, t, all(0.19999199));
  p = multiplyAdd(p, t, all(0.3333334));
  const twice = f32x4.add(s, s);
  return multiplyAdd(f32x4.mul(twice, t), p, twice);
}

/** `magnitude` with the sign of `sign`. */
// @ts-ignore: decorator
@inline
export function copySign(magnitude: v128, sign: v128): v128 {
  return v128.bitselect(sign, magnitude, i32x4.splat(0x80000000));
}

/** tanh a = -t / (t + 2) with t = e^(-2 |a|) - 1, and the sign of a. */
// @ts-ignore: decorator
@inline
export function tanh(a: v128): v128 {
  const t = expm1(f32x4.mul(f32x4.abs(a), all(-2)));
  return copySign(f32x4.div(t, f32x4.add(t, all(2))), a);
}

/** 1 / (1 + e^-a), with e^ of a negative number only. */
// @ts-ignore: decorator
@inline
export function sigmoid(a: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(a)));
  const top = choose(f32x4.ge(a, all(0)), all(1), e);
  return f32x4.div(top, f32x4.add(e, all(1)));
}

// pi / 2 in two parts: k times the first is exact for |k| < 2^28.
const HALF_PI_HIGH: f64 = 1.57079631090164184570;
const HALF_PI_LOW: f64 = 1.58932547735281966916e-8;
/** Beyond this the reduction below is not exact. */
const MOST: f32 = 4e8;

/** sin r for |r| <= pi / 4. */
// @ts-ignore: decorator
@inline
export function smallSin(r: v128): v128 {
  const t = f32x4.mul(r, r);
  let p = multiplyAdd(t, all(-1.9515295891e-4), all(8.3321608736e-3));
  p = multiplyAdd(p, t, all(-1.6666654611e-1));
  return multiplyAdd(f32x4.mul(p, t), r, r);
}

/** cos r for |r| <= pi / 4. */
// @ts-ignore: decorator
@inline
export function smallCos(r: v128): v128 {
  const t = f32x4.mul(r, r);
  let p = multiplyAdd(t, all(2.443315711809948e-5), all(-1.388731625493765e-3));
  p = multiplyAdd(p, t, all(4.166664568298827e-2));
  return multiplyAdd(f32x4.mul(p, t), t, multiplyAdd(t, all(-0.5), all(1)));
}

/** sin a for `turn` 0, cos a for 1. */
// @ts-ignore: decorator
@inline
function circle(a: v128, turn: i32): v128 {
  // The quarter k that a lies in, and the rest r, |r| <= pi / 4, by way of f64.
  const low = f64x2.promote_low_f32x4(a);
  const high = f64x2.promote_low_f32x4(i32x4.shuffle(a, a, 2, 3, 0, 1));
  const kLow = f64x2.nearest(f64x2.mul(low, f64x2.splat(2 / Math.PI)));
  const kHigh = f64x2.nearest(f64x2.mul(high, f64x2.splat(2 / Math.PI)));
  const r = i32x4.shuffle(quarterRest(low, kLow), quarterRest(high, kHigh), 0, 1, 4, 5);
  const whole = i32x4.shuffle(
    i32x4.trunc_sat_f64x2_s_zero(kLow),
    i32x4.trunc_sat_f64x2_s_zero(kHigh),
    0, 1, 4, 5,
  );
  const k = i32x4.add(whole, i32x4.splat(turn));
  const odd = i32x4.shl(k, 31);
  const y = choose(i32x4.shr_s(odd, 31), smallCos(r), smallSin(r));
  // In quarters 2 and 3 of four the sign is turned.
  return v128.xor(y, v128.and(i32x4.shl(k, 30), i32x4.splat(0x80000000)));
}

// @ts-ignore: decorator
@inline
function quarterRest(x: v128, k: v128): v128 {
  const first = f64x2.sub(x, f64x2.mul(k, f64x2.splat(HALF_PI_HIGH)));
  return f32x4.demote_f64x2_zero(f64x2.sub(first, f64x2.mul(k, f64x2.splat(HALF_PI_LOW))));
}

// @ts-ignore: decorator
@inline
function tooLarge(a: v128): bool {
  return v128.any_true(f32x4.gt(f32x4.abs(a), all(MOST)));
}

/** sin a. */
export function sin(a: v128): v128 {
  if (!tooLarge(a)) return circle(a, 0);
  const y = f32x4(
    NativeMathf.sin(f32x4.extract_lane(a, 0)),
    NativeMathf.sin(f32x4.extract_lane(a, 1)),
    NativeMathf.sin(f32x4.extract_lane(a, 2)),
    NativeMathf.sin(f32x4.extract_lane(a, 3)),
  );
  return y;
}

/** cos a. */
export function cos(a: v128): v128 {
  if (!tooLarge(a)) return circle(a, 1);
  return f32x4(
    NativeMathf.cos(f32x4.extract_lane(a, 0)),
    NativeMathf.cos(f32x4.extract_lane(a, 1)),
    NativeMathf.cos(f32x4.extract_lane(a, 2)),
    NativeMathf.cos(f32x4.extract_lane(a, 3)),
  );
}

/** a^b, as Math.pow. */
export function pow(a: v128, b: v128): v128 {
  return f32x4(
    NativeMathf.pow(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0)),
    NativeMathf.pow(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1)),
    NativeMathf.pow(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2)),
    NativeMathf.pow(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3)),
  );
}
