/**
 * What the ways that compute a block per invocation have in common: the loops over its sums, how it
 * is stored, and what its dispatch binds.
 *
 * @module
 */
import { type Epilogue, epiloguePlaces, epilogueText } from "../epilogue.ts";
import type { Program } from "../kernel.ts";
import { declareVectors, finishedVector, repeat, type Width } from "../vectors.ts";
import { perElement, wgsl } from "../wgsl.ts";
import type { Block } from "./block.ts";

/** Lines for every pixel and vector of a block. */
export function each({ rows, vectors }: Block, make: (p: number, v: number) => string): string {
  return repeat(rows, (p) => repeat(vectors, (v) => make(p, v)));
}

/** Lines that finish the sums of a block and store those of the pixels that there are. */
export function storeBlock(
  block: Block,
  { into, lanes, isThere, place }: {
    /** Name of the buffer. */
    readonly into: string;
    /** Numbers of its vectors. */
    readonly lanes: Width;
    /** WGSL of whether pixel p exists. */
    readonly isThere: (p: number) => string;
    /** WGSL of the place of its first vector. */
    readonly place: (p: number) => string;
  },
): string {
  return repeat(block.rows, (p) =>
    wgsl`  if (${isThere(p)}) {
    let to${p} = ${place(p)};
${
      repeat(block.vectors, (v) => {
        const at = `(to${p} + ${v}u) * ${lanes}u`;
        return `    ${into}[to${p} + ${v}u] = ${finishedVector(lanes, at, `sum${p}_${v}`)};`;
      })
    }
  }`);
}

/** One dispatch of `size` invocations over two inputs and a result, with what the epilogue reads. */
export function blockProgram(
  body: string,
  { size, operands, epilogue }: {
    readonly size: number;
    /** Name of each operand, and the numbers of its vectors. */
    readonly operands: readonly (readonly [name: string, width: Width])[];
    readonly epilogue: Epilogue;
  },
): Program {
  return {
    dispatches: [perElement({
      size,
      declarations: wgsl`${declareVectors(operands, 2)}
${epilogueText(epilogue, 3)}`,
      operands: [0, 1, 2, ...epiloguePlaces(epilogue)],
      body,
    })],
  };
}
