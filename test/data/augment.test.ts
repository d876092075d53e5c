import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Augmentation, augmentedPixels, plainPixels } from "../../src/data/augment.ts";
import { batches, type Dataset, dataset, disposeBatch } from "../../src/data/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { reference } from "../support/devices.ts";
import { pattern } from "./files.ts";

const [HEIGHT, WIDTH, CHANNELS, COUNT] = [6, 7, 3, 40];
const SIZE = HEIGHT * WIDTH * CHANNELS;

// No byte is 0, so that fill shows.
const data: Dataset = dataset({
  name: "forty",
  imageShape: [HEIGHT, WIDTH, CHANNELS],
  classes: ["a", "b"],
  pixels: pattern(COUNT * SIZE).map((byte) => Math.max(1, byte)),
  labels: Uint8Array.from({ length: COUNT }, (_, i) => i % 2),
});
const every = Array.from({ length: COUNT }, (_, i) => i);
const plain = plainPixels(data, every, SIZE);

function at(pixels: Float32Array, image: number, [y, x, c]: readonly number[]): number {
  return pixels[image * SIZE + (y! * WIDTH + x!) * CHANNELS + c!]!;
}

/** The change that explains an image; fails where none does. */
function explain(
  pixels: Float32Array,
  image: number,
  { crop = 0, padding = "fill", fill = [0, 0, 0] }: Partial<Augmentation>,
): string {
  const bend = (i: number, length: number): number =>
    padding === "fill" ? i : i < 0 ? -i : i >= length ? 2 * (length - 1) - i : i;
  for (let dy = -crop; dy <= crop; dy++) {
    for (let dx = -crop; dx <= crop; dx++) {
      for (const flip of [false, true]) {
        let same = true;
        for (let k = 0; same && k < SIZE; k++) {
          const c = k % CHANNELS, x = Math.floor(k / CHANNELS) % WIDTH;
          const y = Math.floor(k / CHANNELS / WIDTH);
          const fromY = bend(y + dy, HEIGHT);
          const fromX = bend((flip ? WIDTH - 1 - x : x) + dx, WIDTH);
          const inside = fromY >= 0 && fromY < HEIGHT && fromX >= 0 && fromX < WIDTH;
          const want = inside ? at(plain, image, [fromY, fromX, c]) : Math.fround(fill[c]!);
          same = at(pixels, image, [y, x, c]) === want;
        }
        if (same) return `${dy} ${dx} ${flip}`;
      }
    }
  }
  throw new Error(`image ${image} is no crop of the original`);
}

test("plainPixels() divides by 255", () => {
  plain.forEach((value, i) => assert.is(value, Math.fround(data.pixels[i]! / 255)));
});

for (const padding of ["fill", "reflect"] as const) {
  test(`augmentedPixels() shifts by every offset and flips half, padding by ${padding}`, () => {
    const seen = new Map<string, number>();
    const augment = { seed: 3, crop: 1, flip: true, padding, fill: [0.25, 0.5, 0.75] };
    for (let epoch = 0; epoch < 20; epoch++) {
      const pixels = augmentedPixels(data, every, { augment, epoch });
      for (const image of every) {
        const change = explain(pixels, image, augment);
        seen.set(change, (seen.get(change) ?? 0) + 1);
      }
    }
    assert.is(seen.size, 18, "3 x 3 offsets, flipped or not");
    // 800 draws over 18 cells: 44 expected, standard deviation 6.5; the seed is fixed.
    for (const [change, count] of seen) assert.ok(count > 20 && count < 75, `${change}: ${count}`);
  });
}

test("augmentedPixels() without any change gives the plain pixels", () => {
  assert.equal(augmentedPixels(data, every, { augment: { seed: 1 }, epoch: 0 }), plain);
});

test("cutout blanks one square, cut off at the borders, in every channel", () => {
  const augment = { seed: 5, cutout: 3 };
  const areas = new Set<number>();
  for (let epoch = 0; epoch < 5; epoch++) {
    const pixels = augmentedPixels(data, every, { augment, epoch });
    for (const image of every) {
      const ys: number[] = [], xs: number[] = [];
      for (let y = 0; y < HEIGHT; y++) {
        for (let x = 0; x < WIDTH; x++) {
          const blank = [0, 1, 2].filter((c) => at(pixels, image, [y, x, c]) === 0);
          assert.ok(blank.length === 0 || blank.length === 3);
          if (blank.length === 3) {
            ys.push(y);
            xs.push(x);
          } else assert.is(at(pixels, image, [y, x, 1]), at(plain, image, [y, x, 1]));
        }
      }
      const height = Math.max(...ys) - Math.min(...ys) + 1;
      const width = Math.max(...xs) - Math.min(...xs) + 1;
      assert.is(ys.length, height * width, "a whole rectangle");
      assert.ok(height <= 3 && width <= 3);
      areas.add(ys.length);
    }
  }
  assert.equal([...areas].sort((a, b) => a - b), [4, 6, 9], "corners, borders and whole squares");
});

test("augmentation follows seed, epoch and id, and nothing else", () => {
  const augment = { seed: 7, crop: 2, flip: true, cutout: 2 };
  const whole = augmentedPixels(data, every, { augment, epoch: 4 });
  for (const place of [0, 13, 39]) {
    const alone = augmentedPixels(data, [place], { augment, epoch: 4 });
    assert.equal(alone, whole.slice(place * SIZE, (place + 1) * SIZE));
  }
  const differs = (other: Float32Array) => other.some((value, i) => value !== whole[i]);
  assert.ok(differs(augmentedPixels(data, every, { augment, epoch: 5 })));
  assert.ok(differs(augmentedPixels(data, every, { augment: { ...augment, seed: 8 }, epoch: 4 })));
  const high = { ...augment, seed: 7 + 2 ** 32 };
  assert.ok(differs(augmentedPixels(data, every, { augment: high, epoch: 4 })));
  const renamed = { ...data, ids: data.ids.map((id) => id + 1) };
  assert.ok(differs(augmentedPixels(renamed, every, { augment, epoch: 4 })));
});

/** Images and labels of one epoch by id, and the order of the ids. */
async function epochOf(
  batchSize: number,
  wait: boolean,
): Promise<{ order: number[]; images: Map<number, number[]> }> {
  const order: number[] = [], images = new Map<number, number[]>();
  const augment = { seed: 2, crop: 1, flip: true, cutout: 2 };
  const random = new RandomStream(9);
  const options = { batchSize, random, augment, epoch: 3, device: reference };
  for (const batch of batches(data, options)) {
    // Waiting lets the next batch be prepared while this one is in use.
    if (wait) await Promise.resolve().then(() => {});
    const pixels = await batch.images.data();
    for (const [i, id] of (await batch.ids.data()).entries()) {
      order.push(id);
      images.set(id, [...pixels.subarray(i * SIZE, (i + 1) * SIZE)]);
    }
  }
  return { order, images };
}

test("batches() gives the same order and images for every batch size", async () => {
  const first = await epochOf(1, false);
  assert.is(first.images.size, COUNT);
  for (const [batchSize, wait] of [[7, true], [16, false], [40, true], [64, true]] as const) {
    assert.equal(await epochOf(batchSize, wait), first, `batches of ${batchSize}`);
  }
});

test("batches() prepares the next batch while the caller waits, and never the wrong one", async () => {
  let reads = 0;
  const watched: Dataset = {
    ...data,
    get pixels(): Uint8Array {
      reads++;
      return data.pixels;
    },
  };
  const iterator = batches(watched, { batchSize: 16, device: reference });
  const first = iterator.next().value!;
  const before = reads;
  await Promise.resolve();
  assert.ok(reads > before, `prepared: ${before} reads before and ${reads} after`);
  const prepared = reads;
  const second = iterator.next().value!;
  assert.is(reads, prepared, "and used");
  const third = iterator.next().value!;
  await Promise.resolve();
  assert.equal([...await third.images.data()], [...plain.subarray(32 * SIZE)]);
  assert.ok(iterator.next().done);
  assert.ok(first.images.isDisposed && second.images.isDisposed);
  const stopped = batches(watched, { batchSize: 16, device: reference });
  stopped.next();
  stopped.return();
  const after = reads;
  await Promise.resolve();
  assert.is(reads, after, "nothing is prepared for a loop that has ended");
});

test("a smaller size shows the mean of what each pixel covers, after all other changes", () => {
  const augment = { seed: 7, crop: 2, flip: true, cutout: 2, fill: [0.25, 0.5, 0.75] };
  const whole = augmentedPixels(data, every, { augment, epoch: 4 });
  for (const size of [[4, 5], [3, 7], [1, 1], [6, 2]] as const) {
    const [height, width] = size;
    const found = augmentedPixels(data, every, { augment: { ...augment, size }, epoch: 4 });
    assert.is(found.length, COUNT * height * width * CHANNELS);
    // On a grid of height x width pieces per pixel, both images consist of whole pieces.
    for (const image of [0, 13, 39]) {
      for (let k = 0; k < height * width * CHANNELS; k++) {
        const c = k % CHANNELS, x = Math.floor(k / CHANNELS) % width;
        const y = Math.floor(k / CHANNELS / width);
        let sum = 0;
        for (let i = y * HEIGHT; i < (y + 1) * HEIGHT; i++) {
          for (let j = x * WIDTH; j < (x + 1) * WIDTH; j++) {
            sum += at(whole, image, [Math.floor(i / height), Math.floor(j / width), c]);
          }
        }
        const value = found[image * height * width * CHANNELS + k]!;
        const difference = Math.abs(value - sum / (HEIGHT * WIDTH));
        assert.ok(difference < 1e-7, `${size} ${k}: ${difference}`);
      }
    }
  }
  const same = { ...augment, size: [HEIGHT, WIDTH] as const };
  assert.equal(augmentedPixels(data, every, { augment: same, epoch: 4 }), whole);
});

test("batches() have the augmented size, whichever way they are cut", async () => {
  const augment = { seed: 7, crop: 1, size: [3, 4] } as const;
  const whole = augmentedPixels(data, every, { augment, epoch: 2 });
  const found: number[] = [];
  for (const { images } of batches(data, { batchSize: 16, augment, epoch: 2, device: reference })) {
    assert.equal(images.shape.slice(1), [3, 4, CHANNELS]);
    found.push(...await images.data());
  }
  assert.equal(found, [...whole]);
});

test("augmentations that cannot be get clear errors", () => {
  const run = (augment: Augmentation) => () => augmentedPixels(data, every, { augment, epoch: 0 });
  assert.throws(run({ seed: -1 }), /seed -1.*whole number >= 0/);
  assert.throws(run({ seed: 1, crop: 1.5 }), /crop of 1\.5 pixels/);
  assert.throws(run({ seed: 1, crop: 6, padding: "reflect" }), /crop of 6.*below the image's edge/);
  assert.throws(run({ seed: 1, cutout: -2 }), /cutout of -2/);
  assert.throws(run({ seed: 1, fill: [0] }), /1 fill colours: forty has 3 channels/);
  for (const size of [[0, 3], [7, 7], [2.5, 2], [6, 8]] as const) {
    assert.throws(run({ seed: 1, size }), /a size of .* from 1 x 1 to the 6 x 7 of forty/);
  }
  assert.throws(
    () => [...batches(data, { batchSize: 4, augment: { seed: NaN } })].forEach(disposeBatch),
    /seed NaN/,
  );
});

test.run();
