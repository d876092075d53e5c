import { PNG } from "pngjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { drawAdversarialGrid, encodePng, type Image } from "../../src/report/mod.ts";

const test = suite("png");

function decode(bytes: Uint8Array): { width: number; height: number; data: Uint8Array } {
  return PNG.sync.read(Buffer.from(bytes));
}

/** Every byte, every half step between two bytes, and the values beside the half steps. */
const ramp = Array.from({ length: 256 }, (_, byte) => [
  byte,
  Math.min(255, byte + 0.499),
  Math.min(255, byte + 0.501),
]).flat().map((value) => value / 255);

test("encodePng() rounds to the nearest of 256 steps, in grey", () => {
  const image: Image = { width: 32, height: 24, channels: 1, pixels: ramp };
  const { width, height, data } = decode(encodePng(image));
  assert.equal([width, height], [32, 24]);
  for (const [at, value] of ramp.entries()) {
    const byte = Math.round(value * 255);
    assert.equal([...data.subarray(at * 4, at * 4 + 4)], [byte, byte, byte, 255]);
  }
});

test("encodePng() rounds to the nearest of 256 steps, in colour", () => {
  const image: Image = { width: 16, height: 16, channels: 3, pixels: Float32Array.from(ramp) };
  const { data } = decode(encodePng(image));
  const colours = data.filter((_, at) => at % 4 !== 3);
  assert.equal([...colours], ramp.map((value) => Math.round(Math.fround(value) * 255)));
});

test("encodePng() writes a grid byte for byte", () => {
  const picture = (value: number): Image => {
    return { width: 3, height: 3, channels: 1, pixels: new Array<number>(9).fill(value) };
  };
  const grid = drawAdversarialGrid([{
    original: picture(0.25),
    adversarial: picture(0.35),
    label: "7",
    before: { label: "7", certainty: 0.99 },
    after: { label: "1", certainty: 0.7 },
  }], { title: "Sign step" });
  const { width, height, data } = decode(encodePng(grid));
  assert.equal([width, height], [grid.width, grid.height]);
  const colours = data.filter((_, at) => at % 4 !== 3);
  assert.equal(
    Buffer.from(colours),
    Buffer.from(
      Float32Array.from(grid.pixels).map((value) => {
        return Math.round(value * 255);
      }),
    ),
  );
});

test("encodePng() takes a rounding error beyond 0..1, and nothing more", () => {
  const encode = (pixels: number[], width = pixels.length) =>
    encodePng({ width, height: 1, channels: 1, pixels });
  assert.equal([...decode(encode([-1e-7, 1.0000001])).data], [0, 0, 0, 255, 255, 255, 255, 255]);
  assert.throws(
    () => encode([0, 1.5]),
    "Cannot encode picture: value 1 is 1.5, it must be in 0..1",
  );
  assert.throws(() => encode([NaN]), "value 0 is NaN");
  assert.throws(
    () => encode([0], 2),
    "Cannot encode picture: it has 1 values, 2 x 1 x 1 needs 2",
  );
  assert.throws(() => encode([], 0), "its size is 0 x 1, it must be 1 x 1 or more");
});

test.run();
