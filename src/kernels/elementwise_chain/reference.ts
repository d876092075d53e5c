import { allocate } from "../../dtype.ts";
import { sizeOf } from "../../shape.ts";
import { elementwise } from "../elementwise/kernel.ts";
import type { HostOperand } from "../kernel.ts";
import type { ChainParams } from "./kernel.ts";

/** The reference twins of the steps, one after the other. */
export function chainReference(
  inputs: readonly HostOperand[],
  outputs: readonly HostOperand[],
  { steps, results }: ChainParams,
): void {
  const { dtype } = inputs[0]!;
  const computed: HostOperand[] = [];
  steps.forEach(({ name, shape, inputs: sources }, at) => {
    const operands = sources.map((source): HostOperand => {
      return "step" in source ? { ...computed[source.step]!, shape } : inputs[source.external]!;
    });
    const y = outputs[results.indexOf(at)] ??
      { shape, dtype, data: allocate(dtype, sizeOf(shape)) };
    elementwise[name].reference(operands, [y], undefined);
    computed.push(y);
  });
}
