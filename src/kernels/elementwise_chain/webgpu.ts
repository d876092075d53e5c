import { broadcastStrides, sameShape, type Shape, sizeOf } from "../../shape.ts";
import { ELEMENTWISE } from "../elementwise/table.ts";
import type { Epilogue } from "../epilogue.ts";
import type { Program, Spec } from "../kernel.ts";
import { declare, NOTHING, perElement, ravel, typeName, unravel } from "../wgsl.ts";
import type { ChainParams, ChainStep } from "./kernel.ts";

const LETTERS = ["a", "b", "c"] as const;

/** Where the element of an operand lies that goes into element i of the result. */
function indexOf(from: Shape, to: Shape): string {
  if (sameShape(from, to)) return "i";
  return sizeOf(from) === 1 ? "0u" : ravel("x", broadcastStrides(from, to));
}

/**
 * Step `at` as a block of its own, so that the letters of the table are its own as well. Where
 * operand 0 is a `value` that is there already, it is not read.
 */
function stepText(step: ChainStep, at: number, inputs: readonly Spec[], value?: string): string {
  const { name, shape } = step;
  const reads = step.inputs.map((source) => {
    if ("step" in source) return `s${source.step}`;
    if (source.external === 0 && value !== undefined) return value;
    return `in_${source.external}[${indexOf(inputs[source.external]!.shape, shape)}]`;
  });
  return [
    `  var s${at}: T;`,
    "  {",
    reads.some((read) => read.includes("x")) ? unravel("i", "x", shape) : "",
    ...reads.map((read, k) => `  let ${LETTERS[k]} = ${read};`),
    `  s${at} = ${ELEMENTWISE[name].wgsl};`,
    "  }",
  ].filter(Boolean).join("\n");
}

/** Steps as an epilogue over operand 0, whose elements are not read again; the last is stored. */
export function chainEpilogue(inputs: readonly Spec[], steps: readonly ChainStep[]): Epilogue {
  return {
    operands: inputs.slice(1).map((input, k) => [`in_${k + 1}`, input]),
    functions: `alias T = f32;
fn epilogue(i: u32, value: f32) -> f32 {
${steps.map((step, at) => stepText(step, at, inputs, "value")).join("\n")}
  return s${steps.length - 1};
}
`,
  };
}

/** One invocation per element; what steps hand on stays in registers. */
export function chainProgram(
  inputs: readonly Spec[],
  outputs: readonly Spec[],
  { steps, results }: ChainParams,
): Program {
  const size = sizeOf(steps[0]!.shape);
  if (size === 0 || results.length === 0) return NOTHING;
  const operands = [
    ...inputs.map((input, k) => [`in_${k}`, input] as const),
    ...outputs.map((output, k) => [`out_${k}`, output] as const),
  ];
  return {
    dispatches: [perElement({
      size,
      declarations: `alias T = ${typeName(inputs[0]!.dtype)};\n${declare(operands, inputs.length)}`,
      operands: [...operands.keys()],
      body: [
        ...steps.map((step, at) => stepText(step, at, inputs)),
        ...results.map((step, k) => `  out_${k}[i] = s${step};`),
      ].join("\n"),
    })],
  };
}
