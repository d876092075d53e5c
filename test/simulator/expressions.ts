// Expressions, compiled to functions of a frame.

import { bitcast, BUILTINS } from "./builtins.ts";
import { type Get, touch } from "./frame.ts";
import type { Memory } from "./memory.ts";
import type { AstNode } from "./parse.ts";
import {
  held,
  operation,
  partOf,
  scalar,
  type ScalarName,
  spread,
  strideOf,
  type Type,
  type Types,
  type Value,
  zeroOf,
} from "./types.ts";

/** An expression: its type, and how to find its value. */
export interface Typed {
  readonly type: Type;
  readonly get: Get;
}

/** A function of the shader. */
export interface Callable {
  readonly type: Type | undefined;
  readonly waits: boolean;
  /** Runs it where it does not wait. */
  call(args: readonly Value[], frame: Parameters<Get>[0]): Value | undefined;
}

/** What a name stands for. */
export type Named =
  | { readonly kind: "local" | "private"; readonly at: number; readonly type: Type }
  | { readonly kind: "shared"; readonly memory: Memory; readonly type: Type }
  | { readonly kind: "constant"; readonly value: Value; readonly type: Type };

/** Where names are looked up. */
export interface Names {
  readonly types: Types;
  find(name: string): Named;
  callable(name: string): Callable | undefined;
}

const PARTS = { x: 0, y: 1, z: 2, w: 3, r: 0, g: 1, b: 2, a: 3 } as const;

/** One step from a value to a part of it. */
interface Step {
  readonly type: Type;
  /** Index of the part in its value, and words from the start of the whole. */
  readonly index: Get;
  readonly stride: number;
}

/** The steps that follow a name: indices and members. */
function stepsOf(node: AstNode, type: Type, names: Names): readonly Step[] {
  const steps: Step[] = [];
  let postfix = node["postfix"] as AstNode | null | undefined, now = type;
  while (postfix) {
    if (postfix.astNodeType === "stringExpr") {
      const name = postfix["value"] as string;
      const [at, part] = memberOf(now, name);
      steps.push({ type: part, index: () => at, stride: 1 });
      now = part;
    } else {
      const index = expression(postfix["index"] as AstNode, names).get;
      const part = now.kind === "array" ? now.of : scalar(partOf(now));
      steps.push({ type: part, index, stride: strideOf(part) });
      now = part;
    }
    postfix = postfix["postfix"] as AstNode | null | undefined;
  }
  return steps;
}

function memberOf(type: Type, name: string): readonly [number, Type] {
  if (type.kind === "struct") {
    const at = type.fields.findIndex((field) => field.name === name);
    if (at >= 0) return [at, type.fields[at]!.type];
  }
  if (type.kind === "vector" && name in PARTS) return [PARTS[name as "x"], scalar(type.of)];
  throw new Error(`The simulator does not know the member ${name}`);
}

/** A place in shared memory: first word and how many. */
function placeOf(node: AstNode, type: Type, names: Names) {
  const steps = stepsOf(node, type, names), end = steps.at(-1)?.type ?? type;
  const word = (frame: Parameters<Get>[0]): number => {
    return steps.reduce((sum, { index, stride }) => sum + (index(frame) as number) * stride, 0);
  };
  const words = end.kind === "vector" ? end.count : 1;
  if (end.kind === "array" || end.kind === "struct") {
    throw new Error(`The simulator does not read whole ${end.kind}s of ${String(node["name"])}`);
  }
  return { word, words, type: end };
}

let sites = 0;

function siteOf(name: string): string {
  return `${name}, place ${++sites}`;
}

function readShared(node: AstNode, memory: Memory, type: Type, names: Names): Typed {
  const place = placeOf(node, type, names), site = siteOf(memory.name), { words } = place;
  const get: Get = (frame) => {
    const word = place.word(frame);
    touch(memory, frame, { site, kind: "read", word, words });
    const value = Array.from({ length: words }, (_, i) => memory.read(word + i, frame.by, site));
    return place.type.kind === "vector" ? value : value[0]!;
  };
  return { type: place.type, get };
}

/** A function that stores a value in what stands on the left of an assignment. */
export function storing(
  node: AstNode,
  names: Names,
): { readonly type: Type; readonly set: (frame: Parameters<Get>[0], value: Value) => void } {
  const found = names.find(node["name"] as string);
  if (found.kind === "constant") throw new Error("The simulator cannot assign to a constant");
  if (found.kind === "shared") {
    const place = placeOf(node, found.type, names), { memory } = found, { words } = place;
    const site = siteOf(memory.name);
    return {
      type: place.type,
      set(frame, value) {
        const word = place.word(frame), parts = Array.isArray(value) ? value : [value];
        touch(memory, frame, { site, kind: "write", word, words });
        parts.forEach((part, i) => memory.write(word + i, part as number, frame.by, site));
      },
    };
  }
  const steps = stepsOf(node, found.type, names);
  const variables = (frame: Parameters<Get>[0]) =>
    found.kind === "local" ? frame.slots : frame.by.privates;
  return {
    type: steps.at(-1)?.type ?? found.type,
    set(frame, value) {
      let holder = variables(frame), at = found.at;
      for (const { index } of steps) {
        holder = holder[at] as Value[];
        at = index(frame) as number;
      }
      holder[at] = value;
    },
  };
}

function variable(node: AstNode, names: Names): Typed {
  const found = names.find(node["name"] as string);
  if (found.kind === "shared") return readShared(node, found.memory, found.type, names);
  const { kind } = found, at = found.kind === "constant" ? 0 : found.at;
  const whole: Get = kind === "local"
    ? (frame) => frame.slots[at]!
    : kind === "private"
    ? (frame) => frame.by.privates[at]!
    : () => (found as { readonly value: Value }).value;
  return parted(node, { type: found.type, get: whole }, names);
}

/** A part of a value, if a part is asked for. */
function parted(node: AstNode, whole: Typed, names: Names): Typed {
  const steps = stepsOf(node, whole.type, names);
  if (steps.length === 0) return whole;
  return {
    type: steps.at(-1)!.type,
    get: (frame) => {
      let value = whole.get(frame);
      for (const { index } of steps) value = (value as Value[])[index(frame) as number]!;
      return value;
    },
  };
}

/** The type that two operands meet in: literals follow the other. */
function joint(a: Type, b: Type): ScalarName {
  const left = partOf(a), right = partOf(b);
  if (left === "int") return right === "int" ? "i32" : right;
  if (right !== "int" && right !== left) {
    throw new Error(`The simulator found an operation on ${left} and ${right}`);
  }
  return left;
}

const COMPARES = /^(<|>|<=|>=|==|!=)$/;

function binary(node: AstNode, names: Names): Typed {
  const left = expression(node["left"] as AstNode, names);
  const right = expression(node["right"] as AstNode, names);
  const operator = node["operator"] as string;
  if (operator === "&&") {
    return {
      type: scalar("bool"),
      get: (frame) => (left.get(frame) && right.get(frame)) as boolean,
    };
  }
  if (operator === "||") {
    return {
      type: scalar("bool"),
      get: (frame) => (left.get(frame) || right.get(frame)) as boolean,
    };
  }
  return combine(operator, left, right);
}

/** The value of an operator between two expressions. */
export function combine(operator: string, left: Typed, right: Typed): Typed {
  const name = joint(left.type, right.type), compute = operation(operator, name);
  const part = COMPARES.test(operator) ? "bool" : name;
  const vector = [left.type, right.type].find(({ kind }) => kind === "vector");
  const type: Type = vector?.kind === "vector"
    ? { kind: "vector", of: part, count: vector.count }
    : scalar(part);
  const { get: a } = left, { get: b } = right;
  if (vector === undefined) {
    return { type, get: (frame) => compute(a(frame) as number, b(frame) as number) };
  }
  const run = compute as (...parts: never[]) => number | boolean;
  return { type, get: (frame) => spread(run, [a(frame), b(frame)]) };
}

function construct(type: Type, args: readonly Typed[]): Typed {
  const gets = args.map(({ get }) => get);
  if (args.length === 0) return { type, get: () => zeroOf(type) };
  if (type.kind === "struct" || type.kind === "array") {
    return { type, get: (frame) => gets.map((get) => get(frame)) };
  }
  const name = partOf(type), from = args.map((arg) => partOf(arg.type));
  const convert = (value: Value, was: ScalarName): Value => {
    if (name === "bool") return Boolean(value);
    if (was === "f32" && name !== "f32") return held(name, Math.trunc(value as number));
    return held(name, Number(value));
  };
  if (type.kind === "scalar") return { type, get: (frame) => convert(gets[0]!(frame), from[0]!) };
  return {
    type,
    get: (frame) => {
      const parts = gets.flatMap((get, i) => {
        const value = get(frame);
        return (Array.isArray(value) ? value : [value]).map((it) => convert(it, from[i]!));
      });
      return parts.length === 1 ? Array.from({ length: type.count }, () => parts[0]!) : parts;
    },
  };
}

function call(node: AstNode, names: Names): Typed {
  const name = node["name"] as string;
  const args = (node["args"] as readonly AstNode[]).map((arg) => expression(arg, names));
  const struct = names.types.named(name);
  if (struct !== undefined) return construct(struct, args);
  const gets = args.map(({ get }) => get), own = names.callable(name);
  if (own !== undefined) {
    if (own.type === undefined) throw new Error(`The simulator wants a value of ${name}`);
    return { type: own.type, get: (frame) => own.call(gets.map((get) => get(frame)), frame)! };
  }
  if (["f32", "i32", "u32", "bool"].includes(name)) return construct(scalar(name as "f32"), args);
  const builtin = BUILTINS[name];
  if (builtin === undefined) throw new Error(`The simulator does not know the function ${name}`);
  const { run } = builtin;
  return {
    type: builtin.type(args.map(({ type }) => type)),
    get: (frame) => run(gets.map((get) => get(frame))),
  };
}

function literal(node: AstNode): Typed {
  const { typeInfo, data } = node["value"] as {
    readonly typeInfo: { readonly name: string };
    readonly data: ArrayLike<number>;
  };
  const names: Readonly<Record<string, ScalarName>> = {
    x32: "int",
    f32: "f32",
    u32: "u32",
    i32: "i32",
  };
  const name = names[typeInfo.name] ?? (typeInfo.name === "bool" ? "bool" : undefined);
  if (name === undefined) {
    throw new Error(`The simulator does not know literals of ${typeInfo.name}`);
  }
  const value = name === "bool" ? data[0] !== 0 : data[0]!;
  return { type: scalar(name), get: () => value };
}

/** Compiles an expression. */
export function expression(node: AstNode, names: Names): Typed {
  switch (node.astNodeType) {
    case "varExpr":
      return node["name"] === "true" || node["name"] === "false"
        ? { type: scalar("bool"), get: () => node["name"] === "true" }
        : variable(node, names);
    case "literalExpr":
      return literal(node);
    case "binaryOp":
      return parted(node, binary(node, names), names);
    case "unaryOp": {
      const { type, get } = expression(node["right"] as AstNode, names);
      const name = partOf(type), negate = node["operator"] === "-";
      return {
        type,
        get: (frame) => spread((it: number) => negate ? held(name, -it) : !it, [get(frame)]),
      };
    }
    case "createExpr": {
      const args = node["args"] as readonly AstNode[] | null ?? [];
      const type = names.types.of(node["type"] as AstNode);
      return parted(node, construct(type, args.map((arg) => expression(arg, names))), names);
    }
    case "callExpr":
      return parted(node, call(node, names), names);
    case "bitcastExpr": {
      const type = names.types.of(node["type"] as AstNode), to = partOf(type);
      const { type: was, get } = expression(node["value"] as AstNode, names), from = partOf(was);
      return { type, get: (frame) => bitcast(from, to, get(frame) as number) };
    }
    default:
      throw new Error(`The simulator does not know expressions of the kind ${node.astNodeType}`);
  }
}
