/**
 * Epilogues: what else is done with each element of a result before it is stored, so that a bias, a
 * ReLU or the gradient of one does not pass over memory again.
 *
 * @module
 */
import type { Spec } from "./kernel.ts";
import { typeName } from "./wgsl.ts";

/** What a shader does with the elements of its result. */
export interface Epilogue {
  /** What it reads beside the element, by name; bound read-only, after all other operands. */
  readonly operands: readonly (readonly [name: string, spec: Spec])[];
  /** WGSL of `fn epilogue(at: u32, value: f32) -> f32`, for the element at flat index `at`. */
  readonly functions: string;
}

/** Stores elements as they are. */
export const NO_EPILOGUE: Epilogue = {
  operands: [],
  functions: "fn epilogue(at: u32, value: f32) -> f32 { return value; }\n",
};

/** The declarations and functions of an epilogue, whose first operand is bound at `binding`. */
export function epilogueText({ operands, functions }: Epilogue, binding: number): string {
  const declared = operands.map(([name, { dtype }], k) => {
    const type = `array<${typeName(dtype)}>`;
    return `@group(0) @binding(${binding + k}) var<storage, read> ${name}: ${type};`;
  });
  return [...declared, functions].join("\n");
}

/**
 * The places of an epilogue's operands in a dispatch: -1 for the first, -2 for the second. They
 * follow the kernel's own operands.
 */
export function epiloguePlaces({ operands }: Epilogue): readonly number[] {
  return operands.map((_, k) => -1 - k);
}
