// Products for the tests of matmul, and how a test binds the operands of an epilogue.

import type { Kernel, MatmulParams, Program, Spec } from "../../src/kernels/mod.ts";
import type { Shape } from "../../src/shape.ts";
import { uniform } from "./cpu.ts";
import type { HostTensor } from "./parity.ts";

/** The sizes of a product, and what lies across. */
export interface Product {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly columnSums?: boolean;
  readonly batchA?: Shape;
  readonly batchB?: Shape;
}

/** Shapes of its operands. */
export function shapesOf(product: Product): readonly [Shape, Shape] {
  const { M, N, K, transposeA, transposeB, batchA = [], batchB = [] } = product;
  return [
    [...batchA, ...(transposeA ? [K, M] : [M, K])],
    [...batchB, ...(transposeB ? [N, K] : [K, N])],
  ];
}

/** What a kernel is told of a product. */
export function paramsOf(product: Product): MatmulParams {
  const { transposeA = false, transposeB = false, columnSums } = product;
  return { transposeA, transposeB, ...columnSums === undefined ? {} : { columnSums } };
}

/** Numbers to multiply. */
export function productOf(
  product: Product,
): { readonly inputs: readonly HostTensor[]; readonly params: MatmulParams } {
  const inputs = shapesOf(product).map((shape, i) => uniform(shape, i + 1));
  return { inputs, params: paramsOf(product) };
}

/** Shapes and types without the numbers. */
export function specsOf(tensors: readonly HostTensor[]): readonly Spec[] {
  return tensors.map(({ shape, dtype }) => ({ shape, dtype }));
}

/**
 * A kernel whose inputs after the first `own` are the operands of its epilogue: places -1, -2 of
 * its dispatches become own, own + 1, and those of outputs and of scratch memory follow.
 */
export function bindEpilogue<P>(kernel: Kernel<P>, own: number): Kernel<P> {
  return {
    ...kernel,
    outputs: (inputs, params) => kernel.outputs(inputs.slice(0, own), params),
    webgpu(inputs, specs, params): Program {
      const { scratch = [], dispatches } = kernel.webgpu(inputs, specs, params);
      const more = inputs.length - own;
      return {
        scratch,
        dispatches: dispatches.map((dispatch) => ({
          ...dispatch,
          operands: dispatch.operands.map((place) => {
            if (place < 0) return own - 1 - place;
            return place < own ? place : place + more;
          }),
        })),
      };
    },
  };
}
