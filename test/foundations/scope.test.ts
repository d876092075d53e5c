import { suite } from "uvu";
import * as assert from "uvu/assert";
import { keep, type Scoped, tidy, track } from "../../src/scope.ts";
import { tensor } from "../../src/tensor/mod.ts";
import { reference as device } from "../support/devices.ts";
import { isA, says } from "../support/errors.ts";

const test = suite("scopes");

class Thing implements Scoped {
  disposed = 0;

  constructor() {
    track(this);
  }

  dispose(): void {
    this.disposed++;
    keep(this);
  }
}

test("tidy() disposes what was made inside, once, and returns the result", () => {
  const inside: Thing[] = [];
  const result = tidy(() => {
    inside.push(new Thing(), new Thing());
    inside[0]!.dispose();
    return new Thing();
  });
  assert.equal(inside.map((thing) => thing.disposed), [1, 1]);
  assert.is(result.disposed, 0);
});

test("tidy() leaves what was made outside alone", () => {
  const before = new Thing();
  assert.is(tidy(() => before), before);
  tidy(() => new Thing());
  assert.is(before.disposed, 0);
});

test("tidy() returns whatever is no object as it is", () => {
  assert.is(tidy(() => 3), 3);
  assert.is(tidy(() => null), null);
  assert.is(tidy(() => undefined), undefined);
  const array = Float32Array.of(1);
  assert.is(tidy(() => array), array);
});

test("tidy() finds results in arrays, maps and records, at any depth", () => {
  const result = tidy(() => ({
    array: [new Thing(), [new Thing()]],
    map: new Map([["a", new Thing()]]),
    record: { b: { c: new Thing() } },
    bare: Object.assign(Object.create(null) as object, { d: new Thing() }),
    others: [1, "text", null, undefined, () => 1],
  }));
  const [first, [second]] = result.array as [Thing, [Thing]];
  const found = [first, second, result.map.get("a")!, result.record.b.c, result.bare.d];
  assert.equal(found.map((thing) => thing.disposed), [0, 0, 0, 0, 0]);
});

test("tidy() does not look into objects of other classes", () => {
  class Holder {
    readonly thing = new Thing();
  }
  assert.is(tidy(() => new Holder()).thing.disposed, 1);
});

test("tidy() hands results to the scope outside, which disposes them", () => {
  let passed: Thing | undefined;
  let returned: Thing | undefined;
  const kept = tidy(() => {
    passed = tidy(() => new Thing());
    assert.is(passed.disposed, 0);
    returned = tidy(() => tidy(() => new Thing()));
    return returned;
  });
  assert.is(passed?.disposed, 1);
  assert.is(kept.disposed, 0);
});

test("keep() takes an object out of all scopes", () => {
  const kept = tidy(() => tidy(() => [keep(new Thing())]));
  assert.is(kept[0]!.disposed, 0);
  const alone = new Thing();
  assert.is(keep(keep(alone)), alone);
  const inner = tidy(() => {
    const thing = new Thing();
    tidy(() => keep(thing));
    return [thing.disposed, thing] as const;
  });
  assert.equal([inner[0], inner[1].disposed], [0, 0]);
});

test("tidy() disposes everything when the function throws, and closes its scope", () => {
  const made: Thing[] = [];
  assert.throws(() =>
    tidy(() => {
      made.push(new Thing());
      tidy(() => {
        made.push(new Thing());
        throw new RangeError("stop");
      });
    }), isA(RangeError, /stop/));
  assert.equal(made.map((thing) => thing.disposed), [1, 1]);
  const after = new Thing();
  tidy(() => new Thing());
  assert.is(after.disposed, 0);
});

test("tidy() refuses promises, and disposes what was made so far", () => {
  let made: Thing | undefined;
  assert.throws(
    () =>
      tidy(async () => {
        made = new Thing();
        await Promise.resolve();
      }),
    says(
      TypeError,
      "Cannot tidy an asynchronous function: wait for data outside of tidy()",
    ),
  );
  assert.is(made?.disposed, 1);
});

test("tidy() frees the buffers of tensors, and keeps those that a result needs", async () => {
  const before = device.ledger.buffers;
  const y = tidy(() => tensor([[1, 2], [3, 4]], { device }).square().sum(0));
  assert.is(device.ledger.buffers, before + 1);
  assert.equal([...await y.data()], [10, 20]);
  const views = tidy(() => {
    const x = tensor([1, 2], { device });
    return [x.reshape([2, 1]), x.detach()];
  });
  assert.is(device.ledger.buffers, before + 2);
  for (const made of [y, ...views]) made.dispose();
  assert.is(device.ledger.buffers, before);
});

test.run();
