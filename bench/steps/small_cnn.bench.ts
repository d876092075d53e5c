import { benchStep } from "../harness/mod.ts";
import { SMALL_CNN_FIRST_FLOPS, SMALL_CNN_FLOPS, smallCnn } from "./networks.ts";
import { training } from "./training.ts";

const step = {
  about: "one step of SGD of a small CNN, 64 images 28x28x1, the loss is read",
  flops: 3 * SMALL_CNN_FLOPS - SMALL_CNN_FIRST_FLOPS,
  tolerance: { rtol: 1e-4, atol: 1e-5 },
  compared: 4,
};

benchStep("W3", { ...step, make: training(smallCnn) });
benchStep("W3 captured", { ...step, make: training(smallCnn, { captured: true }) });
