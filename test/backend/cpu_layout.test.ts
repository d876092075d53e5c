import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CREW, RELAXED, SIMD } from "../../src/backend/cpu/generated/kernels.ts";
import {
  ARGUMENT_BYTES,
  ARGUMENTS,
  CONTROL,
  heapStart,
  REASON_LETTERS,
  SCRATCH,
  SCRATCH_BYTES,
  STATIC,
  STATIC_BYTES,
} from "../../src/backend/cpu/layout.ts";

const test = suite("the layout of the cpu device's memory");

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

async function instantiate(
  base64: string,
  memory: WebAssembly.Memory,
): Promise<WebAssembly.Exports> {
  const table = new WebAssembly.Table({ element: "anyfunc", initial: 8 });
  const env = { memory, table, abort: (): void => {} };
  return (await WebAssembly.instantiate(bytesOf(base64), { env })).instance.exports;
}

function memoryOf(bytes: number): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: bytes / 65536, maximum: 65536, shared: true });
}

test("the compiled crew has its words where CONTROL says", async () => {
  const compiled = await instantiate(CREW, memoryOf(65536));
  const shared: Readonly<Record<string, number>> = {
    ...CONTROL,
    nothing: 0,
    worked: 1,
    ended: 2,
  };
  const globals = Object.entries(compiled).filter(([, value]) =>
    value instanceof WebAssembly.Global
  );
  assert.ok(globals.length >= 14, `it exports ${globals.length} numbers`);
  for (const [name, { value }] of globals as [string, WebAssembly.Global][]) {
    assert.is(value, shared[name.toLowerCase()], name);
  }
});

test("nothing overlaps", () => {
  const places = [
    ...Object.values(CONTROL).map((first) => [first, 4] as const),
    [CONTROL.open, 8] as const,
    [CONTROL.single, 12] as const,
    [CONTROL.reason, 4 + 2 * REASON_LETTERS] as const,
    [ARGUMENTS, ARGUMENT_BYTES] as const,
    [STATIC, STATIC_BYTES] as const,
    [SCRATCH, 3 * SCRATCH_BYTES] as const,
    [heapStart(3), 64] as const,
  ];
  for (const [first, bytes] of places) {
    for (const [other] of places) {
      assert.ok(other <= first || other >= first + bytes, `${other} lies in ${bytes} at ${first}`);
    }
  }
  for (const place of [ARGUMENTS, STATIC, SCRATCH, heapStart(1), heapStart(7)]) {
    assert.is(place % 64, 0);
  }
});

test("words that threads fight for lie on different cache lines", () => {
  const { open, done, call, running, signal, sleeping, waiting, failed, quit } = CONTROL;
  const lines = [open, done, call, running, signal, sleeping, waiting, failed, quit].map(
    (place) => {
      return Math.floor(place / 128);
    },
  );
  assert.is(new Set(lines).size, lines.length);
});

const BUILDS = [["SIMD", SIMD], ["relaxed SIMD", RELAXED]] as const;

for (const [name, base64] of BUILDS) {
  // Older engines know no relaxed SIMD.
  const onEngine = WebAssembly.validate(bytesOf(base64)) ? test : test.skip;

  onEngine(`constants of the ${name} build lie where STATIC says`, async () => {
    const memory = memoryOf(heapStart(1) + 65536);
    const bytes = new Uint8Array(memory.buffer).fill(0xa5);
    await instantiate(base64, memory);
    const first = bytes.findIndex((byte) => byte !== 0xa5);
    const last = bytes.findLastIndex((byte) => byte !== 0xa5);
    assert.ok(first >= STATIC, `they begin at ${first}`);
    assert.ok(last < STATIC + STATIC_BYTES, `they end at ${last}`);
  });
}

test("the crew touches nothing when it is loaded", async () => {
  const memory = memoryOf(65536);
  const bytes = new Uint8Array(memory.buffer).fill(0xa5);
  await instantiate(CREW, memory);
  assert.ok(bytes.every((byte) => byte === 0xa5));
});

test.run();
