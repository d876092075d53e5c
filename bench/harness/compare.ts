/**
 * Whether results are those of the reference device.
 *
 * @module
 */
import type { TypedArray } from "../../src/dtype.ts";

/** How far a result may be from the reference: |got - want| <= atol + rtol |want|. */
export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
  /** Share of elements that may be further away, for signs of gradients near 0. Default 0. */
  readonly outliers?: number;
}

/** The same bits. */
export const EXACT: Tolerance = { rtol: 0, atol: 0 };

/** What a comparison found. */
export interface Comparison {
  /** The worst error as a share of what is allowed, outliers left aside. */
  readonly worst: number;
  /** Why the result does not count; undefined when it does. */
  readonly problem: string | undefined;
}

/** The tolerance in words. */
export function formatTolerance({ rtol, atol, outliers = 0 }: Tolerance): string {
  const bound = [
    rtol > 0 ? `${rtol.toExponential()} |x|` : "",
    atol > 0 ? atol.toExponential() : "",
  ].filter(Boolean);
  const within = bound.length === 0 ? "exact" : `within ${bound.join(" + ")}`;
  return outliers === 0 ? within : `${within} but for ${outliers * 100} % of the elements`;
}

/** Compares results one by one. Elements of any size count, NaN only where the reference has it. */
export function compare(
  got: readonly TypedArray[],
  want: readonly TypedArray[],
  tolerance: Tolerance,
): Comparison {
  if (got.length !== want.length) {
    return { worst: Infinity, problem: `got ${got.length} results, wanted ${want.length}` };
  }
  let worst = 0;
  for (let r = 0; r < want.length; r++) {
    const found = compareOne(got[r]!, want[r]!, tolerance);
    if (found.problem !== undefined) {
      const where = want.length > 1 ? `result ${r}, ` : "";
      return { worst: Infinity, problem: `${where}${found.problem}` };
    }
    worst = Math.max(worst, found.worst);
  }
  return { worst, problem: undefined };
}

function compareOne(got: TypedArray, want: TypedArray, tolerance: Tolerance): Comparison {
  const { rtol, atol, outliers = 0 } = tolerance;
  if (got.length !== want.length) {
    return { worst: Infinity, problem: `got ${got.length} elements, wanted ${want.length}` };
  }
  let worst = 0, wrong = 0, first = -1;
  for (let i = 0; i < want.length; i++) {
    const a = got[i]!, b = want[i]!;
    if (a === b || Number.isNaN(a) && Number.isNaN(b)) continue;
    const share = Math.abs(a - b) / (atol + rtol * Math.abs(b));
    // NaN fails every comparison.
    if (share <= 1) {
      worst = Math.max(worst, share);
      continue;
    }
    if (wrong++ === 0) first = i;
  }
  if (wrong <= outliers * want.length) return { worst, problem: undefined };
  return {
    worst: Infinity,
    problem: `${wrong} of ${want.length} elements are not ${formatTolerance(tolerance)}: ` +
      `at ${first} got ${got[first]}, wanted ${want[first]}`,
  };
}
