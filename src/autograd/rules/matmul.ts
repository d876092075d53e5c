import { matmul as kernel, type MatmulParams } from "../../kernels/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";

/**
 * C = op(A) op(B). With G the gradient of C, and both operands plain: dA = G Bᵀ, dB = Aᵀ G; an
 * operand that was transposed gets the transpose of that, by swapping the factors.
 */
export const matmul: Rule<readonly [a: Tensor, b: Tensor], MatmulParams> = {
  name: "matmul",
  forward: (run, inputs, params) => ({ output: run(kernel, inputs, params)[0]! }),
  saves: ([a, b]) => ({ inputs: [b!, a!] }),
  vjp({ inputs: [a, b], shapes, grad, needs, attributes: { transposeA, transposeB } }) {
    const gradientA = () =>
      transposeA
        ? b.matmul(grad, { transposeA: transposeB, transposeB: true })
        : grad.matmul(b, { transposeB: !transposeB });
    const gradientB = () =>
      transposeB
        ? grad.matmul(a, { transposeA: true, transposeB: transposeA })
        : a.matmul(grad, { transposeA: !transposeA });
    return [
      needs[0] ? gradientA().sumTo(shapes[0]) : null,
      needs[1] ? gradientB().sumTo(shapes[1]) : null,
    ];
  },
};
