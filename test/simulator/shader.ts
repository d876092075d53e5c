// A shader, ready to run: its functions, its variables, and its entry point.

import type { Callable, Named } from "./expressions.ts";
import { expression } from "./expressions.ts";
import type { Frame, Invocation } from "./frame.ts";
import { type Fault, Memory } from "./memory.ts";
import { type AstNode, parse } from "./parse.ts";
import { block, type Scope } from "./statements.ts";
import { copyOf, strideOf, type Type, Types, type Value, zeroOf } from "./types.ts";

/** What a shader works on. */
export interface Bound {
  /** Words of every binding. */
  readonly bindings: readonly (Float32Array | Int32Array | Uint32Array)[];
  readonly faults: Fault[];
}

/** A shader with its memory. */
export interface Shader {
  readonly size: readonly [number, number, number];
  readonly workgroupMemory: readonly Memory[];
  readonly storage: readonly Memory[];
  /** Starts an invocation, which stops at every barrier and names it. */
  start(by: Omit<Invocation, "privates">): Generator<string, unknown, void>;
}

type Body = ReturnType<typeof block>;

/** A function, once it is compiled. */
interface Compiled {
  readonly type: Type | undefined;
  readonly parameters: readonly { readonly name: string; readonly type: Type }[];
  readonly body: Body;
}

/** Compiles a shader and binds its memory. */
export function shaderOf(code: string, { bindings, faults }: Bound): Shader {
  const nodes = parse(code), types = new Types();
  for (const node of nodes) types.declare(node);
  const globals = new Map<string, Named>(), privates: { type: Type; value: Value }[] = [];
  const storage: Memory[] = [], workgroupMemory: Memory[] = [];
  const functions = new Map<string, AstNode>(), compiled = new Map<string, Compiled>();

  const names = {
    types,
    find(name: string): Named {
      const found = globals.get(name);
      if (found === undefined) throw new Error(`The simulator does not know the name ${name}`);
      return found;
    },
    callable: (name: string): Callable | undefined => {
      if (!functions.has(name)) return undefined;
      const { type, body: { waits } } = functionOf(name);
      return { type, waits, call: (args, frame) => run(name, args, frame.by) };
    },
  };

  function functionOf(name: string): Compiled {
    const known = compiled.get(name);
    if (known !== undefined) return known;
    const node = functions.get(name)!;
    const given = (node["args"] as readonly AstNode[]).map((arg) => ({
      name: arg["name"] as string,
      type: types.of(arg["type"] as AstNode),
    }));
    const scope = scopeOf(given);
    const result = node["returnType"] as AstNode | null;
    const made = {
      type: result ? types.of(result) : undefined,
      parameters: given,
      body: block(node["body"] as readonly AstNode[], scope),
    };
    compiled.set(name, made);
    return made;
  }

  function scopeOf(parameters: Compiled["parameters"]): Scope {
    let locals = new Map<string, Named>(), slots = 0;
    const declare = (name: string, type: Type): number => {
      locals.set(name, { kind: "local", at: slots, type });
      return slots++;
    };
    for (const { name, type } of parameters) declare(name, type);
    return {
      ...names,
      find: (name) => locals.get(name) ?? names.find(name),
      declare,
      within(make) {
        const outer = locals;
        locals = new Map(outer);
        try {
          return make();
        } finally {
          locals = outer;
        }
      },
      waits: (name) => functions.has(name) && functionOf(name).body.waits,
      callWaiting: (name, args, frame) => runWaiting(name, args, frame.by),
    };
  }

  function frameOf(args: readonly Value[], by: Invocation): Frame {
    return { slots: args.map(copyOf), by, returned: undefined };
  }

  function run(name: string, args: readonly Value[], by: Invocation): Value | undefined {
    const { body } = functionOf(name), frame = frameOf(args, by);
    if (body.waits) throw new Error(`The simulator meets a barrier inside of ${name}`);
    body.run(frame);
    return frame.returned;
  }

  function* runWaiting(
    name: string,
    args: readonly Value[],
    by: Invocation,
  ): Generator<string, Value, void> {
    const { body } = functionOf(name), frame = frameOf(args, by);
    if (body.waits) yield* body.run(frame);
    else body.run(frame);
    return frame.returned!;
  }

  for (const node of nodes) {
    const name = node["name"] as string;
    if (node.astNodeType === "function") functions.set(name, node);
    if (node.astNodeType === "const") {
      const { type, get } = expression(node["value"] as AstNode, names);
      globals.set(name, { kind: "constant", type, value: get(undefined as never) });
    }
    if (node.astNodeType !== "var") continue;
    const type = types.of(node["type"] as AstNode);
    if (node["storage"] === "private") {
      globals.set(name, { kind: "private", at: privates.length, type });
      const value = node["value"] as AstNode | null;
      const first = value ? expression(value, names).get(undefined as never) : zeroOf(type);
      privates.push({ type, value: first });
    } else if (node["storage"] === "workgroup") {
      const words = strideOf(type), data = dataFor(type, words);
      const memory = new Memory(name, "workgroup", { data, faults });
      workgroupMemory.push(memory);
      globals.set(name, { kind: "shared", memory, type });
    } else {
      const attributes = node["attributes"] as readonly AstNode[];
      const binding = attributes.find((it) => it["name"] === "binding")!["value"];
      const data = bindings[Number(binding)];
      if (data === undefined) throw new Error(`Nothing is bound to ${name}`);
      const memory = new Memory(name, "storage", { data, faults });
      storage.push(memory);
      globals.set(name, { kind: "shared", memory, type });
    }
  }
  const main = functions.get("main")!;
  const [x = 1, y = 1, z = 1] = sizesOf(main);
  const inputs = (main["args"] as readonly AstNode[]).map((arg) => {
    return (arg["attributes"] as readonly AstNode[])[0]!["value"] as string;
  });
  return {
    size: [x, y, z],
    workgroupMemory,
    storage,
    start(by) {
      const own = { ...by, privates: privates.map(({ value }) => copyOf(value)) };
      const args = inputs.map((input) => by.builtins[input]!);
      return runWaiting("main", args, own);
    },
  };
}

function sizesOf(main: AstNode): number[] {
  const attributes = main["attributes"] as readonly AstNode[];
  const value = attributes.find((it) => it["name"] === "workgroup_size")!["value"];
  return (Array.isArray(value) ? value : [value]).map(Number);
}

function dataFor(type: Type, words: number): Float32Array | Int32Array | Uint32Array {
  let part = type;
  while (part.kind === "array") part = part.of;
  const name = part.kind === "scalar" ? part.name : part.kind === "vector" ? part.of : "f32";
  if (name === "u32") return new Uint32Array(words);
  return name === "i32" ? new Int32Array(words) : new Float32Array(words);
}
