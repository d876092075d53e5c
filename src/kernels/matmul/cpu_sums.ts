/**
 * The column sums of a product on the cpu: the calls of `sum` behind those of the product, so that
 * both give the same bits.
 *
 * @module
 */
import { sameShape, sizeOf } from "../../shape.ts";
import type { CpuProgram, Spec } from "../kernel.ts";
import { valueCpu } from "../reduce/cpu.ts";
import type { MatmulParams } from "./sizes.ts";

/** Where B and the sums are among the operands; scratch memory of the product follows. */
const B = 1, SUMS = 3;

/**
 * The program with a second output; undefined where B is shared by a batch, whose every index has
 * the same sums.
 */
export function withColumnSums(
  { scratch = [], calls }: CpuProgram,
  b: Spec,
  { sums, params: { transposeB } }: { readonly sums: Spec; readonly params: MatmulParams },
): CpuProgram | undefined {
  if (sizeOf(sums.shape) === 0) return { scratch, calls };
  const axis = b.shape.length - (transposeB ? 1 : 2);
  const kept = b.shape.filter((_, i) => i !== axis);
  if (!sameShape(kept, sums.shape)) return undefined;
  const own = valueCpu("sum", b, { axes: [axis] });
  const places = [B, SUMS];
  return {
    scratch: [...scratch, ...own.scratch ?? []],
    calls: [
      ...calls.map((call) => ({
        ...call,
        operands: call.operands.map((place) => place < SUMS ? place : place + 1),
      })),
      ...own.calls.map((call) => ({
        ...call,
        operands: call.operands.map((place) => {
          return places[place] ?? place - places.length + SUMS + 1 + scratch.length;
        }),
      })),
    ],
  };
}
