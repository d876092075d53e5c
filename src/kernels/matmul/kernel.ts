/**
 * Matrix product, batched: C[n] = op(A[n]) op(B[n]), where op may transpose the last two axes.
 * Leading axes broadcast. A second output may hold the sums of op(B[n]) over its rows.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import type { Kernel } from "../kernel.ts";
import { matmulCpu } from "./cpu.ts";
import { matmulReference } from "./reference.ts";
import { type MatmulParams, matmulSizes } from "./sizes.ts";
import { matmulCandidates, matmulProgram } from "./webgpu.ts";

/** C = op(A) op(B), and the sums of op(B) over K where they are asked for. */
export const matmul: Kernel<MatmulParams> = {
  name: "matmul",
  endsIn: "sum",
  outputs([a, b], params) {
    const { batch, M, N } = matmulSizes(a!, b!, params), { dtype } = a!;
    const c = { shape: [...batch, M, N], dtype };
    return params.columnSums ? [c, { shape: [...batch, N], dtype }] : [c];
  },
  reference: ([a, b], [c, sums], params) => matmulReference([a!, b!], [c!, sums], params),
  candidates: matmulCandidates,
  webgpu: (inputs, outputs, params, epilogue) => {
    return matmulProgram(inputs, outputs, { params, epilogue });
  },
  cpu: ([a, b], [c, sums], params) => matmulCpu([a!, b!], [c!, sums], params),
  flops([a, b], [c, sums], params) {
    const { K } = matmulSizes(a!, b!, params);
    return 2 * sizeOf(c!.shape) * K + (sums === undefined ? 0 : sizeOf(sums.shape) * K);
  },
};
