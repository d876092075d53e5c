// The memory plan of captured steps: what lives at the same time never shares, and little is wasted.

import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assignSlots, type Lifetime, liveBytes } from "../../src/backend/capture/slots.ts";

const test = suite("slots");

const lifetimes = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.nat(30), fc.nat(8)).map(
    ([bytes, first, length]): Lifetime => ({ bytes, first, last: first + length }),
  ),
  { maxLength: 40 },
);

test("values that live at the same time never share a slot, and every slot is large enough", () => {
  fc.assert(
    fc.property(lifetimes, (values) => {
      const { slotOf, bytes } = assignSlots(values);
      values.forEach((a, i) => {
        if (bytes[slotOf[i]!]! < a.bytes) throw new Error(`slot of value ${i} is too small`);
        values.slice(0, i).forEach((b, j) => {
          const together = a.first <= b.last && b.first <= a.last;
          if (together && slotOf[i] === slotOf[j]) throw new Error(`${i} and ${j} share`);
        });
      });
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("no plan takes less than what lives at the same time", () => {
  fc.assert(
    fc.property(lifetimes, (values) => {
      const total = assignSlots(values).bytes.reduce((sum, bytes) => sum + bytes, 0);
      return total >= liveBytes(values) &&
        total <= values.reduce((sum, { bytes }) => sum + bytes, 0);
    }),
    { seed: 2, numRuns: 300 },
  );
});

test("a chain takes two slots", () => {
  const chain = Array.from({ length: 10 }, (_, i): Lifetime => {
    return { bytes: 100, first: i, last: i + 1 };
  });
  assert.equal(assignSlots(chain).bytes, [100, 100]);
  assert.is(liveBytes(chain), 200);
});

test("a forward and a backward pass take little more than what lives at the same time", () => {
  const sizes = [802, 401, 100, 64, 32, 10];
  const values = sizes.flatMap((bytes, i): Lifetime[] => {
    const back = 2 * sizes.length - i;
    return [{ bytes, first: i, last: back }, { bytes, first: back - 1, last: back }];
  });
  const total = assignSlots(values).bytes.reduce((sum, bytes) => sum + bytes, 0);
  assert.ok(total <= 1.1 * liveBytes(values), `${total} of ${liveBytes(values)}`);
});

test.run();
