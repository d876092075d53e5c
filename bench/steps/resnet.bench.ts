import { benchStep } from "../harness/mod.ts";
import { resNet8, RESNET8_FIRST_FLOPS, RESNET8_FLOPS } from "./networks.ts";
import { training } from "./training.ts";

const step = {
  about: "one step of SGD of a ResNet-8 with batch norm, 32 images 32x32x3, the loss is read",
  flops: 3 * RESNET8_FLOPS - RESNET8_FIRST_FLOPS,
  tolerance: { rtol: 1e-3, atol: 1e-4 },
};

benchStep("W5", { ...step, compared: 2, make: training(resNet8) });
benchStep("W5 captured", { ...step, compared: 3, make: training(resNet8, { captured: true }) });
