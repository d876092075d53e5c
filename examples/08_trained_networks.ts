/**
 * Attack a network that somebody else has trained: the trained networks come with the package, each
 * with a card of what it reaches. Here two small ones for digits, of which the second has seen
 * attacked digits while it learned.
 *
 * Run: npx tsx --conditions=source examples/08_trained_networks.ts
 */
import { divide, evaluate, fgsm, init, pgd, subset } from "tapegrad";
import { digits, pretrained, pretrainedNames } from "tapegrad/node";

await init({ device: "cpu" });
console.log((await pretrainedNames()).includes("smallcnn-digits")); // true

// The digits that no network here was trained on.
const { test } = divide(await digits());
const some = subset(test, Array.from({ length: 200 }, (_, i) => i));
const attacks = [fgsm.with({ eps: 0.1 }), pgd.with({ eps: 0.1, steps: 10, seed: 1 })];

const robust: number[] = [];
for (const name of ["smallcnn-digits", "smallcnn-digits-pgd"]) {
  const { network, metadata } = await pretrained(name);
  const rows = await evaluate(network, some, { attacks });
  console.log(`${name}, trained in ${metadata["seconds"]} s`);
  for (const { title, accuracy } of rows) console.log(`  ${accuracy.toFixed(3)}  ${title}`);
  robust.push(rows.at(-1)!.accuracy);
  network.dispose();
}
console.log("the second withstands more:", robust[1]! > robust[0]! + 0.2); // the second withstands more: true
