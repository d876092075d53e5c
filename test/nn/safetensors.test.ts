import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CheckpointError } from "../../src/errors.ts";
import {
  BatchNorm2d,
  Conv2d,
  Flatten,
  Linear,
  loadModel,
  readSafetensors,
  ReLU,
  saveModel,
  Sequential,
  type WritableTensor,
  writeSafetensors,
} from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { tensor } from "../../src/tensor/mod.ts";
import golden from "../fixtures/models.json" with { type: "json" };
import { assertClose, reference as device } from "../support/devices.ts";
import { uniform } from "./model_fixture.ts";

const test = suite("safetensors");
const torchFile = Uint8Array.from(atob(golden.tiny.file), (it) => it.charCodeAt(0));

/** The network of the fixture. */
function tinyNet(seed: number): Sequential {
  const options = { random: new RandomStream(seed), device };
  return new Sequential(
    new Conv2d(2, 3, 3, { ...options, padding: 1 }),
    new BatchNorm2d(3, { device }),
    new ReLU(),
    new Flatten(),
    new Linear(60, 4, options),
  );
}

/** A file of this header and this many bytes of data. */
function file(header: string | object, dataBytes = 0): Uint8Array {
  const text = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

function entry(begin: number, end: number, shape: unknown = [1], dtype: unknown = "F32"): object {
  return { dtype, shape, data_offsets: [begin, end] };
}

test("PyTorch's file gives PyTorch's logits, through a flattening too", async () => {
  const model = tinyNet(1);
  assert.equal(loadModel(model, torchFile), { made_by: "PyTorch" });
  const { shape, logits } = golden.tiny;
  const images = Float32Array.from(uniform("images", 80), (u) => u + 0.5);
  const got = await model.eval().forward(tensor(images, { shape, device })).data();
  assertClose(got, logits, { rtol: 1e-5, atol: 1e-6 });
});

test("saving what was loaded gives the same tensors, and the same bytes again", async () => {
  const [first, second] = [tinyNet(1), tinyNet(2)];
  loadModel(first, torchFile);
  const bytes = await saveModel(first, { seed: "1" });
  const [ours, theirs] = [readSafetensors(bytes), readSafetensors(torchFile)];
  assert.equal(ours.metadata, { seed: "1" });
  assert.equal(Object.fromEntries(ours.tensors), Object.fromEntries(theirs.tensors));
  loadModel(second, bytes);
  assert.equal(await saveModel(second, { seed: "1" }), bytes);
});

test("readSafetensors() reads all types, at any address", () => {
  const types = { U8: 1, F16: 2, BF16: 2, I32: 4, F64: 8, I64: 8 };
  let end = 0;
  const header = Object.fromEntries(
    Object.entries(types).map(([dtype, size]) => {
      const begin = end;
      end += size;
      return [dtype, entry(begin, end, [1], dtype)];
    }),
  );
  const bytes = file(header, end);
  const view = new DataView(bytes.buffer, bytes.length - end);
  view.setUint8(0, 200);
  view.setUint16(1, 0xc500, true); // -5
  view.setUint16(3, 0x3fc0, true); // 1.5
  view.setInt32(5, -7, true);
  view.setFloat64(9, 0.1, true);
  view.setBigInt64(17, -3n, true);
  const { tensors } = readSafetensors(bytes);
  const numbers = Object.keys(types).map((name) => Number(tensors.get(name)!.data[0]));
  assert.equal(numbers, [200, -5, 1.5, -7, 0.1, -3]);
});

const HOSTILE: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["is empty", new Uint8Array(0), /0 bytes/],
  ["has a long header", Uint8Array.of(1, 225, 245, 5, 0, 0, 0, 0, 123), /100000001 bytes/],
  ["ends in its header", Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 123), /ends at byte 17/],
  ["begins with a space", file(" {}"), /begin with/],
  ["is no UTF-8", Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0, 123, 255, 125), /UTF-8/],
  ["is no JSON", file("{]"), /not JSON/],
  ["nests deeply", file(`{"a":${"[".repeat(200_000)}`), /not JSON/],
  ["has a name twice", file('{"a":{},"\\u0061":{}}'), /"a" occurs twice/],
  ["has a key twice", file('{"a":{"dtype":"F32","dtype":"F32"}}'), /"dtype" occurs twice/],
  ["has numbers as metadata", file({ __metadata__: { a: 1 } }), /must be a string/],
  ["has a list as a tensor", file({ a: [] }), /must be an object/],
  ["has an unknown type", file({ a: entry(0, 4, [1], "toString") }, 4), /has type "toString"/],
  ["has a negative size", file({ a: entry(0, 4, [-1, -1]) }, 4), /whole numbers/],
  ["has three offsets", file({ a: { ...entry(0, 0), data_offsets: [0, 4, 4] } }, 4), /two numbers/],
  ["lies outside", file({ a: entry(0, 8, [2]) }, 4), /but there are 4 bytes/],
  ["goes backwards", file({ a: entry(4, 0) }, 4), /bytes 4 to 0/],
  ["has another shape", file({ a: entry(0, 4, [2]) }, 4), /needs 8 bytes, but has 4/],
  ["has a huge shape", file({ a: entry(0, 4, Array(99).fill(2 ** 52)) }, 4), /but has 4/],
  ["overlaps", file({ a: entry(0, 4), b: entry(0, 4) }, 4), /overlaps/],
  ["has a hole", file({ a: entry(0, 4), b: entry(8, 12) }, 12), /unused/],
  ["has bytes after it", file({ a: entry(0, 4) }, 5), /end at 4/],
];

for (const [what, bytes, message] of HOSTILE) {
  test(`a file that ${what} is refused`, () => {
    try {
      readSafetensors(bytes);
    } catch (error) {
      assert.instance(error, CheckpointError);
      return assert.match((error as Error).message, message);
    }
    assert.unreachable();
  });
}

test("a file of another model changes nothing", async () => {
  const model = tinyNet(3), before = await saveModel(model);
  const { tensors } = readSafetensors(before);
  const float = (shape: readonly number[]) => ({ shape, data: new Float32Array(shape[0] ?? 1) });
  const own = [...tensors].map(([name, { shape, data }]): [string, WritableTensor] => {
    return [name, { shape, data: data as Float32Array }];
  });
  const others: readonly Uint8Array[] = [
    writeSafetensors(new Map([...own, ["extra", float([1])]])),
    writeSafetensors(new Map(own.slice(0, -1))),
    writeSafetensors(new Map([...own, ["4.bias", float([5])]])),
    writeSafetensors(new Map([...own, ["4.bias", { shape: [4], data: new BigInt64Array(4) }]])),
  ];
  for (const bytes of others) {
    assert.throws(
      () => loadModel(model, bytes),
      (error: Error) => error instanceof CheckpointError,
    );
    assert.equal(await saveModel(model), before);
  }
});

test("cut and flipped files are refused or read, and never half loaded", async () => {
  const model = tinyNet(3), before = await saveModel(model);
  const header = before.length - 4 * 312;
  let refused = 0;
  for (let i = 0; i < 600; i++) {
    const at = (i * 2654435761 >>> 0) % (i % 2 === 0 ? header : before.length);
    const bytes = i % 3 === 0 ? before.slice(0, at) : before.slice();
    if (i % 3 !== 0) bytes[at]! ^= 1 << (i % 8);
    try {
      loadModel(model, bytes);
      loadModel(model, before);
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      refused++;
      if (i % 10 === 0) assert.equal(await saveModel(model), before);
    }
  }
  assert.ok(refused > 300, `${refused}`);
  assert.equal(await saveModel(model), before);
});

test.run();
