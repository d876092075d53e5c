/**
 * A GPU's compiler may contract a product and a sum that meet in one shader into one operation that
 * rounds once, or reorder sums. What only selects one of its operands is safe from that.
 *
 * @module
 */
import type { ChainSource, ChainStep, ElementwiseName } from "../../kernels/mod.ts";

/** Elementwise kernels that select or compare and round nothing. */
const SELECTS: ReadonlySet<ElementwiseName> = new Set<ElementwiseName>([
  ...["abs", "sign", "relu", "maximum", "minimum", "gate", "where", "clamp"] as const,
  ...["gt", "ge", "lt", "le", "eq", "ne", "isFinite"] as const,
]);

/**
 * Whether a chain gives the same bits for every compiler: on no path do two steps compute. Operand 0
 * may be a product that meets the chain in one shader. A product with a sign is exact.
 */
export function survivesContraction(
  steps: readonly ChainStep[],
  afterProduct: boolean = false,
): boolean {
  const computed: number[] = [];
  const countOf = (source: ChainSource): number => {
    if ("step" in source) return computed[source.step]!;
    return source.external === 0 && afterProduct ? 1 : 0;
  };
  for (const { name, inputs } of steps) {
    const signed = name === "mul" && inputs.some((source) => {
      return "step" in source && steps[source.step]!.name === "sign";
    });
    computed.push(Math.max(0, ...inputs.map(countOf)) + (signed || SELECTS.has(name) ? 0 : 1));
  }
  return computed.every((count) => count <= 1);
}
