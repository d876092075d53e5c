// Functions of WGSL that the shaders call.

import { partOf, scalar, spread, type Type, type Value } from "./types.ts";

interface Builtin {
  /** Type of the result, from those of the arguments. */
  type(args: readonly Type[]): Type;
  run(args: readonly Value[]): Value;
}

type Numbers = (...parts: number[]) => number | boolean;

/** A function of f32 or integers, over vectors too. */
function each(compute: Numbers, at = 0): Builtin {
  const run = compute as (...parts: never[]) => number | boolean;
  return { type: (args) => args[at]!, run: (args) => spread(run, args) };
}

function real(compute: (...parts: number[]) => number): Builtin {
  return each((...parts) => Math.fround(compute(...parts)));
}

export const BUILTINS: Readonly<Record<string, Builtin>> = {
  abs: each(Math.abs),
  exp: real(Math.exp),
  log: real(Math.log),
  sqrt: real(Math.sqrt),
  inverseSqrt: real((x) => 1 / Math.sqrt(x)),
  floor: real(Math.floor),
  min: each(Math.min),
  max: each(Math.max),
  fma: real((a, b, c) => a * b + c),
  clamp: each((x, low, high) => Math.min(Math.max(x!, low!), high!)),
  select: {
    type: (args) => args[0]!,
    run: ([no, yes, condition]) => {
      if (!Array.isArray(condition)) return condition ? yes! : no!;
      return condition.map((it, i) => (it ? yes as Value[] : no as Value[])[i]!);
    },
  },
  dot: {
    type: (args) => scalar(partOf(args[0]!)),
    run: ([a, b]) => {
      const right = b as number[];
      return (a as number[]).reduce(
        (sum, it, i) => Math.fround(sum + Math.fround(it * right[i]!)),
        0,
      );
    },
  },
};

const words = new DataView(new ArrayBuffer(4));

/** The same bits as another scalar type. */
export function bitcast(from: string, to: string, value: number): number {
  if (from === "f32") words.setFloat32(0, value);
  else words.setUint32(0, value >>> 0);
  if (to === "f32") return words.getFloat32(0);
  return to === "u32" ? words.getUint32(0) : words.getInt32(0);
}
