/**
 * Pooling on the cpu: the arguments that maximum and average pooling and their gradients share.
 *
 * @module
 */
import type { CpuProgram } from "../kernel.ts";
import type { PoolParams, PoolSizes } from "./sizes.ts";

/** Inputs, then outputs; a task is a row of windows or, for a gradient, an image. */
export function poolCpu(
  entry: "max_pool" | "max_pool_grad" | "avg_pool" | "avg_pool_grad",
  sizes: PoolSizes,
  { kernelSize, stride, padding, countIncludePad = false }: PoolParams & {
    readonly countIncludePad?: boolean;
  },
): CpuProgram {
  const { N, H, W, C, OH, OW } = sizes;
  const [KH, KW] = kernelSize, [SH, SW] = stride, [PH, PW] = padding;
  const covers = H === OH * KH && W === OW * KW && SH === KH && SW === KW && PH + PW === 0;
  const gradient = entry.endsWith("_grad");
  const operands = entry.startsWith("max") ? [0, 1, 2] : [0, 1];
  const window = [KH, KW, SH, SW, PH, PW, Number(countIncludePad), Number(covers)];
  const tasks = C === 0 ? 0 : gradient ? N : N * OH;
  return { calls: [{ entry, operands, words: [H, W, C, OH, OW, ...window], tasks }] };
}
