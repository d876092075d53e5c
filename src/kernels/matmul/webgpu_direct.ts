/**
 * The ways without staging have one shape: see direct.ts for what they do, and webgpu_registers.ts,
 * webgpu_small.ts and webgpu_thin.ts for when and why.
 *
 * @module
 */
import type { MatmulCall, Way } from "./call.ts";
import { directFigures, directProduct, groupsOf, nameOfSpread, type Spread } from "./direct.ts";
import { factorsOf } from "./factors.ts";
import { programOf, storeVector, storeWidth } from "./output.ts";

/** A way by a spread, whose name begins with `name`; `width` columns make a vector, 4 by default. */
export function direct(
  name: string,
  { sizes, params, planes }: MatmulCall,
  options: { readonly spread: Spread; readonly width?: 1 | 4 },
): Way & { readonly groups: number } {
  const { spread, width = storeWidth(sizes) } = options, { rows, lanes } = spread;
  // Loads along the rows are as wide as an invocation has rows.
  const widest = {
    a: params.transposeA ? (rows % 4 === 0 ? 4 : rows % 2 === 0 ? 2 : 1) : 4,
  } as const;
  const factors = factorsOf(sizes, params, {
    ...widest,
    ...width === 1 && !params.transposeB && { b: 1 },
  });
  const { N, K } = sizes;
  const product = { rows: factors.rows, N, K, planes, a: factors.a, b: factors.b, width };
  return {
    name: `${name} ${nameOfSpread(spread, width)}`,
    waits: lanes > 1,
    groups: groupsOf(product, spread),
    figures: () => directFigures(product, spread),
    program(call, epilogue) {
      const store = storeVector(call.sizes, params, width);
      return programOf(directProduct({ ...product, store }, spread), factors, {
        params,
        width,
        epilogue,
      });
    },
  };
}
