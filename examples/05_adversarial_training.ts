/**
 * Training against an attack. Two networks start from the same weights and see the same digits; one
 * of them also sees each batch after a sign step against its current weights. Both then face that
 * attack, and others that neither was trained on.
 *
 * Run: npx tsx --conditions=source examples/05_adversarial_training.ts
 */
import {
  Adam,
  type AdversarialTraining,
  type Dataset,
  evaluate,
  fgm,
  fgsm,
  fit,
  Flatten,
  init,
  Linear,
  type Module,
  pgd,
  RandomStream,
  ReLU,
  Sequential,
  split,
} from "tapegrad";
import { digits } from "tapegrad/node";

await init({ device: "cpu" });
const seed = 3;
const parts = split(await digits(), [600, 100], new RandomStream(seed).fork("split"));
const [train, test] = parts as [Dataset, Dataset];

/** A small network of the same start, on the same digits in the same order. */
async function learn(adversarial?: AdversarialTraining): Promise<Module> {
  const random = new RandomStream(seed).fork("weights");
  const model = new Sequential(
    new Flatten(),
    new Linear(784, 64, { random }),
    new ReLU(),
    new Linear(64, 10, { random }),
  );
  await fit(model, train, {
    optimizer: new Adam(model.parameters(), { lr: 3e-3 }),
    epochs: 4,
    batchSize: 25,
    random: new RandomStream(seed).fork("order"),
    ...(adversarial && { adversarial }),
  });
  return model;
}

const seen = fgsm.with({ eps: 0.1 });
const attacks = [
  seen,
  fgm.with({ eps: 2.8 }), // not seen: the same length, another shape
  pgd.with({ eps: 0.1, steps: 5, seed }), // not seen: the same budget, more steps
  fgsm.with({ eps: 0.2 }), // not seen: twice the budget
];

// "average": the mean of the loss on clean and on attacked digits.
const natural = await evaluate(await learn(), test, { attacks });
const hardened = await evaluate(await learn({ attack: seen, mix: "average" }), test, { attacks });

console.log("accuracy".padEnd(30), "natural", "hardened");
natural.forEach(({ title, accuracy }, i) => {
  const figures = [accuracy, hardened[i]!.accuracy].map((figure) => figure.toFixed(2).padStart(8));
  console.log(title.padEnd(29), ...figures);
});

const gain = hardened[1]!.accuracy - natural[1]!.accuracy;
console.log("training against an attack helps against it:");
console.log(gain > 0.15); // true
