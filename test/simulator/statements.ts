// Statements, compiled to functions of a frame; those that reach a barrier become generators, which stop
// there until all invocations have come.

import { combine, expression, type Names, storing, type Typed } from "./expressions.ts";
import type { Act, End, Frame, Get } from "./frame.ts";
import type { AstNode } from "./parse.ts";
import { copyOf, scalar, type Type, type Value, zeroOf } from "./types.ts";

/** What statements need of the function around them. */
export interface Scope extends Names {
  /** A new variable; its number. */
  declare(name: string, type: Type): number;
  /** Runs something in which names are declared that do not last. */
  within<T>(make: () => T): T;
  /** Whether a function reaches a barrier. */
  waits(name: string): boolean;
  /** Runs a function that does. */
  callWaiting(name: string, args: readonly Value[], frame: Frame): Generator<string, Value, void>;
}

const BARRIERS = ["workgroupBarrier", "storageBarrier"];

let barriers = 0;

/** The calls in a tree that reach barriers, in their order, innermost first. */
function waitingCalls(node: unknown, scope: Scope): AstNode[] {
  if (Array.isArray(node)) return node.flatMap((it) => waitingCalls(it, scope));
  if (typeof node !== "object" || node === null) return [];
  const inner = Object.values(node).flatMap((it) => waitingCalls(it, scope));
  const { astNodeType, name } = node as AstNode;
  const waits = astNodeType === "callExpr" && scope.waits(String(name));
  return waits ? [...inner, node as AstNode] : inner;
}

/** Calls that wait are made before the statement, each into a variable that stands in its place. */
function hoist(node: AstNode, scope: Scope): readonly Act[] {
  return waitingCalls(node, scope).map((call): Act => {
    const name = String(call["name"]), own = scope.callable(name)!;
    const args = (call["args"] as readonly AstNode[]).map((arg) => expression(arg, scope).get);
    const variable = `result of ${name} ${++barriers}`, at = scope.declare(variable, own.type!);
    const become = call as { astNodeType: string; name: string };
    Object.defineProperty(become, "astNodeType", { value: "varExpr" });
    become.name = variable;
    return {
      waits: true,
      *run(frame) {
        frame.slots[at] = yield* scope.callWaiting(name, args.map((get) => get(frame)), frame);
        return undefined;
      },
    };
  });
}

/** Several statements as one. */
export function sequence(acts: readonly Act[]): Act {
  if (acts.every(({ waits }) => !waits)) {
    const all = acts as readonly (Act & { readonly waits: false })[];
    return {
      waits: false,
      run(frame) {
        for (const act of all) {
          const end = act.run(frame);
          if (end !== undefined) return end;
        }
        return undefined;
      },
    };
  }
  return {
    waits: true,
    *run(frame) {
      for (const act of acts) {
        const end: End = act.waits ? yield* act.run(frame) : act.run(frame);
        if (end !== undefined) return end;
      }
      return undefined;
    },
  };
}

function simple(run: (frame: Frame) => End): Act {
  return { waits: false, run };
}

function assign(node: AstNode, scope: Scope): Act {
  const target = node["variable"] as AstNode, { set } = storing(target, scope);
  const operator = node["operator"] as string, right = expression(node["value"] as AstNode, scope);
  const value: Get = operator === "="
    ? right.get
    : combine(operator.slice(0, -1), expression(target, scope), right).get;
  return simple((frame) => {
    set(frame, copyOf(value(frame)));
    return undefined;
  });
}

function increment(node: AstNode, scope: Scope): Act {
  const target = node["variable"] as AstNode, { set } = storing(target, scope);
  const one: Typed = { type: scalar("int"), get: () => 1 };
  const operator = (node["operator"] as string)[0]!;
  const { get } = combine(operator, expression(target, scope), one);
  return simple((frame) => {
    set(frame, get(frame));
    return undefined;
  });
}

function declaration(node: AstNode, scope: Scope): Act {
  const given = node["value"] as AstNode | null, written = node["type"] as AstNode | null;
  const value = given ? expression(given, scope) : undefined;
  const own = value?.type, literal = own?.kind === "scalar" && own.name === "int";
  const type = written ? scope.types.of(written) : literal ? scalar("i32") : own!;
  const at = scope.declare(node["name"] as string, type);
  return simple((frame) => {
    frame.slots[at] = value === undefined ? zeroOf(type) : copyOf(value.get(frame));
    return undefined;
  });
}

function branch(node: AstNode, scope: Scope): Act {
  const arms = [node, ...(node["elseif"] as readonly AstNode[] | null ?? [])].map((arm) => ({
    condition: expression(arm["condition"] as AstNode, scope).get,
    body: block(arm["body"] as readonly AstNode[], scope),
  }));
  const rest = block((node["else"] as readonly AstNode[] | null) ?? [], scope);
  const chosen = (frame: Frame) => arms.find(({ condition }) => condition(frame))?.body ?? rest;
  if ([...arms.map(({ body }) => body), rest].every(({ waits }) => !waits)) {
    return simple((frame) => chosen(frame).run(frame) as End);
  }
  return {
    waits: true,
    *run(frame) {
      const body = chosen(frame);
      return body.waits ? yield* body.run(frame) : body.run(frame);
    },
  };
}

/** Loops that never end are a fault of the shader, not of the test. */
const MOST_TURNS = 1e6;

function loop(node: AstNode, scope: Scope): Act {
  return scope.within(() => {
    const init = node["init"] as AstNode | null, next = node["increment"] as AstNode | null;
    const first = init ? statement(init, scope) : simple(() => undefined);
    const condition = node["condition"] as AstNode | null;
    const goes = condition ? expression(condition, scope).get : () => true;
    const step = next ? statement(next, scope) : simple(() => undefined);
    const body = block(node["body"] as readonly AstNode[], scope);
    if (first.waits || step.waits) throw new Error("The simulator knows no barriers in loop heads");
    const check = (turn: number): void => {
      if (turn > MOST_TURNS) throw new Error("A loop of the shader does not end");
    };
    if (!body.waits) {
      return simple((frame) => {
        first.run(frame);
        for (let turn = 0; goes(frame); step.run(frame)) {
          check(turn++);
          const end = body.run(frame);
          if (end === "break") break;
          if (end === "return") return end;
        }
        return undefined;
      });
    }
    return {
      waits: true,
      *run(frame) {
        first.run(frame);
        for (let turn = 0; goes(frame); step.run(frame)) {
          check(turn++);
          const end = yield* body.run(frame);
          if (end === "break") break;
          if (end === "return") return end;
        }
        return undefined;
      },
    };
  });
}

function callStatement(node: AstNode, scope: Scope): Act {
  const name = node["name"] as string;
  if (BARRIERS.includes(name)) {
    const place = `${name} ${++barriers}`;
    return {
      waits: true,
      *run() {
        yield place;
        return undefined;
      },
    };
  }
  const args = (node["args"] as readonly AstNode[]).map((arg) => expression(arg, scope).get);
  const own = scope.callable(name);
  if (own === undefined) throw new Error(`The simulator does not know the function ${name}`);
  if (own.waits) {
    return {
      waits: true,
      *run(frame) {
        yield* scope.callWaiting(name, args.map((get) => get(frame)), frame);
        return undefined;
      },
    };
  }
  return simple((frame) => {
    own.call(args.map((get) => get(frame)), frame);
    return undefined;
  });
}

function plain(node: AstNode, scope: Scope): Act {
  switch (node.astNodeType) {
    case "var":
    case "let":
    case "const":
      return declaration(node, scope);
    case "assign":
      return assign(node, scope);
    case "increment":
      return increment(node, scope);
    case "call":
      return callStatement(node, scope);
    case "if":
      return branch(node, scope);
    case "for":
    case "while":
    case "loop":
      return loop(node, scope);
    case "break":
    case "continue": {
      const end = node.astNodeType;
      return simple(() => end);
    }
    case "return": {
      const given = node["value"] as AstNode;
      // The parser makes an expression without a type of nothing.
      const value = given["type"] === null ? undefined : expression(given, scope).get;
      return simple((frame) => {
        frame.returned = value?.(frame);
        return "return";
      });
    }
    default:
      throw new Error(`The simulator does not know statements of the kind ${node.astNodeType}`);
  }
}

const WITH_BODIES = ["if", "for", "while", "loop"];

/** Compiles a statement. */
export function statement(node: AstNode, scope: Scope): Act {
  // Bodies look after their own calls.
  const calls = WITH_BODIES.includes(node.astNodeType) ? [] : hoist(node, scope);
  const own = plain(node, scope);
  return calls.length === 0 ? own : sequence([...calls, own]);
}

/** Compiles statements whose names do not last. */
export function block(nodes: readonly AstNode[], scope: Scope): Act {
  return scope.within(() => sequence(nodes.map((node) => statement(node, scope))));
}
