/**
 * The elementwise functions, one line each: WGSL expression, TypeScript function, derivative.
 * In WGSL `T` is the element type; operands are a, b, c; in a derivative g is the gradient of the
 * result y. A derivative of `null` means piecewise constant: the result has no gradient to pass on.
 *
 * @module
 */
import type { Tensor } from "../../tensor/mod.ts";
import { f32 } from "../wgsl.ts";

/** What a derivative may use; absent unless it says so in `uses`. */
export interface Values {
  readonly g: Tensor;
  readonly a: Tensor;
  readonly b: Tensor;
  readonly c: Tensor;
  readonly y: Tensor;
}

/** The derivative with respect to one operand. */
export interface Derivative {
  /** The letters that it reads beside g; the tape saves no other. */
  readonly uses: string;
  readonly of: (values: Values) => Tensor;
}

/** One elementwise function. */
export interface ElementwiseFunction {
  readonly wgsl: string;
  readonly fn: (a: number, b: number, c: number) => number;
  /** One per operand. */
  readonly derivatives: readonly (Derivative | null)[];
  /** Whether integers are refused. */
  readonly floatOnly: boolean;
}

type Fn = ElementwiseFunction["fn"];
type Gradient = readonly [uses: string, of: Derivative["of"]] | null;

function define(
  wgsl: string,
  fn: Fn,
  gradients: readonly Gradient[],
  floatOnly: boolean,
): ElementwiseFunction {
  const derivatives = gradients.map((gradient) => {
    return gradient && { uses: gradient[0], of: gradient[1] };
  });
  return { wgsl, fn, derivatives, floatOnly };
}

/** A function of real numbers. */
function real(wgsl: string, fn: Fn, ...gradients: readonly Gradient[]): ElementwiseFunction {
  return define(wgsl, fn, gradients, true);
}

/** A function of any numbers. */
function any(wgsl: string, fn: Fn, ...gradients: readonly Gradient[]): ElementwiseFunction {
  return define(wgsl, fn, gradients, false);
}

/** sqrt(2 / pi), of the tanh form of GELU. */
const GELU = Math.sqrt(2 / Math.PI);
const geluInner = (a: number): number => GELU * (a + 0.044715 * a ** 3);

function geluDerivative({ g, a }: Values): Tensor {
  const cube = a.square().mul(a);
  const t = a.add(cube.mul(0.044715)).mul(GELU).tanh();
  const slope = a.square().mul(3 * 0.044715).add(1).mul(GELU);
  const inner = t.square().neg().add(1).mul(slope).mul(a);
  return g.mul(t.add(1).add(inner).mul(0.5));
}

/** Half to even, as WGSL rounds. */
function roundHalfEven(a: number): number {
  const low = Math.floor(a);
  if (a - low !== 0.5) return Math.round(a);
  return low % 2 === 0 ? low : low + 1;
}

/**
 * Real power of a real base: negative bases take whole exponents only; 0 to a negative power is
 * what 1/0 is.
 */
const POW = "select(select(select(1.0, 1.0 / abs(a), b < 0.0), 0.0, b > 0.0), " +
  "select(1.0, select(1.0, -1.0, abs(b) % 2.0 == 1.0), a < 0.0) * pow(abs(a), b), a != 0.0)";

/** log(1 + e) with e = exp(-|a|): beyond 1/8 log is exact enough, below four terms are. */
function softplusText(): string {
  const e = "exp(-abs(a))", t = `(${e} / (${e} + 2.0))`, s = `(${t} * ${t})`;
  const series = `2.0 * ${t} * (1.0 + ${s} * (1.0 / 3.0 + ${s} * (0.2 + ${s} / 7.0)))`;
  return `max(a, 0.0) + select(log(1.0 + ${e}), ${series}, ${e} < 0.125)`;
}

/** Gradient of a maximum: all to the larger operand, half to each when they are equal. */
function share(g: Tensor, winner: Tensor, loser: Tensor): Tensor {
  return g.mul(winner.gt(loser).add(winner.ge(loser)).mul(0.5));
}

/** Name of an elementwise function, by the number of its operands. */
export type ElementwiseName =
  | "neg"
  | "abs"
  | "sign"
  | "square"
  | "floor"
  | "ceil"
  | "round"
  | "exp"
  | "log"
  | "sqrt"
  | "rsqrt"
  | "reciprocal"
  | "sin"
  | "cos"
  | "tanh"
  | "sigmoid"
  | "softplus"
  | "relu"
  | "elu"
  | "silu"
  | "gelu"
  | "isFinite"
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "pow"
  | "maximum"
  | "minimum"
  | "gate"
  | "leakyRelu"
  | "gt"
  | "ge"
  | "lt"
  | "le"
  | "eq"
  | "ne"
  | "where"
  | "clamp";

/** Every elementwise function by name. */
export const ELEMENTWISE: Readonly<Record<ElementwiseName, ElementwiseFunction>> = {
  // One operand.
  // Not -a, which u32 lacks.
  neg: any("T(0) - a", (a) => -a, ["", ({ g }) => g.neg()]),
  abs: any("abs(a)", Math.abs, ["a", ({ g, a }) => g.mul(a.sign())]),
  // Not sign(a), which u32 lacks.
  sign: any("T(a > T(0)) - T(a < T(0))", Math.sign, null),
  square: any("a * a", (a) => a * a, ["a", ({ g, a }) => g.mul(a).mul(2)]),
  floor: real("floor(a)", Math.floor, null),
  ceil: real("ceil(a)", Math.ceil, null),
  round: real("round(a)", roundHalfEven, null),
  exp: real("exp(a)", Math.exp, ["y", ({ g, y }) => g.mul(y)]),
  log: real("log(a)", Math.log, ["a", ({ g, a }) => g.div(a)]),
  sqrt: real("sqrt(a)", Math.sqrt, ["y", ({ g, y }) => g.div(y.mul(2))]),
  rsqrt: real("inverseSqrt(a)", (a) => 1 / Math.sqrt(a), [
    "ay",
    ({ g, a, y }) => g.mul(y).div(a).mul(-0.5),
  ]),
  reciprocal: real("1.0 / a", (a) => 1 / a, ["y", ({ g, y }) => g.mul(y.square()).neg()]),
  sin: real("sin(a)", Math.sin, ["a", ({ g, a }) => g.mul(a.cos())]),
  cos: real("cos(a)", Math.cos, ["a", ({ g, a }) => g.mul(a.sin()).neg()]),
  // Beyond 15 tanh is 1 in f32, and exp inside a driver's tanh may overflow.
  tanh: real("tanh(clamp(a, -15.0, 15.0))", Math.tanh, [
    "y",
    ({ g, y }) => g.mul(y.square().neg().add(1)),
  ]),
  // exp of a negative number only, so that it cannot overflow.
  sigmoid: real(
    "select(exp(-abs(a)), 1.0, a >= 0.0) / (1.0 + exp(-abs(a)))",
    (a) => (a >= 0 ? 1 : Math.exp(a)) / (1 + Math.exp(-Math.abs(a))),
    ["y", ({ g, y }) => g.mul(y.mul(y.neg().add(1)))],
  ),
  softplus: real(
    // log1p(e) = 2 atanh(e / (e + 2)) by its series, since log(1 + e) loses a small e.
    softplusText(),
    (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a))),
    ["a", ({ g, a }) => g.mul(a.sigmoid())],
  ),
  relu: any("max(a, T(0))", (a) => Math.max(a, 0), ["y", ({ g, y }) => g.gate(y)]),
  elu: real(
    "select(exp(a) - 1.0, a, a > 0.0)",
    (a) => a > 0 ? a : Math.expm1(a),
    ["y", ({ g, y }) => g.mul(y.add(1).minimum(1))],
  ),
  silu: real(
    "a * select(exp(-abs(a)), 1.0, a >= 0.0) / (1.0 + exp(-abs(a)))",
    (a) => a * (a >= 0 ? 1 : Math.exp(a)) / (1 + Math.exp(-Math.abs(a))),
    ["a", ({ g, a }) => {
      const s = a.sigmoid();
      return g.mul(s.add(s.mul(s.neg().add(1)).mul(a)));
    }],
  ),
  gelu: real(
    `0.5 * a * (1.0 + tanh(clamp(${f32(GELU)} * (a + 0.044715 * a * a * a), -15.0, 15.0)))`,
    (a) => 0.5 * a * (1 + Math.tanh(geluInner(a))),
    ["a", geluDerivative],
  ),
  // WGSL may assume that NaN and infinity do not occur, so only the bits tell.
  isFinite: real(
    "T((bitcast<u32>(a) & 0x7f800000u) != 0x7f800000u)",
    (a) => Number(Number.isFinite(a)),
    null,
  ),

  // Two operands.
  add: any("a + b", (a, b) => a + b, ["", ({ g }) => g], ["", ({ g }) => g]),
  sub: any("a - b", (a, b) => a - b, ["", ({ g }) => g], ["", ({ g }) => g.neg()]),
  mul: any("a * b", (a, b) => a * b, ["b", ({ g, b }) => g.mul(b)], ["a", ({ g, a }) => g.mul(a)]),
  div: any(
    "a / b",
    (a, b) => a / b,
    ["b", ({ g, b }) => g.div(b)],
    ["by", ({ g, b, y }) => g.mul(y).div(b).neg()],
  ),
  pow: real(
    POW,
    Math.pow,
    // The exponent 0 stays 0: the slope of a constant is 0 for the base 0 as well.
    ["ab", ({ g, a, b }) => g.mul(b.mul(a.pow(b.sub(b.ne(0)))))],
    // Where the base is 0 the power does not depend on a positive exponent.
    ["ay", ({ g, a, y }) => g.mul(y.mul(a.abs().maximum(1e-30).log()))],
  ),
  maximum: any(
    "max(a, b)",
    (a, b) => Math.max(a, b),
    ["ab", ({ g, a, b }) => share(g, a, b)],
    ["ab", ({ g, a, b }) => share(g, b, a)],
  ),
  minimum: any(
    "min(a, b)",
    (a, b) => Math.min(a, b),
    ["ab", ({ g, a, b }) => share(g, b, a)],
    ["ab", ({ g, a, b }) => share(g, a, b)],
  ),
  /** a where b > 0, else 0: how ReLU passes a gradient on. */
  gate: any("select(T(0), a, b > T(0))", (a, b) => b > 0 ? a : 0, [
    "b",
    ({ g, b }) => g.gate(b),
  ], null),
  leakyRelu: real(
    "select(a * b, a, a > 0.0)",
    (a, b) => a > 0 ? a : a * b,
    ["ab", ({ g, a, b }) => g.mul(a.gt(0).where(1, b))],
    ["a", ({ g, a }) => g.mul(a.minimum(0))],
  ),
  gt: any("T(a > b)", (a, b) => Number(a > b), null, null),
  ge: any("T(a >= b)", (a, b) => Number(a >= b), null, null),
  lt: any("T(a < b)", (a, b) => Number(a < b), null, null),
  le: any("T(a <= b)", (a, b) => Number(a <= b), null, null),
  eq: any("T(a == b)", (a, b) => Number(a === b), null, null),
  ne: any("T(a != b)", (a, b) => Number(a !== b), null, null),

  // Three operands.
  /** b where a is not 0, else c. */
  where: any(
    "select(c, b, a != T(0))",
    (a, b, c) => a !== 0 ? b : c,
    null,
    ["a", ({ g, a }) => g.mul(a.ne(0))],
    ["a", ({ g, a }) => g.mul(a.eq(0))],
  ),
  /** a held between b and c. */
  clamp: any(
    "min(max(a, b), c)",
    (a, b, c) => Math.min(Math.max(a, b), c),
    ["abc", ({ g, a, b, c }) => g.mul(a.ge(b).mul(a.le(c)))],
    null,
    null,
  ),
};
