// Types of WGSL, as far as the shaders use them, and arithmetic on their values: numbers, booleans, and
// arrays of them for vectors, arrays and structures.

import type { AstNode } from "./parse.ts";

export type ScalarName = "f32" | "i32" | "u32" | "bool" | "int";

/** A type. "int" is that of a literal without a suffix. */
export type Type =
  | { readonly kind: "scalar"; readonly name: ScalarName }
  | { readonly kind: "vector"; readonly of: ScalarName; readonly count: number }
  | { readonly kind: "array"; readonly of: Type; readonly count: number }
  | { readonly kind: "struct"; readonly name: string; readonly fields: readonly Field[] };

interface Field {
  readonly name: string;
  readonly type: Type;
}

export type Value = number | boolean | Value[];

export const scalar = (name: ScalarName): Type => ({ kind: "scalar", name });

const SHORT = { f: "f32", i: "i32", u: "u32" } as const;

/** Structures and aliases of a shader, and the types that stand in its tree. */
export class Types {
  readonly #named: Map<string, Type> = new Map();

  declare(node: AstNode): void {
    if (node.astNodeType === "struct") {
      const members = node["members"] as readonly AstNode[];
      const fields = members.map((member) => {
        return { name: member["name"] as string, type: this.of(member["type"] as AstNode) };
      });
      this.#named.set(node["name"] as string, {
        kind: "struct",
        name: node["name"] as string,
        fields,
      });
    }
    if (node.astNodeType === "alias") {
      this.#named.set(node["name"] as string, this.of(node["type"] as AstNode));
    }
  }

  /** A structure, if there is one of that name. */
  named(name: string): Type | undefined {
    return this.#named.get(name);
  }

  of(node: AstNode): Type {
    const name = node["name"] as string, format = node["format"] as AstNode | undefined;
    if (node.astNodeType === "array") {
      return { kind: "array", of: this.of(format!), count: node["count"] as number };
    }
    const short = /^vec([234])([fiu])$/.exec(name);
    if (short !== null) {
      return { kind: "vector", of: SHORT[short[2] as "f"], count: Number(short[1]) };
    }
    const long = /^vec([234])$/.exec(name);
    if (long !== null) {
      return { kind: "vector", of: format!["name"] as ScalarName, count: Number(long[1]) };
    }
    const named = this.#named.get(name);
    if (named !== undefined) return named;
    if (["f32", "i32", "u32", "bool"].includes(name)) return scalar(name as ScalarName);
    throw new Error(`The simulator does not know the type ${name}`);
  }
}

/** Words of 4 bytes from one element of a type to the next. */
export function strideOf(type: Type): number {
  switch (type.kind) {
    case "scalar":
      return 1;
    case "vector":
      return type.count === 3 ? 4 : type.count;
    case "array":
      return type.count * strideOf(type.of);
    case "struct":
      return type.fields.reduce((sum, { type }) => sum + strideOf(type), 0);
  }
}

/** The zero value. */
export function zeroOf(type: Type): Value {
  switch (type.kind) {
    case "scalar":
      return type.name === "bool" ? false : 0;
    case "vector":
      return Array.from({ length: type.count }, () => type.of === "bool" ? false : 0);
    case "array":
      return Array.from({ length: type.count }, () => zeroOf(type.of));
    case "struct":
      return type.fields.map(({ type }) => zeroOf(type));
  }
}

/** A copy that can be changed alone. */
export function copyOf(value: Value): Value {
  return Array.isArray(value) ? value.map(copyOf) : value;
}

/** The name of the scalars in a scalar or a vector. */
export function partOf(type: Type): ScalarName {
  if (type.kind === "scalar") return type.name;
  if (type.kind === "vector") return type.of;
  throw new Error(`The simulator cannot compute with a ${type.kind}`);
}

/** A number as a scalar type holds it. */
export function held(name: ScalarName, value: number): number {
  if (name === "f32") return Math.fround(value);
  return name === "u32" ? value >>> 0 : value | 0;
}

type Compute = (a: number, b: number) => number | boolean;

const COMPARE: Readonly<Record<string, Compute>> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
};

/** How two scalars of a type are computed with; division by 0 is what WGSL says. */
export function operation(operator: string, name: ScalarName): Compute {
  const compare = COMPARE[operator];
  if (compare !== undefined) return compare;
  const keep = (value: number): number => held(name, value);
  const whole = name !== "f32";
  switch (operator) {
    case "+":
      return (a, b) => keep(a + b);
    case "-":
      return (a, b) => keep(a - b);
    case "*":
      return whole ? (a, b) => keep(Math.imul(a, b)) : (a, b) => keep(a * b);
    case "/":
      return whole ? (a, b) => b === 0 ? a : keep(Math.trunc(a / b)) : (a, b) => keep(a / b);
    case "%":
      return whole ? (a, b) => b === 0 ? 0 : keep(a % b) : (a, b) => keep(a % b);
    case "|":
      return (a, b) => keep(a | b);
    case "&":
      return (a, b) => keep(a & b);
    case "^":
      return (a, b) => keep(a ^ b);
    case "<<":
      return (a, b) => keep(a << b);
    case ">>":
      return name === "u32" ? (a, b) => a >>> b : (a, b) => a >> b;
    default:
      throw new Error(`The simulator does not know the operator ${operator}`);
  }
}

/** A function of parts, over scalars and vectors; scalars serve all parts. */
export function spread(
  compute: (...parts: never[]) => number | boolean,
  values: readonly Value[],
): Value {
  const vector = values.find(Array.isArray) as Value[] | undefined;
  if (vector === undefined) return compute(...values as never[]);
  return vector.map((_, i) => {
    return compute(...values.map((it) => Array.isArray(it) ? it[i] : it) as never[]);
  });
}
