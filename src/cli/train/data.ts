/**
 * Data for the command line, split into what is trained on, validated on and tested on.
 *
 * @module
 */
import { type Dataset, split, subset, type TrainTest } from "../../data/mod.ts";
import { cifar10, digits, fashionMnist, type LoadOptions, mnist } from "../../data/node.ts";
import { RandomStream } from "../../random.ts";
import type { DataName } from "./settings.ts";

/** How the digits of the package are divided: they come without a test part. */
const DIGITS = { train: 8000, test: 2000 } as const;

/** Training and test part; the test part never decides anything. */
export async function dataOf(name: DataName, options: LoadOptions = {}): Promise<TrainTest> {
  switch (name) {
    case "digits": {
      const [train, test] = split(
        await digits(),
        [DIGITS.train, DIGITS.test],
        new RandomStream(0).fork("digits"),
      );
      return { train: train!, test: test! };
    }
    case "mnist":
      return await mnist(options);
    case "fashion-mnist":
      return await fashionMnist(options);
    case "cifar10":
      return await cifar10(options);
  }
}

/** The first examples of a dataset. */
export function first(data: Dataset, count: number): Dataset {
  if (count >= data.labels.length) return data;
  return subset(data, Uint32Array.from({ length: count }, (_, i) => i));
}
