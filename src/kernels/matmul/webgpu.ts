/**
 * Matrix products on WebGPU: a ladder of candidates, from webgpu_naive.ts over webgpu_tiled.ts to
 * webgpu_blocked.ts, and beside it what small, thin and software need. choose.ts orders them.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import { type Epilogue, NO_EPILOGUE } from "../epilogue.ts";
import type { Candidate, Program, Spec } from "../kernel.ts";
import { NOTHING } from "../wgsl.ts";
import { callOf } from "./call.ts";
import { waysOf } from "./choose.ts";
import type { MatmulParams } from "./sizes.ts";

const EMPTY: Candidate = { name: "nothing to do", waits: false, program: () => NOTHING };

/** All ways of a product, best first. */
export function matmulCandidates(
  inputs: readonly Spec[],
  outputs: readonly Spec[],
  params: MatmulParams,
): readonly Candidate[] {
  if (outputs.every(({ shape }) => sizeOf(shape) === 0)) return [EMPTY];
  const call = callOf(inputs, params);
  return waysOf(call).map(({ name, waits, figures, program }): Candidate => ({
    name,
    waits,
    figures: figures(call),
    program: (epilogue: Epilogue = NO_EPILOGUE) => program(call, epilogue),
  }));
}

/** The product the way that comes first. */
export function matmulProgram(
  inputs: readonly Spec[],
  outputs: readonly Spec[],
  { params, epilogue }: { readonly params: MatmulParams; readonly epilogue: Epilogue | undefined },
): Program {
  return matmulCandidates(inputs, outputs, params)[0]!.program(epilogue);
}
