import { init, tensor } from "tapegrad";
import { digits } from "tapegrad/node";
import { wilson } from "tapegrad/report";
const device = await init({ device: "reference" });
console.log(
  device.backend,
  (await digits()).labels.length,
  wilson(1, 2).value,
  await tensor([1]).data(),
);
