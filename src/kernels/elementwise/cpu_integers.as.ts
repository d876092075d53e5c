/** The elementwise functions of i32 and u32, in the order of table.ts. */
import { choose, keep } from "../assembly/vectors.as";
import { map, One, Three, Two } from "./cpu.as";

type V = v128;

// @ts-ignore: decorator
@inline
function all(value: i32): V {
  return i32x4.splat(value);
}

/** 1 where a mask is set, else 0. */
// @ts-ignore: decorator
@inline
function one(mask: V): V {
  return keep(mask, all(1));
}

/** a / b without its fraction; 0 for a division by 0. */
function quotient(a: i32, b: i32): i32 {
  if (b === 0) return 0;
  // -2^31 / -1 does not fit and would stop the program.
  return b === -1 ? -a : a / b;
}

function quotientUnsigned(a: u32, b: u32): u32 {
  return b === 0 ? 0 : a / b;
}

function divide(a: V, b: V): V {
  return i32x4(
    quotient(i32x4.extract_lane(a, 0), i32x4.extract_lane(b, 0)),
    quotient(i32x4.extract_lane(a, 1), i32x4.extract_lane(b, 1)),
    quotient(i32x4.extract_lane(a, 2), i32x4.extract_lane(b, 2)),
    quotient(i32x4.extract_lane(a, 3), i32x4.extract_lane(b, 3)),
  );
}

function divideUnsigned(a: V, b: V): V {
  return i32x4(
    quotientUnsigned(i32x4.extract_lane(a, 0), i32x4.extract_lane(b, 0)),
    quotientUnsigned(i32x4.extract_lane(a, 1), i32x4.extract_lane(b, 1)),
    quotientUnsigned(i32x4.extract_lane(a, 2), i32x4.extract_lane(b, 2)),
    quotientUnsigned(i32x4.extract_lane(a, 3), i32x4.extract_lane(b, 3)),
  );
}

class Neg extends One { @inline of(a: V, b: V, c: V): V { return i32x4.neg(a); } }
class Abs extends One { @inline of(a: V, b: V, c: V): V { return i32x4.abs(a); } }
class Sign extends One { @inline of(a: V, b: V, c: V): V { return i32x4.sub(i32x4.lt_s(a, all(0)), i32x4.gt_s(a, all(0))); } }
class Square extends One { @inline of(a: V, b: V, c: V): V { return i32x4.mul(a, a); } }
class Relu extends One { @inline of(a: V, b: V, c: V): V { return i32x4.max_s(a, all(0)); } }
class Add extends Two { @inline of(a: V, b: V, c: V): V { return i32x4.add(a, b); } }
class Sub extends Two { @inline of(a: V, b: V, c: V): V { return i32x4.sub(a, b); } }
class Mul extends Two { @inline of(a: V, b: V, c: V): V { return i32x4.mul(a, b); } }
class Div extends Two { @inline of(a: V, b: V, c: V): V { return divide(a, b); } }
class Maximum extends Two { @inline of(a: V, b: V, c: V): V { return i32x4.max_s(a, b); } }
class Minimum extends Two { @inline of(a: V, b: V, c: V): V { return i32x4.min_s(a, b); } }
class Gate extends Two { @inline of(a: V, b: V, c: V): V { return keep(i32x4.gt_s(b, all(0)), a); } }
class Gt extends Two { @inline of(a: V, b: V, c: V): V { return one(i32x4.gt_s(a, b)); } }
class Ge extends Two { @inline of(a: V, b: V, c: V): V { return one(i32x4.ge_s(a, b)); } }
class Lt extends Two { @inline of(a: V, b: V, c: V): V { return one(i32x4.lt_s(a, b)); } }
class Le extends Two { @inline of(a: V, b: V, c: V): V { return one(i32x4.le_s(a, b)); } }
class Eq extends Two { @inline of(a: V, b: V, c: V): V { return one(i32x4.eq(a, b)); } }
class Ne extends Two { @inline of(a: V, b: V, c: V): V { return one(i32x4.ne(a, b)); } }
class Where extends Three { @inline of(a: V, b: V, c: V): V { return choose(i32x4.ne(a, all(0)), b, c); } }
class Clamp extends Three { @inline of(a: V, b: V, c: V): V { return i32x4.min_s(i32x4.max_s(a, b), c); } }

class AbsUnsigned extends One { @inline of(a: V, b: V, c: V): V { return a; } }
class SignUnsigned extends One { @inline of(a: V, b: V, c: V): V { return one(i32x4.ne(a, all(0))); } }
class ReluUnsigned extends One { @inline of(a: V, b: V, c: V): V { return a; } }
class DivUnsigned extends Two { @inline of(a: V, b: V, c: V): V { return divideUnsigned(a, b); } }
class MaximumUnsigned extends Two { @inline of(a: V, b: V, c: V): V { return i32x4.max_u(a, b); } }
class MinimumUnsigned extends Two { @inline of(a: V, b: V, c: V): V { return i32x4.min_u(a, b); } }
class GateUnsigned extends Two { @inline of(a: V, b: V, c: V): V { return keep(i32x4.ne(b, all(0)), a); } }
class GtUnsigned extends Two { @inline of(a: V, b: V, c: V): V { return one(i32x4.gt_u(a, b)); } }
class GeUnsigned extends Two { @inline of(a: V, b: V, c: V): V { return one(i32x4.ge_u(a, b)); } }
class LtUnsigned extends Two { @inline of(a: V, b: V, c: V): V { return one(i32x4.lt_u(a, b)); } }
class LeUnsigned extends Two { @inline of(a: V, b: V, c: V): V { return one(i32x4.le_u(a, b)); } }
class ClampUnsigned extends Three { @inline of(a: V, b: V, c: V): V { return i32x4.min_u(i32x4.max_u(a, b), c); } }

export function neg_i32(args: usize, i: i32, n: i32): void { map<Neg>(args, i, n); }
export function abs_i32(args: usize, i: i32, n: i32): void { map<Abs>(args, i, n); }
export function sign_i32(args: usize, i: i32, n: i32): void { map<Sign>(args, i, n); }
export function square_i32(args: usize, i: i32, n: i32): void { map<Square>(args, i, n); }
export function relu_i32(args: usize, i: i32, n: i32): void { map<Relu>(args, i, n); }
export function add_i32(args: usize, i: i32, n: i32): void { map<Add>(args, i, n); }
export function sub_i32(args: usize, i: i32, n: i32): void { map<Sub>(args, i, n); }
export function mul_i32(args: usize, i: i32, n: i32): void { map<Mul>(args, i, n); }
export function div_i32(args: usize, i: i32, n: i32): void { map<Div>(args, i, n); }
export function maximum_i32(args: usize, i: i32, n: i32): void { map<Maximum>(args, i, n); }
export function minimum_i32(args: usize, i: i32, n: i32): void { map<Minimum>(args, i, n); }
export function gate_i32(args: usize, i: i32, n: i32): void { map<Gate>(args, i, n); }
export function gt_i32(args: usize, i: i32, n: i32): void { map<Gt>(args, i, n); }
export function ge_i32(args: usize, i: i32, n: i32): void { map<Ge>(args, i, n); }
export function lt_i32(args: usize, i: i32, n: i32): void { map<Lt>(args, i, n); }
export function le_i32(args: usize, i: i32, n: i32): void { map<Le>(args, i, n); }
export function eq_i32(args: usize, i: i32, n: i32): void { map<Eq>(args, i, n); }
export function ne_i32(args: usize, i: i32, n: i32): void { map<Ne>(args, i, n); }
export function where_i32(args: usize, i: i32, n: i32): void { map<Where>(args, i, n); }
export function clamp_i32(args: usize, i: i32, n: i32): void { map<Clamp>(args, i, n); }

export function abs_u32(args: usize, i: i32, n: i32): void { map<AbsUnsigned>(args, i, n); }
export function sign_u32(args: usize, i: i32, n: i32): void { map<SignUnsigned>(args, i, n); }
export function relu_u32(args: usize, i: i32, n: i32): void { map<ReluUnsigned>(args, i, n); }
export function div_u32(args: usize, i: i32, n: i32): void { map<DivUnsigned>(args, i, n); }
export function maximum_u32(args: usize, i: i32, n: i32): void { map<MaximumUnsigned>(args, i, n); }
export function minimum_u32(args: usize, i: i32, n: i32): void { map<MinimumUnsigned>(args, i, n); }
export function gate_u32(args: usize, i: i32, n: i32): void { map<GateUnsigned>(args, i, n); }
export function gt_u32(args: usize, i: i32, n: i32): void { map<GtUnsigned>(args, i, n); }
export function ge_u32(args: usize, i: i32, n: i32): void { map<GeUnsigned>(args, i, n); }
export function lt_u32(args: usize, i: i32, n: i32): void { map<LtUnsigned>(args, i, n); }
export function le_u32(args: usize, i: i32, n: i32): void { map<LeUnsigned>(args, i, n); }
export function clamp_u32(args: usize, i: i32, n: i32): void { map<ClampUnsigned>(args, i, n); }

export { neg_i32 as neg_u32, square_i32 as square_u32, add_i32 as add_u32, sub_i32 as sub_u32, mul_i32 as mul_u32, eq_i32 as eq_u32, ne_i32 as ne_u32, where_i32 as where_u32 };
