import { fgsm, pgd, type SettledAttack } from "../../src/attacks/mod.ts";
import type { Device } from "../../src/backend/mod.ts";
import { benchStep, type PlacedStep } from "../harness/mod.ts";
import { SMALL_CNN_FLOPS, smallCnn } from "./networks.ts";

const loss = "crossEntropy";

function attacking(attack: SettledAttack): (device: Device) => PlacedStep {
  return (device) => {
    const { model, images, labels } = smallCnn(device);
    const step = () => attack.perturb(model, images, labels);
    return { step, holds: [model, images, labels] };
  };
}

// Where a gradient is as good as 0, rounding decides its sign, and later steps follow that.
benchStep("W4", {
  about: "one step of FGSM on the small CNN",
  flops: 2 * SMALL_CNN_FLOPS,
  tolerance: { rtol: 0, atol: 1e-6, outliers: 1e-3 },
  make: attacking(fgsm.with({ eps: 0.1, loss })),
});

benchStep("W4b", {
  about: "ten steps of PGD on the small CNN",
  flops: 20 * SMALL_CNN_FLOPS,
  tolerance: { rtol: 0, atol: 1e-5, outliers: 1e-2 },
  make: attacking(pgd.with({ eps: 0.1, stepSize: 0.02, steps: 10, randomStart: false, loss })),
});
