/** The elementwise functions of f32, in the order of table.ts. */
import { cos, sin } from "../assembly/circle.as";
import * as math from "../assembly/math.as";
import { pow } from "../assembly/power.as";
import { choose, keep } from "../assembly/vectors.as";
import { map, One, Three, Two } from "./cpu.as";

type V = v128;

// 2 sqrt(2 / pi), and 0.044715 times that.
const GELU_1: f32 = 1.5957691216, GELU_3: f32 = 0.071354814;

// @ts-ignore: decorator
@inline
function all(value: f32): V {
  return f32x4.splat(value);
}

/** 1 where a mask is set, else 0. */
// @ts-ignore: decorator
@inline
function one(mask: V): V {
  return keep(mask, all(1));
}

/** Zeros and NaN stay, all others become 1 with their sign, however small they are. */
// @ts-ignore: decorator
@inline
function signOf(a: V): V {
  const moves = v128.or(f32x4.lt(a, all(0)), f32x4.gt(a, all(0)));
  return choose(moves, math.copySign(all(1), a), a);
}

// @ts-ignore: decorator
@inline
function softplus(a: V): V {
  const low = math.log1p(math.exp(f32x4.neg(f32x4.abs(a))));
  return f32x4.add(f32x4.max(a, all(0)), low);
}

// @ts-ignore: decorator
@inline
function elu(a: V): V {
  return choose(f32x4.gt(a, all(0)), a, math.expm1(a));
}

/** a sigmoid(2 u), which is a (1 + tanh u) / 2 without a difference from 1. */
// @ts-ignore: decorator
@inline
function gelu(a: V): V {
  const square = f32x4.mul(a, a);
  const slope = f32x4.add(f32x4.mul(square, all(GELU_3)), all(GELU_1));
  return f32x4.mul(a, math.sigmoid(f32x4.mul(slope, a)));
}

/** 0 where a <= 0, so that NaN stays. */
// @ts-ignore: decorator
@inline
function relu(a: V): V {
  return v128.andnot(a, f32x4.le(a, all(0)));
}

// @ts-ignore: decorator
@inline
function leaky(a: V, b: V): V {
  return choose(f32x4.gt(a, all(0)), a, f32x4.mul(a, b));
}

class Neg extends One { @inline of(a: V, b: V, c: V): V { return f32x4.neg(a); } }
class Abs extends One { @inline of(a: V, b: V, c: V): V { return f32x4.abs(a); } }
class Sign extends One { @inline of(a: V, b: V, c: V): V { return signOf(a); } }
class Square extends One { @inline of(a: V, b: V, c: V): V { return f32x4.mul(a, a); } }
class Floor extends One { @inline of(a: V, b: V, c: V): V { return f32x4.floor(a); } }
class Ceil extends One { @inline of(a: V, b: V, c: V): V { return f32x4.ceil(a); } }
class Round extends One { @inline of(a: V, b: V, c: V): V { return f32x4.nearest(a); } }
class Exp extends One { @inline of(a: V, b: V, c: V): V { return math.exp(a); } }
class Log extends One { @inline of(a: V, b: V, c: V): V { return math.log(a); } }
class Sqrt extends One { @inline of(a: V, b: V, c: V): V { return f32x4.sqrt(a); } }
class Rsqrt extends One { @inline of(a: V, b: V, c: V): V { return f32x4.div(all(1), f32x4.sqrt(a)); } }
class Reciprocal extends One { @inline of(a: V, b: V, c: V): V { return f32x4.div(all(1), a); } }
class Sin extends One { @inline of(a: V, b: V, c: V): V { return sin(a); } }
class Cos extends One { @inline of(a: V, b: V, c: V): V { return cos(a); } }
class Tanh extends One { @inline of(a: V, b: V, c: V): V { return math.tanh(a); } }
class Sigmoid extends One { @inline of(a: V, b: V, c: V): V { return math.sigmoid(a); } }
class Softplus extends One { @inline of(a: V, b: V, c: V): V { return softplus(a); } }
class Relu extends One { @inline of(a: V, b: V, c: V): V { return relu(a); } }
class Elu extends One { @inline of(a: V, b: V, c: V): V { return elu(a); } }
class Silu extends One { @inline of(a: V, b: V, c: V): V { return f32x4.mul(a, math.sigmoid(a)); } }
class Gelu extends One { @inline of(a: V, b: V, c: V): V { return gelu(a); } }
class IsFinite extends One { @inline of(a: V, b: V, c: V): V { return one(f32x4.lt(f32x4.abs(a), all(Infinity))); } }

class Add extends Two { @inline of(a: V, b: V, c: V): V { return f32x4.add(a, b); } }
class Sub extends Two { @inline of(a: V, b: V, c: V): V { return f32x4.sub(a, b); } }
class Mul extends Two { @inline of(a: V, b: V, c: V): V { return f32x4.mul(a, b); } }
class Div extends Two { @inline of(a: V, b: V, c: V): V { return f32x4.div(a, b); } }
class Pow extends Two { @inline of(a: V, b: V, c: V): V { return pow(a, b); } }
class Maximum extends Two { @inline of(a: V, b: V, c: V): V { return f32x4.max(a, b); } }
class Minimum extends Two { @inline of(a: V, b: V, c: V): V { return f32x4.min(a, b); } }
class Gate extends Two { @inline of(a: V, b: V, c: V): V { return keep(f32x4.gt(b, all(0)), a); } }
class LeakyRelu extends Two { @inline of(a: V, b: V, c: V): V { return leaky(a, b); } }
class Gt extends Two { @inline of(a: V, b: V, c: V): V { return one(f32x4.gt(a, b)); } }
class Ge extends Two { @inline of(a: V, b: V, c: V): V { return one(f32x4.ge(a, b)); } }
class Lt extends Two { @inline of(a: V, b: V, c: V): V { return one(f32x4.lt(a, b)); } }
class Le extends Two { @inline of(a: V, b: V, c: V): V { return one(f32x4.le(a, b)); } }
class Eq extends Two { @inline of(a: V, b: V, c: V): V { return one(f32x4.eq(a, b)); } }
class Ne extends Two { @inline of(a: V, b: V, c: V): V { return one(f32x4.ne(a, b)); } }

class Where extends Three { @inline of(a: V, b: V, c: V): V { return choose(f32x4.ne(a, all(0)), b, c); } }
class Clamp extends Three { @inline of(a: V, b: V, c: V): V { return f32x4.pmin(f32x4.pmax(a, b), c); } }

export function neg_f32(args: usize, i: i32, n: i32): void { map<Neg>(args, i, n); }
export function abs_f32(args: usize, i: i32, n: i32): void { map<Abs>(args, i, n); }
export function sign_f32(args: usize, i: i32, n: i32): void { map<Sign>(args, i, n); }
export function square_f32(args: usize, i: i32, n: i32): void { map<Square>(args, i, n); }
export function floor_f32(args: usize, i: i32, n: i32): void { map<Floor>(args, i, n); }
export function ceil_f32(args: usize, i: i32, n: i32): void { map<Ceil>(args, i, n); }
export function round_f32(args: usize, i: i32, n: i32): void { map<Round>(args, i, n); }
export function exp_f32(args: usize, i: i32, n: i32): void { map<Exp>(args, i, n); }
export function log_f32(args: usize, i: i32, n: i32): void { map<Log>(args, i, n); }
export function sqrt_f32(args: usize, i: i32, n: i32): void { map<Sqrt>(args, i, n); }
export function rsqrt_f32(args: usize, i: i32, n: i32): void { map<Rsqrt>(args, i, n); }
export function reciprocal_f32(args: usize, i: i32, n: i32): void { map<Reciprocal>(args, i, n); }
export function sin_f32(args: usize, i: i32, n: i32): void { map<Sin>(args, i, n); }
export function cos_f32(args: usize, i: i32, n: i32): void { map<Cos>(args, i, n); }
export function tanh_f32(args: usize, i: i32, n: i32): void { map<Tanh>(args, i, n); }
export function sigmoid_f32(args: usize, i: i32, n: i32): void { map<Sigmoid>(args, i, n); }
export function softplus_f32(args: usize, i: i32, n: i32): void { map<Softplus>(args, i, n); }
export function relu_f32(args: usize, i: i32, n: i32): void { map<Relu>(args, i, n); }
export function elu_f32(args: usize, i: i32, n: i32): void { map<Elu>(args, i, n); }
export function silu_f32(args: usize, i: i32, n: i32): void { map<Silu>(args, i, n); }
export function gelu_f32(args: usize, i: i32, n: i32): void { map<Gelu>(args, i, n); }
export function isFinite_f32(args: usize, i: i32, n: i32): void { map<IsFinite>(args, i, n); }
export function add_f32(args: usize, i: i32, n: i32): void { map<Add>(args, i, n); }
export function sub_f32(args: usize, i: i32, n: i32): void { map<Sub>(args, i, n); }
export function mul_f32(args: usize, i: i32, n: i32): void { map<Mul>(args, i, n); }
export function div_f32(args: usize, i: i32, n: i32): void { map<Div>(args, i, n); }
export function pow_f32(args: usize, i: i32, n: i32): void { map<Pow>(args, i, n); }
export function maximum_f32(args: usize, i: i32, n: i32): void { map<Maximum>(args, i, n); }
export function minimum_f32(args: usize, i: i32, n: i32): void { map<Minimum>(args, i, n); }
export function gate_f32(args: usize, i: i32, n: i32): void { map<Gate>(args, i, n); }
export function leakyRelu_f32(args: usize, i: i32, n: i32): void { map<LeakyRelu>(args, i, n); }
export function gt_f32(args: usize, i: i32, n: i32): void { map<Gt>(args, i, n); }
export function ge_f32(args: usize, i: i32, n: i32): void { map<Ge>(args, i, n); }
export function lt_f32(args: usize, i: i32, n: i32): void { map<Lt>(args, i, n); }
export function le_f32(args: usize, i: i32, n: i32): void { map<Le>(args, i, n); }
export function eq_f32(args: usize, i: i32, n: i32): void { map<Eq>(args, i, n); }
export function ne_f32(args: usize, i: i32, n: i32): void { map<Ne>(args, i, n); }
export function where_f32(args: usize, i: i32, n: i32): void { map<Where>(args, i, n); }
export function clamp_f32(args: usize, i: i32, n: i32): void { map<Clamp>(args, i, n); }
