import { broadcastStrides, sameShape, sizeOf } from "../../shape.ts";
import type { Program, Spec } from "../kernel.ts";
import { declare, NOTHING, perElement, ravel, typeName, unravel } from "../wgsl.ts";
import type { ElementwiseFunction } from "./table.ts";

const LETTERS = ["a", "b", "c"] as const;

/** One invocation per element of y. */
export function elementwiseProgram(
  f: ElementwiseFunction,
  inputs: readonly Spec[],
  y: Spec,
): Program {
  const size = sizeOf(y.shape);
  if (size === 0) return NOTHING;
  const indices = inputs.map(({ shape }) => {
    if (sameShape(shape, y.shape)) return "i";
    return sizeOf(shape) === 1 ? "0u" : ravel("x", broadcastStrides(shape, y.shape));
  });
  const coordinates = indices.every((index) => index === "i" || index === "0u")
    ? ""
    : unravel("i", "x", y.shape);
  const loads = indices.map((index, k) => `  let ${LETTERS[k]} = in_${LETTERS[k]}[${index}];`);
  const operands = inputs.map((input, k) => [`in_${LETTERS[k]}`, input] as const);
  return {
    dispatches: [perElement({
      size,
      declarations: `alias T = ${typeName(y.dtype)};\n${
        declare([...operands, ["out_y", y]], inputs.length)
      }`,
      operands: [...inputs.keys(), inputs.length],
      body: [coordinates, ...loads, `  out_y[i] = ${f.wgsl};`].filter(Boolean).join("\n"),
    })],
  };
}
