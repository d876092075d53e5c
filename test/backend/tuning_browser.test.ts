// Where browsers keep measured choices: their localStorage, or nowhere.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { tuningStore } from "../../src/backend/platform/browser.ts";

const test = suite("tuning in browsers");

/** Runs `use` with another localStorage. */
async function withStorage(get: () => Storage | undefined, use: () => Promise<void>) {
  const before = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  Object.defineProperty(globalThis, "localStorage", { configurable: true, get });
  try {
    await use();
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, "localStorage");
    else Object.defineProperty(globalThis, "localStorage", before);
  }
}

test("choices are read as they were written, beside what else a page keeps", async () => {
  const kept = new Map([["other", "stays"]]);
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  } as Storage;
  await withStorage(() => storage, async () => {
    const store = (await tuningStore())!;
    assert.is(await store.read(), undefined);
    await store.write("one");
    await store.write("two");
    assert.is(await (await tuningStore())!.read(), "two");
    assert.match(store.place, /^localStorage, /);
    assert.equal([...kept.values()], ["stays", "two"]);
  });
});

test("a storage without room rejects, and keeps what it had", async () => {
  const storage = {
    getItem: () => "before",
    setItem() {
      throw new Error("QuotaExceededError");
    },
  } as unknown as Storage;
  await withStorage(() => storage, async () => {
    const store = (await tuningStore())!;
    const message = await store.write("more").then(() => "", (error: Error) => error.message);
    assert.is(message, "QuotaExceededError");
    assert.is(await store.read(), "before");
  });
});

test("where storage is missing or switched off, nothing is kept", async () => {
  await withStorage(() => undefined, async () => assert.is(await tuningStore(), undefined));
  await withStorage(() => {
    throw new Error("SecurityError");
  }, async () => assert.is(await tuningStore(), undefined));
});

const real = (globalThis as { readonly document?: unknown }).document === undefined
  ? undefined
  : globalThis.localStorage;
if (real !== undefined) {
  test("a page's own storage serves", async () => {
    const store = (await tuningStore())!, before = await store.read();
    try {
      await store.write("three");
      assert.is(await store.read(), "three");
    } finally {
      real.clear();
      if (before !== undefined) await store.write(before);
    }
  });
}

test.run();
