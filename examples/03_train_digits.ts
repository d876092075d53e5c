/**
 * A small convolutional network learns handwritten digits: data, model, optimiser, loop, and then
 * a look at single digits. Everything random comes from one seed.
 *
 * Run: npx tsx --conditions=source examples/03_train_digits.ts
 */
import {
  Adam,
  batchOf,
  type Dataset,
  evaluate,
  fit,
  init,
  predict,
  RandomStream,
  smallCnn,
  split,
} from "tapegrad";
import { digits } from "tapegrad/node";

await init({ device: "cpu" });
const random = new RandomStream(1);

// 10,000 digits come with a dependency; a few hundred are enough to see the loss fall.
const [train, test] = split(await digits(), [500, 200], random.fork("split")) as [Dataset, Dataset];
console.log(train.labels.length, test.labels.length, train.imageShape); // 500 200 [ 28, 28, 1 ]

const model = smallCnn({ random: random.fork("weights") });
console.log(`${model}`);
console.log(model.parameterCount()); // 166406

const optimizer = new Adam(model.parameters(), { lr: 3e-3 });
const history = await fit(model, train, {
  optimizer,
  epochs: 2,
  batchSize: 25,
  random: random.fork("order"),
});
console.log(history.map(({ loss }) => loss.toFixed(1)).join(", ")); // about 1.8, 0.6

const [clean] = await evaluate(model, test);
console.log("accuracy on digits that it has not seen:");
console.log(clean!.accuracy.toFixed(2)); // about 0.89

// One digit, as a terminal can show it: two rows of pixels per line of text.
const { images } = batchOf(test, [0]);
const pixels = await images.data();
for (let row = 4; row < 26; row += 2) {
  const line = Array.from(
    pixels.subarray(row * 28, row * 28 + 28),
    (p) => " .:+#"[Math.round(p * 4)],
  );
  console.log(line.join(""));
}
const { classes, certainty } = await predict(model, images, [test.labels[0]!]);
console.log(`a ${test.labels[0]}, taken for a ${classes[0]} (${certainty[0]!.toFixed(2)})`);
