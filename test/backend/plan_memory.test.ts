// The memory plan of captured steps: what lives at the same time never overlaps, what a call reads and
// writes lies apart where that is asked for, and little is wasted.

import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Access, type Lifetime, liveBytes } from "../../src/backend/capture/lifetimes.ts";
import { planMemory } from "../../src/backend/capture/plan_memory.ts";
import {
  ALIGNMENT,
  MOST_BYTES,
  placeBytes,
  placeInOrder,
  type Slots,
  totalBytes,
} from "../../src/backend/capture/slots.ts";

const test = suite("memory of a plan");

interface Step {
  readonly lifetimes: readonly Lifetime[];
  readonly accesses: readonly Access[];
}

/** Steps in which values are written by their first call and read by the last and some between. */
const steps = fc.array(
  fc.tuple(fc.nat(5000), fc.nat(20), fc.nat(8), fc.nat(1023)),
  { maxLength: 30 },
).map((values): Step => {
  const lifetimes = values.map(([words, first, length]): Lifetime => {
    return { bytes: words * 4, first, last: first + length };
  });
  const at = (keep: (value: Lifetime, i: number) => boolean): number[] => {
    return lifetimes.flatMap((value, i) => keep(value, i) ? [i] : []);
  };
  const accesses = Array.from({ length: 29 }, (_, call): Access => ({
    reads: at(({ first, last }, i) => {
      const between = first < call && call < last && (values[i]![3] >> call - first & 1) > 0;
      return between || first < call && call === last;
    }),
    writes: at(({ first }) => first === call),
  }));
  return { lifetimes, accesses };
});

/** How many calls find something that they read in a slot which they write. */
function besideIn({ slotOf }: Slots, accesses: readonly Access[]): number {
  return accesses.filter(({ reads, writes }) => {
    return reads.some((read) => writes.some((it) => it !== read && slotOf[it] === slotOf[read]));
  }).length;
}

/** Throws unless every value lies within its slot, aligned, and free of what lives with it. */
function check({ slotOf, offsets, bytes }: Slots, lifetimes: readonly Lifetime[]): void {
  lifetimes.forEach((a, i) => {
    const begin = offsets[i]!, end = begin + a.bytes;
    if (begin % ALIGNMENT !== 0) throw new Error(`value ${i} begins at ${begin}`);
    if (end > bytes[slotOf[i]!]!) throw new Error(`value ${i} ends behind its slot`);
    lifetimes.slice(0, i).forEach((b, j) => {
      const together = slotOf[i] === slotOf[j] && a.first <= b.last && b.first <= a.last;
      if (together && offsets[j]! < end && begin < offsets[j]! + b.bytes) {
        throw new Error(`${i} and ${j} overlap`);
      }
    });
  });
}

for (const sharing of ["apart", "beside"] as const) {
  test(`${sharing}, values that live at the same time never overlap`, () => {
    fc.assert(
      fc.property(steps, ({ lifetimes, accesses }) => {
        const slots = planMemory({ lifetimes, accesses, sharing });
        check(slots, lifetimes);
        const total = totalBytes(slots);
        assert.ok(total >= liveBytes(lifetimes));
        assert.ok(total <= lifetimes.reduce((sum, { bytes }) => sum + placeBytes(bytes), 0));
        if (sharing === "beside") assert.ok(slots.bytes.length <= 1);
        else assert.ok(besideIn(slots, accesses) <= 3);
        assert.equal(
          planMemory({ lifetimes, accesses, sharing }),
          slots,
          "equal steps, equal plans",
        );
      }),
      { seed: 1, numRuns: 200 },
    );
  });
}

test("values that are to lie apart do so in any order", () => {
  const orders = steps.chain((step) => {
    const order = step.lifetimes.map((_, i) => i);
    return fc.tuple(fc.constant(step), fc.shuffledSubarray(order, { minLength: order.length }));
  });
  fc.assert(
    fc.property(orders, ([{ lifetimes, accesses }, order]) => {
      const apart = lifetimes.map((_, i) => {
        return new Set(
          accesses.flatMap(({ reads, writes }) => {
            return [...reads.includes(i) ? writes : [], ...writes.includes(i) ? reads : []];
          }).filter((other) => other !== i),
        );
      });
      const slots = placeInOrder({ lifetimes, apart }, order);
      check(slots, lifetimes);
      assert.is(besideIn(slots, accesses), 0);
    }),
    { seed: 2, numRuns: 300 },
  );
});

/** A step in which every call reads the result of the one before. */
function chain(length: number, bytes: number): Step {
  return {
    lifetimes: Array.from({ length }, (_, i) => ({ bytes, first: i, last: i + 1 })),
    accesses: Array.from({ length: length + 1 }, (_, i) => ({
      reads: i === 0 ? [] : [i - 1],
      writes: i === length ? [] : [i],
    })),
  };
}

test("a chain takes two places, in two slots or in one", () => {
  const step = chain(10, 100);
  assert.equal(planMemory({ ...step, sharing: "apart" }).bytes, [100, 100]);
  assert.equal(planMemory({ ...step, sharing: "beside" }).bytes, [ALIGNMENT + 100]);
  assert.is(liveBytes(step.lifetimes), 200);
});

test("an empty value has a place that can be bound", () => {
  assert.equal(planMemory({ ...chain(1, 0), sharing: "beside" }).bytes, [16]);
});

test("no slot is larger than what every device binds, unless a value is", () => {
  const { lifetimes } = chain(4, 0.4 * MOST_BYTES);
  const together = lifetimes.map(({ bytes }) => ({ bytes, first: 0, last: 9 }));
  const large = { bytes: 2 * MOST_BYTES, first: 0, last: 9 };
  const slots = planMemory({
    lifetimes: [...together, large],
    accesses: [],
    sharing: "beside",
  });
  check(slots, [...together, large]);
  assert.equal(slots.bytes.map((bytes) => bytes > MOST_BYTES), [true, false, false]);
});

test("where keeping apart takes a fifth more, one call finds its operands beside each other", () => {
  // Of W4: each row is a value of so many units, from its first call to its last.
  const rows = [
    [8, 0, 6],
    [2, 1, 6],
    [4, 2, 4],
    [1, 3, 4],
    [1, 3, 4],
    [4, 4, 5],
    [2, 5, 6],
    [8, 6, 7],
  ] as const;
  const lifetimes = rows.map(([units, first, last]) => ({ bytes: units * 401408, first, last }));
  const accesses: readonly Access[] = [
    { reads: [], writes: [0] },
    { reads: [0], writes: [1] },
    { reads: [1], writes: [2] },
    { reads: [2], writes: [3, 4] },
    { reads: [2, 3, 4], writes: [5] },
    { reads: [5], writes: [6] },
    { reads: [0, 1, 6], writes: [7] },
    { reads: [7], writes: [] },
  ];
  const slots = planMemory({ lifetimes, accesses, sharing: "apart" });
  check(slots, lifetimes);
  assert.is(besideIn(slots, accesses), 1);
  assert.is(totalBytes(slots), liveBytes(lifetimes));
});

test("a forward and a backward pass take what lives at the same time", () => {
  const sizes = [802, 401, 100, 64, 32, 10];
  const lifetimes = sizes.flatMap((kilobytes, i): Lifetime[] => {
    const bytes = kilobytes * 1024, back = 2 * sizes.length - i;
    return [{ bytes, first: i, last: back }, { bytes, first: back - 1, last: back }];
  });
  const accesses: Access[] = Array.from({ length: 2 * sizes.length + 1 }, (_, call) => ({
    reads: lifetimes.flatMap(({ first, last }, i) =>
      first === call - 1 || last === call ? [i] : []
    ),
    writes: lifetimes.flatMap(({ first }, i) => first === call ? [i] : []),
  }));
  const total = totalBytes(planMemory({ lifetimes, accesses, sharing: "apart" }));
  assert.ok(total <= 1.1 * liveBytes(lifetimes), `${total} of ${liveBytes(lifetimes)}`);
});

test.run();
