/**
 * Powers of four f32 at once, within 1 unit in the last place, by way of f64. Constants of f64 are
 * named by their addresses: one that is used once is loaded faster than it is put together.
 */
import { choose } from "./vectors.as";

/** The bit of the sign. */
const SIGN: i32 = -0x80000000;

// @ts-ignore: decorator
@inline
function all(value: f32): v128 {
  return f32x4.splat(value);
}

/** The f64 at an address in both lanes. */
// @ts-ignore: decorator
@inline
function both(constant: usize): v128 {
  return v128.load64_splat(constant);
}

// Minimax fits of log2((1 + s) / (1 - s)) / s by s^2, and of 2^f for |f| <= 1/2.
const G0 = memory.data<f64>([2.8853900817778504]), G1 = memory.data<f64>([0.9617966941134718]);
const G2 = memory.data<f64>([0.5770779423159585]), G3 = memory.data<f64>([0.41220925760408506]);
const G4 = memory.data<f64>([0.31990547514324286]), G5 = memory.data<f64>([0.28290343171955407]);
const H0 = memory.data<f64>([0.9999999999616815]), H1 = memory.data<f64>([0.6931471807284502]);
const H2 = memory.data<f64>([0.24022651198158432]), H3 = memory.data<f64>([0.05550410353444675]);
const H4 = memory.data<f64>([0.00961802725363846]), H5 = memory.data<f64>([0.0013333922565472544]);
const H6 = memory.data<f64>([0.00015469291139412223]), H7 = memory.data<f64>([1.5201921102126146e-5]);
/** The bits of 1 less those of sqrt(1/2), and the bits of the mantissa. */
const ROOT_TO_ONE = memory.data<i64>([0x00095f619980c433]);
const MANTISSA = memory.data<i64>([0xfffffffffffff]);
const ROOT_F64 = memory.data<i64>([0x3fe6a09e667f3bcd]);
const ONE = memory.data<f64>([1]);
/** 2^52 with room for a whole number in its low bits, and the same with the exponent bits of 1. */
const WHOLE = memory.data<i64>([0x4330000000000000]);
const WHOLE_BIAS = memory.data<f64>([4503599627371519]);
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
  const s = f64x2.div(f64x2.sub(m, both(ONE)), f64x2.add(m, both(ONE)));
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
  const high = multiplyAddF64(
    multiplyAddF64(f, both(H7), both(H6)), v, multiplyAddF64(f, both(H5), both(H4)),
  );
  const low = multiplyAddF64(
    multiplyAddF64(f, both(H3), both(H2)), v, multiplyAddF64(f, both(H1), both(H0)),
  );
  return i64x2.add(multiplyAddF64(high, f64x2.mul(v, v), low), i64x2.shl(shifted, 52));
}

/** Exponents whose lowest bit is that of a whole number. */
const POW_MOST: f32 = 8388608, LEAST: f32 = 1e-45;

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
  const size = choose(down, all(Infinity), v128.andnot(power, up));
  // Odd exponents keep the sign; a negative number has no power that is not whole.
  const whole = i32x4.trunc_sat_f32x4_s(b);
  const odd = v128.and(i32x4.shl(whole, 31), a);
  const broken = v128.and(f32x4.lt(a, b0), f32x4.ne(f32x4.convert_i32x4_s(whole), b));
  return v128.or(v128.or(size, v128.and(odd, i32x4.splat(SIGN))), broken);
}

/** a^b, as Math.pow. */
export function pow(a: v128, b: v128): v128 {
  const finite = f32x4.lt(f32x4.abs(a), all(Infinity));
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
