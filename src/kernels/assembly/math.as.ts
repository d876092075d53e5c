/**
 * Functions of four f32 at once. Polynomials are minimax fits over the reduced range, summed in
 * pairs where that makes a shorter chain; errors are about 2 units in the last place. NaN,
 * infinities and subnormal numbers are as in IEEE 754.
 */
import { multiplyAdd } from "./arguments.as";
import { choose, keep } from "./vectors.as";

// @ts-ignore: decorator
@inline
function all(value: f32): v128 {
  return f32x4.splat(value);
}

/** The bit of the sign. */
const SIGN: i32 = -0x80000000;
const LOG2E: f32 = 1.44269504;
// -ln 2 in two parts: n times the first is exact for |n| < 2^15.
const LN2_HIGH: f32 = -0.693359375, LN2_LOW: f32 = 2.12194440e-4;
/**
 * 1.5 * 2^23: adding it to an f32 below 2^22 rounds to a whole number, which then stands in the low
 * bits.
 */
const ROUND: f32 = 12582912;

/** x - n ln 2. */
// @ts-ignore: decorator
@inline
function reduced(x: v128, n: v128): v128 {
  return multiplyAdd(n, all(LN2_LOW), multiplyAdd(n, all(LN2_HIGH), x));
}

const E3: f32 = 0.16666539, E4: f32 = 0.041666426;
const E5: f32 = 0.008367154, E6: f32 = 0.0013938741;

/** e^r - 1 for |r| <= ln(2) / 2. */
// @ts-ignore: decorator
@inline
function smallExpm1(r: v128): v128 {
  const square = f32x4.mul(r, r);
  const end = multiplyAdd(all(E6), square, multiplyAdd(all(E5), r, all(E4)));
  return multiplyAdd(multiplyAdd(end, square, multiplyAdd(all(E3), r, all(0.5))), square, r);
}

/** e^x for x from -104 to 89. */
// @ts-ignore: decorator
@inline
function expWithin(x: v128): v128 {
  const shifted = multiplyAdd(x, all(LOG2E), all(ROUND));
  const y = f32x4.add(smallExpm1(reduced(x, f32x4.sub(shifted, all(ROUND)))), all(1));
  // 2^n in two factors, since n may lie beyond what one holds: half of n goes into the exponent.
  const half = i32x4.shr_s(shifted, 1), rest = i32x4.sub(shifted, half);
  const power = i32x4.shl(i32x4.add(rest, i32x4.splat(127)), 23);
  return f32x4.mul(i32x4.add(y, i32x4.shl(half, 23)), power);
}

/** e^x. */
// @ts-ignore: decorator
@inline
export function exp(a: v128): v128 {
  return expWithin(f32x4.pmin(f32x4.pmax(a, all(-104)), all(89)));
}

/** e^-|x|. */
// @ts-ignore: decorator
@inline
function expOfMinus(a: v128): v128 {
  return expWithin(f32x4.pmax(v128.or(a, i32x4.splat(SIGN)), all(-104)));
}

/**
 * What quickExpBy needs. Loops load it into variables before they begin: engines put a vector
 * constant together from several instructions wherever it is used.
 */
export const QUICK_EXP = memory.data<f32>([
  1.44269504, 12582912, 0.001326973, 0.009671393, 0.05550711, 0.24022645, 0.693147, 1, -87,
]);

/** Constant `index` of a table in all lanes. */
// @ts-ignore: decorator
@inline
export function splat(table: usize, index: i32): v128 {
  return v128.load32_splat(table + (<usize> index << 2));
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
  const x = f32x4.pmax(a, all(-87));
  const shifted = multiplyAdd(x, all(LOG2E), all(ROUND));
  const rest = smallExpm1(reduced(x, f32x4.sub(shifted, all(ROUND))));
  const scale = i32x4.add(all(1), i32x4.shl(shifted, 23));
  return multiplyAdd(scale, rest, f32x4.sub(scale, all(1)));
}

/** The bits of sqrt(1/2). */
const ROOT: i32 = 0x3f3504f3;
const L3: f32 = 0.3333333, L4: f32 = -0.2500082;
const L5: f32 = 0.20001242, L6: f32 = -0.16623408;
const L7: f32 = 0.1420157, L8: f32 = -0.13159618;
const L9: f32 = 0.12762351, L10: f32 = -0.07636618;

/** ln a. */
// @ts-ignore: decorator
@inline
export function log(a: v128): v128 {
  const tiny = f32x4.lt(a, all(1.17549435e-38));
  const bits = choose(tiny, f32x4.mul(a, all(8388608)), a);
  // a = 2^-power (1 + x) with 1 + x from sqrt(1/2) to sqrt(2).
  const n = i32x4.shr_s(i32x4.sub(bits, i32x4.splat(ROOT)), 23);
  const x = f32x4.sub(i32x4.sub(bits, i32x4.shl(n, 23)), all(1));
  const power = f32x4.convert_i32x4_s(i32x4.sub(keep(tiny, i32x4.splat(23)), n));
  const square = f32x4.mul(x, x), fourth = f32x4.mul(square, square);
  const low = multiplyAdd(
    multiplyAdd(x, all(L6), all(L5)), square, multiplyAdd(x, all(L4), all(L3)),
  );
  const high = multiplyAdd(
    multiplyAdd(x, all(L10), all(L9)), square, multiplyAdd(x, all(L8), all(L7)),
  );
  const p = multiplyAdd(high, fourth, low);
  const small = multiplyAdd(f32x4.mul(p, x), square, f32x4.mul(power, all(LN2_LOW)));
  const end = f32x4.add(x, multiplyAdd(square, all(-0.5), small));
  const y = multiplyAdd(power, all(LN2_HIGH), end);
  // Infinity and NaN stay, 0 gives -infinity, below 0 all bits are set: NaN.
  const ends = choose(f32x4.lt(a, all(Infinity)), y, a);
  const least = choose(f32x4.eq(a, i32x4.splat(0)), all(-Infinity), ends);
  return v128.or(least, f32x4.lt(a, i32x4.splat(0)));
}

const A3: f32 = 0.3333334, A5: f32 = 0.19999199;
const A7: f32 = 0.14315563, A9: f32 = 0.106318094;
const A11: f32 = 0.124724954;

/** ln(1 + x) for 0 <= x <= 1, as 2 atanh(x / (2 + x)). */
// @ts-ignore: decorator
@inline
export function log1p(x: v128): v128 {
  const s = f32x4.div(x, f32x4.add(x, all(2)));
  const t = f32x4.mul(s, s);
  const low = multiplyAdd(t, all(A7), all(A5));
  const end = multiplyAdd(multiplyAdd(t, all(A11), all(A9)), f32x4.mul(t, t), low);
  const p = multiplyAdd(end, t, all(A3));
  const twice = f32x4.add(s, s);
  return multiplyAdd(f32x4.mul(twice, t), p, twice);
}

/** `magnitude` with the sign of `sign`. */
// @ts-ignore: decorator
@inline
export function copySign(magnitude: v128, sign: v128): v128 {
  return v128.bitselect(sign, magnitude, i32x4.splat(SIGN));
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
  const e = expOfMinus(a);
  const top = choose(f32x4.ge(a, i32x4.splat(0)), all(1), e);
  return f32x4.div(top, f32x4.add(e, all(1)));
}
