/**
 * A call of matmul on WebGPU, as its candidates see it.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import type { Epilogue } from "../epilogue.ts";
import type { Program, Spec, WayFigures } from "../kernel.ts";
import { type MatmulParams, type MatmulSizes, matmulSizes } from "./sizes.ts";

/** Sizes and parameters of a call. */
export interface MatmulCall {
  readonly sizes: MatmulSizes;
  readonly params: MatmulParams;
  /** Products side by side. */
  readonly planes: number;
}

/** A way to compute a call. */
export interface Way {
  readonly name: string;
  readonly waits: boolean;
  figures(call: MatmulCall): WayFigures;
  program(call: MatmulCall, epilogue: Epilogue): Program;
}

/** A call; a batch that shares B is one product with more rows. */
export function callOf([a, b]: readonly Spec[], params: MatmulParams): MatmulCall {
  const sizes = matmulSizes(a!, b!, params), planes = sizeOf(sizes.batch);
  const { M, K, batchStridesB } = sizes;
  const dense = sizeOf(a!.shape) === planes * M * K;
  const shared = batchStridesB.every((stride) => stride === 0);
  if (params.transposeA || params.columnSums || !dense || !shared) return { sizes, params, planes };
  const joined = { ...sizes, M: M * planes, batch: [], batchStridesA: [], batchStridesB: [] };
  return { sizes: joined, params, planes: 1 };
}
