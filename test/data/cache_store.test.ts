import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Bytes, sha256 } from "../../src/data/bytes.ts";
import { cacheStore, DataError, type DataProgress } from "../../src/data/mod.ts";
import { gzip, pattern } from "./files.ts";

const content = pattern(5000);
const packed = await gzip(content);
const url = "https://example.org/a.gz";
const file = {
  name: "a",
  limit: 5000,
  url,
  sha256: { of: "unpacked", digest: await sha256(content) },
} as const;

// What a browser has: a cache by name, and fetch; both of this test's own, to see what is asked.
const kept = new Map<string, Bytes>();
const asked: string[] = [];
let answer = (): Response => new Response(packed);
const fakes = {
  caches: {
    open: () =>
      Promise.resolve({
        match: (key: string) => {
          const bytes = kept.get(key);
          return Promise.resolve(bytes === undefined ? undefined : new Response(bytes));
        },
        put: async (key: string, response: Response) => {
          kept.set(key, new Uint8Array(await response.arrayBuffer()));
        },
        delete: (key: string) => Promise.resolve(kept.delete(key)),
      }),
  },
  fetch: (address: string) => {
    asked.push(address);
    return Promise.resolve().then(answer);
  },
};

const originals = Object.keys(fakes).map((name) =>
  [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const
);
const test = suite("cacheStore()");
test.before(() => {
  for (const [name, value] of Object.entries(fakes)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
});
test.after(() => {
  for (const [name, descriptor] of originals) {
    if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
    else Object.defineProperty(globalThis, name, descriptor);
  }
});
test.before.each(() => {
  kept.clear();
  asked.length = 0;
  answer = () => new Response(packed);
});

async function refused(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  assert.instance(error, DataError);
  assert.match((error as Error).message, message);
}

test("downloads once and then finds the file, unpacked", async () => {
  const seen: DataProgress[] = [];
  const store = cacheStore({ onProgress: (it) => seen.push(it) });
  assert.is(await store.find(file), undefined);
  assert.equal(await store.download(file), content);
  assert.equal(await store.find(file), content);
  assert.equal(asked, [url]);
  assert.is(seen.at(-1)!.done, packed.length);
});

test("asks a mirror, and keeps the file under its own address", async () => {
  await cacheStore({ mirror: () => "https://mirror.example/a.gz" }).download(file);
  assert.equal(asked, ["https://mirror.example/a.gz"]);
  assert.equal([...kept.keys()], [url]);
});

test("keeps nothing that is truncated, another file, too large or an error", async () => {
  const store = cacheStore();
  answer = () => new Response(packed.slice(0, -9));
  await refused(store.download(file), /truncated or corrupt/);
  answer = () => new Response(pattern(5000, 2));
  await refused(store.download(file), /SHA-256/);
  answer = () => new Response(pattern(50_000));
  await refused(store.download(file), /a: it is above 9,146 bytes/);
  answer = () => new Response("", { status: 404 });
  await refused(store.download(file), /the server answers 404/);
  answer = () => {
    throw new TypeError("no network");
  };
  await refused(store.download(file), /no network/);
  await refused(store.download({ name: "b", limit: 1 }), /b: it has no URL/);
  assert.is(kept.size, 0);
});

test("throws a damaged entry away", async () => {
  kept.set(url, packed.slice(0, 30));
  assert.is(await cacheStore().find(file), undefined);
  assert.is(kept.size, 0);
});

test.run();
