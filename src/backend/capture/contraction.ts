/**
 * A GPU's compiler may contract a product and a sum that meet in one shader into one operation that
 * rounds once, or reorder sums. What only selects one of its operands is safe from that.
 *
 * @module
 */
import type { ChainStep, ElementwiseName } from "../../kernels/mod.ts";

/** Elementwise kernels that select or compare and round nothing. */
const SELECTS: ReadonlySet<ElementwiseName> = new Set<ElementwiseName>([
  ...["abs", "sign", "relu", "maximum", "minimum", "gate", "where", "clamp"] as const,
  ...["gt", "ge", "lt", "le", "eq", "ne", "isFinite"] as const,
]);

/** Whether a chain gives the same bits for every compiler: on no path do two steps compute. */
export function survivesContraction(steps: readonly ChainStep[]): boolean {
  const computed: number[] = [];
  for (const { name, inputs } of steps) {
    const before = inputs.map((source) => "step" in source ? computed[source.step]! : 0);
    computed.push(Math.max(0, ...before) + (SELECTS.has(name) ? 0 : 1));
  }
  return computed.every((count) => count <= 1);
}
