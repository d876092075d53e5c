/**
 * Batch normalization, four channels at once. Sums go over chunks of rows first, short enough for
 * the nearest caches, and a second call joins their results in their order.
 */
import { float, int, pointer } from "../assembly/arguments.as";
import { loadPart, read, storePart, write } from "../assembly/vectors.as";

type V = v128;

// Words after the addresses, see cpu.ts.
const ROWS = 0, CHANNELS = 1, CHUNK = 2, CHUNKS = 3, BLOCK = 4, EPSILON = 5;

// What is summed: a class without fields, the compiler makes one loop per class.
class Plain {
  @inline of(g: V, x: V, mean: V): V { return g; }
  @inline reads(): bool { return false; }
}
class Weighted {
  @inline of(g: V, x: V, mean: V): V { return f32x4.mul(g, f32x4.sub(x, mean)); }
  @inline reads(): bool { return true; }
}
class Distances {
  @inline of(g: V, x: V, mean: V): V { return f32x4.sub(x, mean); }
  @inline reads(): bool { return true; }
}
class Squares {
  @inline of(g: V, x: V, mean: V): V {
    const distance = f32x4.sub(x, mean);
    return f32x4.mul(distance, distance);
  }
  @inline reads(): bool { return true; }
}

/** A term of each of four channels, or of the first `count` of them. */
// @ts-ignore: decorator
@inline
function term<F>(g: usize, x: usize, mean: V, count: i32, whole: bool): V {
  const f = changetype<F>(0);
  return f.of(read(g, count, whole), f.reads() ? read(x, count, whole) : mean, mean);
}

/** Four rows of four channels, or of the first `count` of them, are added at `to`. */
// @ts-ignore: decorator
@inline
function addFour<F>(
  g: usize, x: usize, means: usize, to: usize, step: usize, count: i32, whole: bool,
): void {
  const mean = changetype<F>(0).reads() ? read(means, count, whole) : i32x4.splat(0);
  const low = f32x4.add(
    term<F>(g, x, mean, count, whole),
    term<F>(g + step, x + step, mean, count, whole),
  );
  const high = f32x4.add(
    term<F>(g + 2 * step, x + 2 * step, mean, count, whole),
    term<F>(g + 3 * step, x + 3 * step, mean, count, whole),
  );
  write(to, f32x4.add(read(to, count, whole), f32x4.add(low, high)), count, whole);
}

/** Sums of channels over `rows` rows that lie `step` bytes apart, read in their order in memory. */
function sum<F>(
  g: usize, x: usize, means: usize, to: usize, step: usize, rows: i32, channels: i32,
): void {
  const f = changetype<F>(0);
  memory.fill(to, 0, <usize> channels << 2);
  for (; rows >= 4; rows -= 4) {
    let at: usize = 0, left = channels;
    for (; left >= 4; left -= 4, at += 16) {
      addFour<F>(g + at, x + at, means + at, to + at, step, 4, true);
    }
    if (left > 0) addFour<F>(g + at, x + at, means + at, to + at, step, left, false);
    g += 4 * step;
    x += 4 * step;
  }
  for (; rows > 0; rows--) {
    for (let at: usize = 0, left = channels; left > 0; left -= 4, at += 16) {
      const mean = f.reads() ? loadPart(means + at, left) : i32x4.splat(0);
      const own = term<F>(g + at, x + at, mean, left, false);
      storePart(to + at, f32x4.add(loadPart(to + at, left), own), left);
    }
    g += step;
    x += step;
  }
}

/** mean = keep mean + sums / rows. */
function moveMean(mean: usize, sums: usize, rows: i32, channels: i32, keep: f32): void {
  for (let c = 0; c < channels; c++) {
    const at = <usize> c << 2;
    store<f32>(mean + at, keep * load<f32>(mean + at) + load<f32>(sums + at) / <f32> rows);
  }
}

/** x -> parts: for each chunk of rows the means, then the sums of squared distances from them. */
export function batch_chunk_statistics(args: usize, first: i32, last: i32): void {
  const words = args + 8, channels = int(words, CHANNELS), step = <usize> channels << 2;
  for (let chunk = first; chunk < last; chunk++) {
    const begin = chunk * int(words, CHUNK);
    const rows = min(int(words, CHUNK), int(words, ROWS) - begin);
    const x = pointer(args, 0) + <usize> begin * step;
    const mean = pointer(args, 1) + <usize> (2 * chunk) * step;
    // The mean, and then what the sum of its distances still shows, which is small.
    sum<Plain>(x, 0, 0, mean, step, rows, channels);
    moveMean(mean, mean, rows, channels, 0);
    sum<Distances>(x, x, mean, mean + step, step, rows, channels);
    moveMean(mean, mean + step, rows, channels, 1);
    sum<Squares>(x, x, mean, mean + step, step, rows, channels);
  }
}

/**
 * parts -> mean, variance: chunks joined as Chan, Golub and LeVeque do, without a difference of
 * large squares. A task has BLOCK channels.
 */
export function batch_statistics(args: usize, first: i32, last: i32): void {
  const words = args + 12, channels = int(words, CHANNELS), step = <usize> channels << 2;
  const end = min(last * int(words, BLOCK), channels), all = int(words, ROWS);
  for (let c = first * int(words, BLOCK); c < end; c += 4) {
    const at = <usize> c << 2, left = channels - c;
    let mean: V = i32x4.splat(0), squares: V = mean;
    let rows = 0, from = pointer(args, 0) + at;
    for (let chunk = 0; chunk < int(words, CHUNKS); chunk++) {
      const own = min(int(words, CHUNK), all - rows);
      const share = <f32> own / <f32> (rows + own), weight = share * <f32> rows;
      const gap = f32x4.sub(loadPart(from, left), mean);
      const between = f32x4.mul(f32x4.mul(gap, gap), f32x4.splat(weight));
      mean = f32x4.add(mean, f32x4.mul(gap, f32x4.splat(share)));
      squares = f32x4.add(squares, f32x4.add(loadPart(from + step, left), between));
      rows += own;
      from += 2 * step;
    }
    storePart(pointer(args, 1) + at, mean, left);
    storePart(pointer(args, 2) + at, f32x4.div(squares, f32x4.splat(<f32> all)), left);
  }
}

/** g, x, mean -> parts: for each chunk of rows the sums of g, then those of g (x - mean). */
export function batch_chunk_sums(args: usize, first: i32, last: i32): void {
  const words = args + 16, channels = int(words, CHANNELS), step = <usize> channels << 2;
  for (let chunk = first; chunk < last; chunk++) {
    const begin = chunk * int(words, CHUNK);
    const rows = min(int(words, CHUNK), int(words, ROWS) - begin);
    const g = pointer(args, 0) + <usize> begin * step, x = pointer(args, 1) + <usize> begin * step;
    const to = pointer(args, 3) + <usize> (2 * chunk) * step;
    sum<Plain>(g, 0, 0, to, step, rows, channels);
    sum<Weighted>(g, x, pointer(args, 2), to + step, step, rows, channels);
  }
}

/** 1 / sqrt(variance + epsilon). */
// @ts-ignore: decorator
@inline
function reciprocalDeviation(variance: V, words: usize): V {
  const sum = f32x4.add(variance, f32x4.splat(float(words, EPSILON)));
  return f32x4.div(f32x4.splat(1), f32x4.sqrt(sum));
}

/** parts, variance -> dshift, dscale. A task has BLOCK channels. */
export function batch_sums(args: usize, first: i32, last: i32): void {
  const words = args + 16, channels = int(words, CHANNELS), step = <usize> channels << 2;
  const begin = first * int(words, BLOCK), end = min(last * int(words, BLOCK), channels);
  const chunks = int(words, CHUNKS), place = <usize> begin << 2, parts = pointer(args, 0) + place;
  const dshift = pointer(args, 2) + place, dscale = pointer(args, 3) + place;
  sum<Plain>(parts, 0, 0, dshift, 2 * step, chunks, end - begin);
  sum<Plain>(parts + step, 0, 0, dscale, 2 * step, chunks, end - begin);
  for (let c = 0; c < end - begin; c += 4) {
    const at = <usize> c << 2, left = end - begin - c;
    const r = reciprocalDeviation(loadPart(pointer(args, 1) + place + at, left), words);
    storePart(dscale + at, f32x4.mul(loadPart(dscale + at, left), r), left);
  }
}
