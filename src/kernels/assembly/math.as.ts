/**
 * Functions of four f32 at once. Polynomials are minimax fits over the reduced range, summed in
 * pairs where that makes a shorter chain; errors are about 2 units in the last place. NaN,
 * infinities and subnormal numbers are as in IEEE 754.
 *
 * Constants are named by their addresses: engines load a vector constant from memory by one
 * instruction, and put it together from several where it stands in the code.
 */
import { multiplyAdd } from "./arguments.as";
import { choose, keep } from "./vectors.as";

/** The constant at an address in all lanes. */
// @ts-ignore: decorator
@inline
function all(constant: usize): v128 {
  return v128.load32_splat(constant);
}

const HALF = memory.data<f32>([0.5]), ONE = memory.data<f32>([1]), TWO = memory.data<f32>([2]);
const INFINITE = memory.data<f32>([Infinity]), MINUS_INFINITE = memory.data<f32>([-Infinity]);
const MINUS_HALF = memory.data<f32>([-0.5]), MINUS_TWO = memory.data<f32>([-2]);
/** The bit of the sign. */
const SIGN = memory.data<i32>([-0x80000000]);
const LOG2E = memory.data<f32>([1.44269504]);
// -ln 2 in two parts: n times the first is exact for |n| < 2^15.
const LN2_HIGH = memory.data<f32>([-0.693359375]), LN2_LOW = memory.data<f32>([2.12194440e-4]);
/**
 * 1.5 * 2^23: adding it to an f32 below 2^22 rounds to a whole number, which then stands in the low
 * bits.
 */
const ROUND = memory.data<f32>([12582912]);
/** The exponent bits of 1, as a number. */
const BIAS = memory.data<i32>([127]);

/** x - n ln 2. */
// @ts-ignore: decorator
@inline
function reduced(x: v128, n: v128): v128 {
  return multiplyAdd(n, all(LN2_LOW), multiplyAdd(n, all(LN2_HIGH), x));
}

const E2 = memory.data<f32>([0.5]), E3 = memory.data<f32>([0.16666539]);
const E4 = memory.data<f32>([0.041666426]), E5 = memory.data<f32>([0.008367154]);
const E6 = memory.data<f32>([0.0013938741]);

/** e^r - 1 for |r| <= ln(2) / 2. */
// @ts-ignore: decorator
@inline
function smallExpm1(r: v128): v128 {
  const square = f32x4.mul(r, r);
  const end = multiplyAdd(all(E6), square, multiplyAdd(all(E5), r, all(E4)));
  return multiplyAdd(multiplyAdd(end, square, multiplyAdd(all(E3), r, all(E2))), square, r);
}

/** e^x for x from -104 to 89. */
// @ts-ignore: decorator
@inline
function expWithin(x: v128): v128 {
  const shifted = multiplyAdd(x, all(LOG2E), all(ROUND));
  const y = f32x4.add(smallExpm1(reduced(x, f32x4.sub(shifted, all(ROUND)))), all(ONE));
  // 2^n in two factors, since n may lie beyond what one holds: half of n goes into the exponent.
  const half = i32x4.shr_s(shifted, 1), rest = i32x4.sub(shifted, half);
  const power = i32x4.shl(i32x4.add(rest, all(BIAS)), 23);
  return f32x4.mul(i32x4.add(y, i32x4.shl(half, 23)), power);
}

const EXP_LEAST = memory.data<f32>([-104]), EXP_MOST = memory.data<f32>([89]);

/** e^x. */
// @ts-ignore: decorator
@inline
export function exp(a: v128): v128 {
  return expWithin(f32x4.pmin(f32x4.pmax(a, all(EXP_LEAST)), all(EXP_MOST)));
}

/** e^-|x|. */
// @ts-ignore: decorator
@inline
function expOfMinus(a: v128): v128 {
  return expWithin(f32x4.pmax(v128.or(a, all(SIGN)), all(EXP_LEAST)));
}

/** What quickExpBy needs: loops that need speed load it into variables before they begin. */
export const QUICK_EXP = memory.data<f32>([
  1.44269504, 12582912, 0.001326973, 0.009671393, 0.05550711, 0.24022645, 0.693147, 1, -87,
]);
const QUICK_LEAST = memory.data<f32>([-87]);

/** Constant `index` of a table in all lanes. */
// @ts-ignore: decorator
@inline
export function splat(table: usize, index: i32): v128 {
  return all(table + (<usize> index << 2));
}

/**
 * e^x for x <= 0 as rows of softmax need it: 0 where it is below the smallest normal number, and
 * |x| / 2 more units in the last place are lost.
 */
// @ts-ignore: decorator
@inline
export function quickExpBy(
  x: v128, log2e: v128, round: v128, q0: v128, q1: v128, q2: v128, q3: v128, q4: v128, one: v128,
  least: v128,
): v128 {
  const scaled = f32x4.mul(x, log2e);
  const shifted = f32x4.add(scaled, round);
  // 2^f with f from -1/2 to 1/2.
  const f = f32x4.sub(scaled, f32x4.sub(shifted, round));
  const square = f32x4.mul(f, f);
  const end = multiplyAdd(multiplyAdd(f, q0, q1), square, multiplyAdd(f, q2, q3));
  const p = multiplyAdd(end, square, multiplyAdd(f, q4, one));
  return v128.andnot(i32x4.add(p, i32x4.shl(shifted, 23)), f32x4.lt(x, least));
}

/** The same with the constants from memory. */
// @ts-ignore: decorator
@inline
export function quickExp(x: v128): v128 {
  return quickExpBy(
    x, splat(QUICK_EXP, 0), splat(QUICK_EXP, 1), splat(QUICK_EXP, 2), splat(QUICK_EXP, 3),
    splat(QUICK_EXP, 4), splat(QUICK_EXP, 5), splat(QUICK_EXP, 6), splat(QUICK_EXP, 7),
    splat(QUICK_EXP, 8),
  );
}

/** e^x - 1 for x <= 0. */
// @ts-ignore: decorator
@inline
export function expm1(a: v128): v128 {
  const x = f32x4.pmax(a, all(QUICK_LEAST));
  const shifted = multiplyAdd(x, all(LOG2E), all(ROUND));
  const rest = smallExpm1(reduced(x, f32x4.sub(shifted, all(ROUND))));
  const scale = i32x4.add(all(ONE), i32x4.shl(shifted, 23));
  return multiplyAdd(scale, rest, f32x4.sub(scale, all(ONE)));
}

const NORMAL_LEAST = memory.data<f32>([1.17549435e-38]), INTO_NORMAL = memory.data<f32>([8388608]);
const INTO_NORMAL_BITS = memory.data<i32>([23]);
/** The bits of sqrt(1/2). */
const ROOT = memory.data<i32>([0x3f3504f3]);
const L3 = memory.data<f32>([0.3333333]), L4 = memory.data<f32>([-0.2500082]);
const L5 = memory.data<f32>([0.20001242]), L6 = memory.data<f32>([-0.16623408]);
const L7 = memory.data<f32>([0.1420157]), L8 = memory.data<f32>([-0.13159618]);
const L9 = memory.data<f32>([0.12762351]), L10 = memory.data<f32>([-0.07636618]);

/** ln a. */
// @ts-ignore: decorator
@inline
export function log(a: v128): v128 {
  const tiny = f32x4.lt(a, all(NORMAL_LEAST));
  const bits = choose(tiny, f32x4.mul(a, all(INTO_NORMAL)), a);
  // a = 2^-power (1 + x) with 1 + x from sqrt(1/2) to sqrt(2).
  const n = i32x4.shr_s(i32x4.sub(bits, all(ROOT)), 23);
  const x = f32x4.sub(i32x4.sub(bits, i32x4.shl(n, 23)), all(ONE));
  const power = f32x4.convert_i32x4_s(i32x4.sub(keep(tiny, all(INTO_NORMAL_BITS)), n));
  const square = f32x4.mul(x, x), fourth = f32x4.mul(square, square);
  const low = multiplyAdd(multiplyAdd(x, all(L6), all(L5)), square, multiplyAdd(x, all(L4), all(L3)));
  const high = multiplyAdd(
    multiplyAdd(x, all(L10), all(L9)), square, multiplyAdd(x, all(L8), all(L7)),
  );
  const p = multiplyAdd(high, fourth, low);
  const small = multiplyAdd(f32x4.mul(p, x), square, f32x4.mul(power, all(LN2_LOW)));
  const end = f32x4.add(x, multiplyAdd(square, all(MINUS_HALF), small));
  const y = multiplyAdd(power, all(LN2_HIGH), end);
  // Infinity and NaN stay, 0 gives -infinity, below 0 all bits are set: NaN.
  const ends = choose(f32x4.lt(a, all(INFINITE)), y, a);
  const least = choose(f32x4.eq(a, i32x4.splat(0)), all(MINUS_INFINITE), ends);
  return v128.or(least, f32x4.lt(a, i32x4.splat(0)));
}

const A3 = memory.data<f32>([0.3333334]), A5 = memory.data<f32>([0.19999199]);
const A7 = memory.data<f32>([0.14315563]), A9 = memory.data<f32>([0.106318094]);
const A11 = memory.data<f32>([0.124724954]);

/** ln(1 + x) for 0 <= x <= 1, as 2 atanh(x / (2 + x)). */
// @ts-ignore: decorator
@inline
export function log1p(x: v128): v128 {
  const s = f32x4.div(x, f32x4.add(x, all(TWO)));
  const t = f32x4.mul(s, s);
  const end = multiplyAdd(multiplyAdd(t, all(A11), all(A9)), f32x4.mul(t, t), multiplyAdd(t, all(A7), all(A5)));
  const p = multiplyAdd(end, t, all(A3));
  const twice = f32x4.add(s, s);
  return multiplyAdd(f32x4.mul(twice, t), p, twice);
}

/** `magnitude` with the sign of `sign`. */
// @ts-ignore: decorator
@inline
export function copySign(magnitude: v128, sign: v128): v128 {
  return v128.bitselect(sign, magnitude, all(SIGN));
}

/** tanh a = -t / (t + 2) with t = e^(-2 |a|) - 1, and the sign of a. */
// @ts-ignore: decorator
@inline
export function tanh(a: v128): v128 {
  const t = expm1(f32x4.mul(f32x4.abs(a), all(MINUS_TWO)));
  return copySign(f32x4.div(t, f32x4.add(t, all(TWO))), a);
}

/** 1 / (1 + e^-a), with e^ of a negative number only. */
// @ts-ignore: decorator
@inline
export function sigmoid(a: v128): v128 {
  const e = expOfMinus(a);
  const top = choose(f32x4.ge(a, i32x4.splat(0)), all(ONE), e);
  return f32x4.div(top, f32x4.add(e, all(ONE)));
}

// pi / 2 in two parts: k times the first is exact for |k| < 2^28.
const HALF_PI_HIGH = memory.data<f64>([1.57079631090164184570]);
const HALF_PI_LOW = memory.data<f64>([1.58932547735281966916e-8]);
const TWO_OVER_PI = memory.data<f64>([0.6366197723675814]);
/** Beyond this the reduction below is not exact. */
const CIRCLE_MOST = memory.data<f32>([4e8]);
const S3 = memory.data<f32>([-1.6666654611e-1]), S5 = memory.data<f32>([8.3321608736e-3]);
const S7 = memory.data<f32>([-1.9515295891e-4]);
const C4 = memory.data<f32>([4.166664568298827e-2]);
const C6 = memory.data<f32>([-1.388731625493765e-3]), C8 = memory.data<f32>([2.443315711809948e-5]);

/** The f64 at an address in both lanes. */
// @ts-ignore: decorator
@inline
function both(constant: usize): v128 {
  return v128.load64_splat(constant);
}

/** sin r for |r| <= pi / 4. */
// @ts-ignore: decorator
@inline
export function smallSin(r: v128): v128 {
  const t = f32x4.mul(r, r);
  const p = multiplyAdd(multiplyAdd(t, all(S7), all(S5)), t, all(S3));
  return multiplyAdd(f32x4.mul(p, t), r, r);
}

/** cos r for |r| <= pi / 4. */
// @ts-ignore: decorator
@inline
export function smallCos(r: v128): v128 {
  const t = f32x4.mul(r, r);
  const p = multiplyAdd(multiplyAdd(t, all(C8), all(C6)), t, all(C4));
  return multiplyAdd(f32x4.mul(p, t), t, multiplyAdd(t, all(MINUS_HALF), all(ONE)));
}

/** sin a for `turn` 0, cos a for 1. */
// @ts-ignore: decorator
@inline
function circle(a: v128, turn: i32): v128 {
  // The quarter k that a lies in, and the rest r, |r| <= pi / 4, by way of f64.
  const low = f64x2.promote_low_f32x4(a);
  const high = f64x2.promote_low_f32x4(i32x4.shuffle(a, a, 2, 3, 0, 1));
  const kLow = f64x2.nearest(f64x2.mul(low, both(TWO_OVER_PI)));
  const kHigh = f64x2.nearest(f64x2.mul(high, both(TWO_OVER_PI)));
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
  return v128.xor(y, v128.and(i32x4.shl(k, 30), all(SIGN)));
}

// @ts-ignore: decorator
@inline
function quarterRest(x: v128, k: v128): v128 {
  const first = f64x2.sub(x, f64x2.mul(k, both(HALF_PI_HIGH)));
  return f32x4.demote_f64x2_zero(f64x2.sub(first, f64x2.mul(k, both(HALF_PI_LOW))));
}

// @ts-ignore: decorator
@inline
function tooLarge(a: v128): bool {
  return v128.any_true(f32x4.gt(f32x4.abs(a), all(CIRCLE_MOST)));
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

// Minimax fits of log2((1 + s) / (1 - s)) / s by s^2, and of 2^f for |f| <= 1/2.
const G0 = memory.data<f64>([2.8853900817778504]), G1 = memory.data<f64>([0.9617966941134718]);
const G2 = memory.data<f64>([0.5770779423159585]), G3 = memory.data<f64>([0.41220925760408506]);
const G4 = memory.data<f64>([0.31990547514324286]), G5 = memory.data<f64>([0.28290343171955407]);
const H0 = memory.data<f64>([0.9999999999616815]), H1 = memory.data<f64>([0.6931471807284502]);
const H2 = memory.data<f64>([0.24022651198158432]), H3 = memory.data<f64>([0.05550410353444675]);
const H4 = memory.data<f64>([0.00961802725363846]), H5 = memory.data<f64>([0.0013333922565472544]);
const H6 = memory.data<f64>([0.00015469291139412223]), H7 = memory.data<f64>([1.5201921102126146e-5]);
const ONE_F64 = memory.data<f64>([1]);
/** The bits of 1 less those of sqrt(1/2), and the bits of the mantissa. */
const ROOT_TO_ONE = memory.data<i64>([0x00095f619980c433]), MANTISSA = memory.data<i64>([0xfffffffffffff]);
const ROOT_F64 = memory.data<i64>([0x3fe6a09e667f3bcd]);
/** 2^52 with room for a whole number in its low bits, and the same with the exponent bits of 1. */
const WHOLE = memory.data<i64>([0x4330000000000000]), WHOLE_BIAS = memory.data<f64>([4503599627371519]);
/** 1.5 2^52: adding it rounds to a whole number, which then stands in the low bits. */
const ROUND_F64 = memory.data<f64>([6755399441055744]);
/** Powers of two beyond all f32. */
const POWER_LEAST = memory.data<f64>([-300]), POWER_MOST = memory.data<f64>([300]);

// @ts-ignore: decorator
@inline
function multiplyAddF64(a: v128, b: v128, c: v128): v128 {
  return f64x2.add(f64x2.mul(a, b), c);
}

/** a^b of two f64 for a > 0, exact enough for every f32. */
function powTwo(a: v128, b: v128): v128 {
  // a = 2^n m with m from sqrt(1/2) to sqrt(2), of which s = (m - 1) / (m + 1).
  const moved = i64x2.add(a, both(ROOT_TO_ONE));
  const n = f64x2.sub(v128.or(i64x2.shr_u(moved, 52), both(WHOLE)), both(WHOLE_BIAS));
  const m = i64x2.add(v128.and(moved, both(MANTISSA)), both(ROOT_F64));
  const s = f64x2.div(f64x2.sub(m, both(ONE_F64)), f64x2.add(m, both(ONE_F64)));
  const t = f64x2.mul(s, s), u = f64x2.mul(t, t);
  const g = multiplyAddF64(
    multiplyAddF64(multiplyAddF64(t, both(G5), both(G4)), u, multiplyAddF64(t, both(G3), both(G2))),
    u,
    multiplyAddF64(t, both(G1), both(G0)),
  );
  const log2 = multiplyAddF64(s, g, n);
  const y = f64x2.pmin(f64x2.pmax(f64x2.mul(log2, b), both(POWER_LEAST)), both(POWER_MOST));
  const shifted = f64x2.add(y, both(ROUND_F64));
  const f = f64x2.sub(y, f64x2.sub(shifted, both(ROUND_F64)));
  const v = f64x2.mul(f, f);
  const high = multiplyAddF64(multiplyAddF64(f, both(H7), both(H6)), v, multiplyAddF64(f, both(H5), both(H4)));
  const low = multiplyAddF64(multiplyAddF64(f, both(H3), both(H2)), v, multiplyAddF64(f, both(H1), both(H0)));
  return i64x2.add(multiplyAddF64(high, f64x2.mul(v, v), low), i64x2.shl(shifted, 52));
}

/** Exponents whose lowest bit is that of a whole number. */
const POW_MOST = memory.data<f32>([8388608]), LEAST = memory.data<f32>([1e-45]);

/** a^b for finite a and |b| < 2^23. */
// @ts-ignore: decorator
@inline
function powWithin(a: v128, b: v128): v128 {
  const base = f32x4.pmax(f32x4.abs(a), all(LEAST));
  const low = powTwo(f64x2.promote_low_f32x4(base), f64x2.promote_low_f32x4(b));
  const high = powTwo(
    f64x2.promote_low_f32x4(i32x4.shuffle(base, base, 2, 3, 0, 1)),
    f64x2.promote_low_f32x4(i32x4.shuffle(b, b, 2, 3, 0, 1)),
  );
  const power = i32x4.shuffle(
    f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5,
  );
  // 0 to a positive power is 0, to a negative one infinity, and to 0 it is 1 already.
  const zero = f32x4.eq(a, i32x4.splat(0)), b0 = i32x4.splat(0);
  const up = v128.and(zero, f32x4.gt(b, b0)), down = v128.and(zero, f32x4.lt(b, b0));
  const size = choose(down, all(INFINITE), v128.andnot(power, up));
  // Odd exponents keep the sign; a negative number has no power that is not whole.
  const whole = i32x4.trunc_sat_f32x4_s(b);
  const odd = v128.and(i32x4.shl(whole, 31), a);
  const broken = v128.and(f32x4.lt(a, b0), f32x4.ne(f32x4.convert_i32x4_s(whole), b));
  return v128.or(v128.or(size, v128.and(odd, all(SIGN))), broken);
}

/** a^b, as Math.pow. */
export function pow(a: v128, b: v128): v128 {
  const finite = f32x4.lt(f32x4.abs(a), all(INFINITE));
  if (i32x4.all_true(v128.and(finite, f32x4.lt(f32x4.abs(b), all(POW_MOST))))) {
    return powWithin(a, b);
  }
  return f32x4(
    NativeMathf.pow(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0)),
    NativeMathf.pow(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1)),
    NativeMathf.pow(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2)),
    NativeMathf.pow(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3)),
  );
}
