import * as kernels from "../../kernels/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";

/**
 * y = x W + b for rows x [M, K], W [K, N] and b [N]. With G the gradient of y: dx = G Wᵀ, dW = xᵀ G,
 * and db the sum of G over its rows, which one kernel adds up while it reads G for dW.
 */
export const linear: Rule<readonly [x: Tensor, w: Tensor, b: Tensor]> = {
  name: "linear",
  forward(run, [x, w, b]) {
    const params = { transposeA: false, transposeB: false };
    const [product] = run(kernels.matmul, [x, w], params) as [Tensor];
    const [output] = run(kernels.elementwise.add, [product, b], undefined) as [Tensor];
    product.dispose();
    return { output };
  },
  saves: ([x, w]) => ({ inputs: [w!, x!, false] }),
  vjp({ inputs: [x, w], grad, needs, recording, run }) {
    const dx = needs[0] ? grad.matmul(w, { transposeB: true }) : null;
    if (needs[1] && needs[2] && !recording) {
      const params = { transposeA: true, transposeB: false, columnSums: true };
      const [dw, db] = run(kernels.matmul, [x, grad], params);
      return [dx, dw!, db!];
    }
    return [
      dx,
      needs[1] ? x.matmul(grad, { transposeA: true }) : null,
      needs[2] ? grad.sum(0) : null,
    ];
  },
};
