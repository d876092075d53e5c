import { suite } from "uvu";
import * as assert from "uvu/assert";
import { blockSize, Heap } from "../../src/backend/cpu/heap.ts";
import { BackendError } from "../../src/errors.ts";
import { isA, says } from "../support/errors.ts";

const test = suite("the heap of the cpu device");

const START = 128 * 1024;

function memoryOf(pages: number, maximum = 4096): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: pages, maximum, shared: true });
}

/** Numbers below a bound, the same in every run. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

test("blockSize() holds its bytes, on cache lines, and wastes less than a quarter", () => {
  for (let bytes = 0; bytes < 2 ** 32; bytes = Math.ceil(bytes * 1.01 + 1)) {
    const size = blockSize(bytes);
    assert.ok(size >= bytes && size % 64 === 0, `${size} for ${bytes}`);
    assert.ok(size <= bytes * 1.25 + 64, `${size} for ${bytes}`);
    assert.is(blockSize(size), size, `the size of a block of ${size}`);
  }
});

test("blockSize() is exact around powers of two and their quarters", () => {
  const bytes = [0, 1, 64, 65, 128, 129, 192, 193, 256, 257, 320, 321];
  const sizes = [64, 64, 64, 128, 128, 192, 192, 256, 256, 320, 320, 384];
  assert.equal(bytes.map(blockSize), sizes);
  for (let power = 9; power < 32; power++) {
    const base = 2 ** power, quarter = base / 4;
    for (let k = 0; k < 4; k++) {
      assert.is(blockSize(base + k * quarter), base + k * quarter);
      assert.is(blockSize(base + k * quarter + 1), base + (k + 1) * quarter);
    }
  }
});

test("take() gives what was given back, and fresh memory else", () => {
  const heap = new Heap(memoryOf(4), START, 1 << 20);
  const a = heap.take(1000, "a"), b = heap.take(1000, "b");
  assert.equal([a, b], [START, START + blockSize(1000)]);
  heap.give(a, 1000);
  assert.is(heap.freeBytes, blockSize(1000));
  assert.is(heap.take(2000, "another size"), b + blockSize(1000));
  assert.is(heap.take(961, "the same size"), a);
  assert.is(heap.freeBytes, 0);
});

test("take() grows memory when it must", () => {
  const memory = memoryOf(3);
  const heap = new Heap(memory, START, 1 << 26);
  heap.take(65536, "what fits");
  assert.is(memory.buffer.byteLength, 3 * 65536);
  const address = heap.take(1 << 20, "what does not");
  assert.ok(memory.buffer.byteLength >= address + (1 << 20));
  new Uint8Array(memory.buffer, address, 1 << 20).fill(1);
  let growths = 0, before = memory.buffer.byteLength;
  for (let i = 0; i < 1000; i++) {
    heap.take(30_000, "a small one");
    if (memory.buffer.byteLength > before) growths++;
    before = memory.buffer.byteLength;
  }
  assert.ok(growths > 1 && growths < 30, `${growths} growths`);
});

test("take() names what there is no room for, and goes on afterwards", () => {
  const memory = memoryOf(3);
  const heap = new Heap(memory, START, 1 << 20);
  const blocks = Array.from({ length: 16 }, () => heap.take(65536, "a block"));
  assert.throws(
    () => heap.take(70_000, "a tensor of shape [17500]"),
    says(
      BackendError,
      "Cannot allocate 70000 bytes for a tensor of shape [17500]: 1048576 of at most 1048576 bytes " +
        "are in use (the limit is reached), use smaller batches or dispose what is not needed",
    ),
  );
  heap.give(blocks[3]!, 65536);
  assert.is(heap.take(65536, "as before"), blocks[3]);
  assert.ok(memory.buffer.byteLength < START + (1 << 20) + 2 * 65536, "it grew beyond the limit");
});

test("take() merges neighbours when memory runs out", () => {
  const heap = new Heap(memoryOf(3), START, 1 << 20);
  const blocks = Array.from({ length: 16 }, () => heap.take(65536, "a block"));
  for (const i of [2, 9, 3, 4, 12]) heap.give(blocks[i]!, 65536);
  assert.throws(
    () => heap.take(4 * 65536, "too large a piece"),
    isA(BackendError, /720896 of at most 1048576 .*, 327680 are free in smaller pieces/),
  );
  assert.is(heap.take(3 * 65536, "three neighbours"), blocks[2]);
  assert.is(heap.freeBytes, 2 * 65536);
  // Tight places come first, and what is left of a place stays of use.
  const half = heap.take(32768, "a half");
  assert.is(half, blocks[9]);
  assert.is(heap.take(65536, "a whole"), blocks[12]);
  assert.is(heap.take(32768, "the other half"), half + 32768);
  assert.is(heap.freeBytes, 0);
});

test("what is free at the end becomes fresh again", () => {
  const heap = new Heap(memoryOf(3), START, 1 << 20);
  const blocks = Array.from({ length: 1024 }, () => heap.take(1024, "a small one"));
  for (const block of blocks) heap.give(block, 1024);
  assert.is(heap.freeBytes, 1 << 20);
  assert.is(heap.take(1 << 20, "all at once"), START);
  assert.is(heap.freeBytes, 0);
  heap.give(START, 1 << 20);
  assert.is(heap.take(500, "a small one"), START);
});

test("memory that the engine does not give is an error with the engine's reason", () => {
  const heap = new Heap(memoryOf(3, 10), START, 1 << 30);
  const first = heap.take(300_000, "what fits");
  assert.throws(() => heap.take(1 << 20, "a tensor"), (error: Error) => {
    return isA(BackendError, /^Cannot allocate 1048576 bytes for a tensor: /)(error) &&
      !error.message.includes("the limit is reached") &&
      /\(.*(grow|memory).*\)/i.test(error.message);
  });
  // Up to the very end of what there is.
  assert.is(heap.take(10 * 65536 - first - blockSize(300_000), "the rest") % 64, 0);
});

for (const seed of [1, 2, 3, 4]) {
  test(`blocks never overlap, whatever the order, seed ${seed}`, () => {
    const random = dice(seed);
    const memory = memoryOf(3);
    const heap = new Heap(memory, START, seed % 2 === 0 ? 1 << 21 : 1 << 25);
    const words = (): Int32Array => new Int32Array(memory.buffer);
    const held: { readonly address: number; readonly bytes: number; readonly mark: number }[] = [];
    let refused = 0;
    for (let mark = 1; mark < 6000; mark++) {
      if (held.length > 0 && random(100) < 45 + 20 * Math.sin(mark / 300)) {
        const [{ address, bytes, mark }] = held.splice(random(held.length), 1) as [typeof held[0]];
        const first = address / 4, last = first + blockSize(bytes) / 4;
        const wrong = words().subarray(first, last).findIndex((word) => word !== mark);
        assert.is(wrong, -1, `block ${mark} was overwritten at word ${wrong}`);
        heap.give(address, bytes);
        continue;
      }
      const bytes = random(10) === 0 ? random(200_000) : random(4000);
      let address: number;
      try {
        address = heap.take(bytes, "a block");
      } catch {
        refused++;
        continue;
      }
      assert.ok(address % 64 === 0 && address >= START);
      words().fill(mark, address / 4, (address + blockSize(bytes)) / 4);
      held.push({ address, bytes, mark });
    }
    assert.is(refused > 0, seed % 2 === 0, `refused ${refused} times`);
    for (const { address, bytes } of held) heap.give(address, bytes);
    // All of it is free: after merging one block may have nearly all.
    if (refused > 0) assert.is(heap.take((1 << 21) - 64, "everything"), START);
  });
}

test.run();
