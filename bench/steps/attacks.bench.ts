import { benchStep } from "../harness/mod.ts";
import { attacking, oneStep, tenSteps } from "./attacking.ts";
import { SMALL_CNN_FLOPS } from "./networks.ts";

// Where a gradient is as good as 0, rounding decides its sign, and later steps follow that.
const one = {
  about: "one step of FGSM on the small CNN",
  flops: 2 * SMALL_CNN_FLOPS,
  tolerance: { rtol: 0, atol: 1e-6, outliers: 1e-3 },
};
const ten = {
  about: "ten steps of PGD on the small CNN",
  flops: 20 * SMALL_CNN_FLOPS,
  tolerance: { rtol: 0, atol: 1e-5, outliers: 1e-2 },
};

benchStep("W4", { ...one, make: attacking(oneStep) });
benchStep("W4 captured", { ...one, compared: 4, make: attacking(oneStep, { captured: true }) });
benchStep("W4b", { ...ten, make: attacking(tenSteps) });
benchStep("W4b captured", { ...ten, make: attacking(tenSteps, { captured: true }) });
