// The attacks of the benchmarks.

import { fgsm, pgd, type SettledAttack } from "../../src/attacks/mod.ts";
import type { Device } from "../../src/backend/mod.ts";
import { Captures } from "../../src/tensor/mod.ts";
import type { PlacedStep } from "../harness/mod.ts";
import { smallCnn } from "./networks.ts";

const loss = "crossEntropy";

/** One step of FGSM. */
export const oneStep: SettledAttack = fgsm.with({ eps: 0.1, loss });

/** Ten steps of PGD. */
export const tenSteps: SettledAttack = pgd.with({
  eps: 0.1,
  stepSize: 0.02,
  steps: 10,
  randomStart: false,
  loss,
});

/** How to attack. */
export interface AttackingOptions {
  /**
   * Whether steps are replayed from batch to batch, as `evaluate` does it. Default false: an attack
   * of many steps captures them anew each time.
   */
  readonly captured?: boolean;
}

/** Adversarial images for the batch of the small CNN. */
export function attacking(
  attack: SettledAttack,
  { captured = false }: AttackingOptions = {},
): (device: Device) => PlacedStep {
  return (device) => {
    const { model, images, labels } = smallCnn(device);
    const captures = new Captures();
    const options = captured ? { captures } : {};
    const step = () => attack.perturb(model, images, labels, options);
    return { step, holds: [captures, model, images, labels] };
  };
}
