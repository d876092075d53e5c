/**
 * One rule per line of the elementwise table. The gradient of an operand is the table's
 * derivative, summed over the axes along which the operand was broadcast.
 *
 * @module
 */
import { ELEMENTWISE, elementwise, type ElementwiseName } from "../../kernels/mod.ts";
import type { ElementwiseFunction } from "../../kernels/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";

/** Rules of one to three tensors without attributes. */
export type ElementwiseRule = Rule<readonly Tensor[]>;

const LETTERS = ["a", "b", "c"];

function elementwiseRule(name: ElementwiseName): ElementwiseRule {
  const { derivatives }: ElementwiseFunction = ELEMENTWISE[name];
  const rule: ElementwiseRule = {
    name,
    forward: (run, inputs) => ({ output: run(elementwise[name], inputs, undefined)[0]! }),
    saves(needs) {
      const used = derivatives.map((derivative, i) => needs[i] ? derivative?.uses : "").join("");
      return {
        inputs: needs.map((_, i) => used.includes(LETTERS[i]!)),
        output: used.includes("y"),
      };
    },
  };
  if (derivatives.every((derivative) => derivative === null)) return rule;
  return {
    ...rule,
    vjp({ inputs, shapes, output, grad, needs }) {
      const [a, b, c] = inputs as readonly [Tensor, Tensor, Tensor];
      return derivatives.map((derivative, i) => {
        if (!needs[i] || derivative === null) return null;
        return derivative.of({ g: grad, a, b, c, y: output }).sumTo(shapes[i]!);
      });
    },
  };
}

/** The rule of every elementwise function. */
export const elementwiseRules: Readonly<Record<ElementwiseName, ElementwiseRule>> = Object
  .fromEntries(
    Object.keys(ELEMENTWISE).map((name) => [name, elementwiseRule(name as ElementwiseName)]),
  ) as Record<ElementwiseName, ElementwiseRule>;
