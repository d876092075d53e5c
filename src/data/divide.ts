/**
 * A test part for data that come without one.
 *
 * @module
 */
import { RandomStream } from "../random.ts";
import { type Dataset, split } from "./dataset.ts";
import type { TrainTest } from "./sources.ts";

/**
 * Divides data into a part for training and one for testing, at random, and the same data always the
 * same way: what a network was trained on yesterday is not tested on today.
 *
 * @param testShare Share of the examples that is tested on. Default 0.2.
 *
 * @example
 * ```ts
 * import { divide } from "tapegrad";
 * import { digits } from "tapegrad/node";
 * const { train, test } = divide(await digits());
 * [train.labels.length, test.labels.length]; // [8000, 2000]
 * ```
 * @throws RangeError for a share that is not between 0 and 1.
 */
export function divide(data: Dataset, testShare = 0.2): TrainTest {
  if (!(testShare >= 0 && testShare <= 1)) {
    throw new RangeError(
      `Cannot divide ${data.name} with a test share of ${testShare}: it must be from 0 to 1`,
    );
  }
  const count = data.labels.length, tested = Math.round(testShare * count);
  const random = new RandomStream(0).fork("digits");
  const [train, test] = split(data, [count - tested, tested], random) as [Dataset, Dataset];
  return { train, test };
}
