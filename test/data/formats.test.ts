import { test } from "uvu";
import * as assert from "uvu/assert";
import { sha256, unpack } from "../../src/data/bytes.ts";
import { parseCifar } from "../../src/data/cifar.ts";
import { DataError } from "../../src/data/data_error.ts";
import { checked } from "../../src/data/data_file.ts";
import { parseIdx } from "../../src/data/idx.ts";
import { parseTar } from "../../src/data/tar.ts";
import { cifar, concat, gzip, idx, pattern, tar } from "./files.ts";

function throwsData(act: () => unknown, message: RegExp): void {
  assert.throws(act, (error: unknown) => error instanceof DataError && message.test(error.message));
}

async function rejectsData(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  assert.instance(error, DataError);
  assert.match((error as Error).message, message);
}

test("sha256() gives the digest of the standard's example", async () => {
  const digest = await sha256(new TextEncoder().encode("abc"));
  assert.is(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("unpack() gives plain bytes as they are and gzip unpacked", async () => {
  const bytes = pattern(100_000);
  assert.is(await unpack("a", bytes, 100_000), bytes);
  assert.equal(await unpack("a", await gzip(bytes), 100_000), bytes);
  assert.equal(await unpack("a", await gzip(new Uint8Array(0)), 10), new Uint8Array(0));
  const lying = await gzip(bytes);
  lying.set([1, 0, 0, 0], lying.length - 4);
  await rejectsData(unpack("a", lying, 100_000), /a: the gzip file is truncated or corrupt/);
});

test("unpack() refuses truncated, corrupt and too large files", async () => {
  const bytes = pattern(50_000);
  const packed = await gzip(bytes);
  await rejectsData(unpack("x.gz", packed.slice(0, -20), 50_000), /x\.gz.*truncated or corrupt/);
  await rejectsData(unpack("x.gz", packed.slice(0, 12), 50_000), /x\.gz.*truncated or corrupt/);
  const broken = packed.slice();
  broken[broken.length - 6]! ^= 1;
  await rejectsData(unpack("x.gz", broken, 50_000), /x\.gz.*truncated or corrupt/);
  await rejectsData(unpack("x.gz", concat([packed, bytes]), 50_000), /x\.gz.*corrupt/);
  await rejectsData(unpack("x.gz", packed, 49_999), /inflates to more than 49,999 bytes/);
  await rejectsData(unpack("x", bytes, 49_999), /x: it has 50,000 bytes.*at most 49,999/);
  const bomb = await gzip(new Uint8Array(2 ** 25));
  await rejectsData(unpack("bomb.gz", bomb, 1000), /inflates to more than 1,000 bytes/);
});

test("checked() compares the checksum before or after unpacking, or not at all", async () => {
  const bytes = pattern(1000), packed = await gzip(bytes);
  const file = { name: "a", limit: 1000 };
  const stored = { ...file, sha256: { of: "stored", digest: await sha256(packed) } } as const;
  const unpacked = { ...file, sha256: { of: "unpacked", digest: await sha256(bytes) } } as const;
  assert.equal(await checked(stored, packed, { where: "/a.gz" }), bytes);
  assert.equal(await checked(unpacked, packed, { where: "/a.gz" }), bytes);
  assert.equal(await checked(unpacked, bytes, { where: "/a" }), bytes);
  const other = pattern(1000, 2);
  await rejectsData(checked(unpacked, other, { where: "/b" }), /Cannot use \/b as a.*SHA-256 is/);
  await rejectsData(checked(stored, bytes, { where: "/b" }), /must be [0-9a-f]{64}.*verify: false/);
  assert.equal(await checked(unpacked, other, { where: "/b", verify: false }), other);
});

test("parseIdx() reads shape and elements", () => {
  const data = pattern(24);
  const { shape, data: read } = parseIdx("a", idx([2, 3, 4], data), 3);
  assert.equal(shape, [2, 3, 4]);
  assert.equal(read, data);
});

test("parseIdx() refuses what is no such file", () => {
  const good = idx([2, 3], pattern(6));
  throwsData(() => parseIdx("a", new Uint8Array(3), 2), /a: .*no IDX file/);
  throwsData(() => parseIdx("a", new TextEncoder().encode("<html>not it</html>"), 2), /no IDX/);
  throwsData(() => parseIdx("a", good, 3), /type 8 with 2 axes, it must.*with 3/);
  throwsData(() => parseIdx("a", good.slice(0, -1), 2), /\[2, 3\] needs 6 bytes.*there are 5/);
  throwsData(() => parseIdx("a", concat([good, pattern(1)]), 2), /there are 7/);
  const floats = good.slice();
  floats[2] = 13;
  throwsData(() => parseIdx("a", floats, 2), /elements of type 13/);
  const huge = good.slice();
  huge.fill(255, 4, 12);
  throwsData(() => parseIdx("a", huge, 2), /needs [\d,]+ bytes/);
});

test("parseCifar() takes planes to channels last, and the label that is asked for", () => {
  const format = { labelBytes: 1, label: 0, classes: 10 };
  const { pixels, labels } = parseCifar("a", cifar([[3], [9]], 5), format);
  assert.equal(labels, Uint8Array.of(3, 9));
  const second = pattern(3072, 6);
  for (const [y, x, c] of [[0, 0, 0], [0, 1, 2], [17, 30, 1], [31, 31, 2]] as const) {
    assert.is(pixels[3072 + (y * 32 + x) * 3 + c], second[c * 1024 + y * 32 + x]);
  }
  const hundred = cifar([[4, 77]]);
  const coarse = parseCifar("a", hundred, { labelBytes: 2, label: 0, classes: 20 });
  const fine = parseCifar("a", hundred, { labelBytes: 2, label: 1, classes: 100 });
  assert.equal([coarse.labels[0], fine.labels[0]], [4, 77]);
});

test("parseCifar() refuses parts of records and labels out of range", () => {
  const format = { labelBytes: 1, label: 0, classes: 10 };
  const good = cifar([[3], [9]]);
  throwsData(() => parseCifar("a", good.slice(0, -1), format), /6,145 bytes are not whole records/);
  throwsData(() => parseCifar("a", new Uint8Array(0), format), /0 bytes are not whole/);
  throwsData(() => parseCifar("a", cifar([[3], [10]]), format), /record 1 has label 10.*below 10/);
});

test("parseTar() finds files by their last name", () => {
  const files = { "a.bin": pattern(700), "b.bin": pattern(512, 2), "empty": new Uint8Array(0) };
  const read = parseTar("a.tar", tar("folder", files));
  assert.equal(Object.fromEntries(read), files);
});

test("parseTar() refuses archives that are cut, corrupt or ambiguous", () => {
  const good = tar("folder", { a: pattern(700), b: pattern(700) });
  throwsData(() => parseTar("t", good.slice(0, 1300)), /a needs 700 bytes, 276 are left/);
  throwsData(() => parseTar("t", good.slice(0, 2048)), /ends without the empty block/);
  throwsData(() => parseTar("t", good.slice(0, 2100)), /byte 2048 is no header/);
  const broken = good.slice();
  broken[512 + 3]! ^= 1;
  throwsData(() => parseTar("t", broken), /byte 512 is no header/);
  const twice = concat([tar("x", { a: pattern(3) }).slice(0, -1024), tar("y", { a: pattern(4) })]);
  throwsData(() => parseTar("t", twice), /holds a twice/);
});

test.run();
