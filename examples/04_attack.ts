/**
 * What is a gradient worth? Four changes of the same size to the same digits: along the sign of the
 * gradient, along the gradient itself, and at random in both shapes. The attacks differentiate with
 * respect to the pixels; no weight gradient is computed.
 *
 * Run: npx tsx --conditions=source examples/04_attack.ts
 */
import {
  Adam,
  type Dataset,
  evaluate,
  fgm,
  fgsm,
  fit,
  init,
  noise,
  RandomStream,
  smallCnn,
  split,
} from "tapegrad";
import { digits } from "tapegrad/node";

await init({ device: "cpu" });
const random = new RandomStream(2);
const [train, test] = split(await digits(), [400, 60], random.fork("split")) as [Dataset, Dataset];

const model = smallCnn({ random: random.fork("weights") });
const optimizer = new Adam(model.parameters(), { lr: 3e-3 });
await fit(model, train, { optimizer, epochs: 2, batchSize: 25, random: random.fork("order") });

// A step of eps for every pixel has the Euclidean length eps sqrt(784) = 28 eps. Only at the same
// length do the two shapes of a step compare. Changes come out shorter: pixels stay in [0, 1], and
// digits that were wrong from the start are left alone.
const eps = 0.1;
const length = 28 * eps;
const attacks = [
  fgsm.with({ eps }), // x + eps sign(g)
  fgm.with({ eps: length }), // x + length g / |g|
  noise.with({ eps, kind: "sign" }),
  noise.with({ eps: length, kind: "direction" }),
];
const rows = await evaluate(model, test, { attacks });
for (const { title, accuracy, distance } of rows) {
  const size = `largest ${distance.linf.toFixed(2)}, Euclidean ${distance.l2.toFixed(2)}`;
  console.log(`${title.padEnd(30)} accuracy ${accuracy.toFixed(2)}   change: ${size}`);
}

const [clean, sign, normalised, randomSign, randomDirection] = rows.map((row) => row.accuracy);
const worst = Math.max(sign!, normalised!);
const best = Math.min(randomSign!, randomDirection!);
console.log("a gradient does more than noise of its size:");
console.log(worst + 0.1 < best, best <= clean! + 0.05); // true true
