import type { Path } from "./descend.ts";
import type { Norm } from "./norms.ts";

/** The path of one step over the whole radius, from the clean image. */
export function singleStep(
  norm: Norm,
  { eps, ids, captures }: { readonly eps: number } & Pick<Path, "ids" | "captures">,
): Path {
  const fixed = { steps: 1, randomStart: false, restarts: 1, keep: "last" } as const;
  return { ...fixed, seed: 0, draw: 0, norm, stepSize: eps, ids, captures };
}
