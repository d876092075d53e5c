/**
 * Matrix product, batched: C[n] = op(A[n]) op(B[n]), where op may transpose the last two axes.
 * Leading axes broadcast.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import type { Kernel } from "../kernel.ts";
import { matmulCpu } from "./cpu.ts";
import { matmulReference } from "./reference.ts";
import { type MatmulParams, matmulSizes } from "./sizes.ts";
import { matmulProgram } from "./webgpu.ts";

/** C = op(A) op(B). */
export const matmul: Kernel<MatmulParams> = {
  name: "matmul",
  outputs([a, b], params) {
    const { batch, M, N } = matmulSizes(a!, b!, params);
    return [{ shape: [...batch, M, N], dtype: a!.dtype }];
  },
  reference: ([a, b], [c], params) => matmulReference(a!, b!, c!, params),
  webgpu: ([a, b], [c], params) => matmulProgram(a!, b!, c!, params),
  cpu: ([a, b], [c], params) => matmulCpu(a!, b!, c!, params),
  flops([a, b], [c], params) {
    return 2 * sizeOf(c!.shape) * matmulSizes(a!, b!, params).K;
  },
};
