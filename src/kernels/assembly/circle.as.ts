/**
 * Sine and cosine of four f32 at once, within 2 units in the last place. Constants are named by
 * their addresses, as in power.as.ts.
 */
import { multiplyAdd } from "./arguments.as";
import { choose } from "./vectors.as";

/** The bit of the sign. */
const SIGN: i32 = -0x80000000;

// pi / 2 in two parts: k times the first is exact for |k| < 2^28.
const HALF_PI_HIGH = memory.data<f64>([1.57079631090164184570]);
const HALF_PI_LOW = memory.data<f64>([1.58932547735281966916e-8]);
const TWO_OVER_PI = memory.data<f64>([0.6366197723675814]);
/** Beyond this the reduction below is not exact. */
const CIRCLE_MOST = memory.data<f32>([4e8]);
const ONE = memory.data<f32>([1]), MINUS_HALF = memory.data<f32>([-0.5]);
const S3 = memory.data<f32>([-1.6666654611e-1]), S5 = memory.data<f32>([8.3321608736e-3]);
const S7 = memory.data<f32>([-1.9515295891e-4]);
const C4 = memory.data<f32>([4.166664568298827e-2]);
const C6 = memory.data<f32>([-1.388731625493765e-3]), C8 = memory.data<f32>([2.443315711809948e-5]);

/** The f32 at an address in all lanes. */
// @ts-ignore: decorator
@inline
function all(constant: usize): v128 {
  return v128.load32_splat(constant);
}

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
  return v128.xor(y, v128.and(i32x4.shl(k, 30), i32x4.splat(SIGN)));
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
