/**
 * Batch normalization, four channels at once. Sums go over chunks of rows first, short enough for
 * the nearest caches, and a second call joins their results in their order.
 */
import { float, int, pointer } from "../assembly/arguments.as";
import { scratch } from "../assembly/thread.as";
import { loadPart, read, storePart, write } from "../assembly/vectors.as";

type V = v128;

// Words after the addresses, see cpu.ts.
const ROWS = 0, CHANNELS = 1, CHUNK = 2, CHUNKS = 3, BLOCK = 4, EPSILON = 5;

/** Bytes of rows that are long. */
const LONG: usize = 256;

// What is summed, one or two terms for each element: a class without fields, the compiler makes one
// loop per class.
class Plain {
  @inline first(g: V, x: V, mean: V): V { return g; }
  @inline second(first: V, x: V, mean: V): V { return first; }
  @inline reads(): bool { return false; }
  @inline pairs(): bool { return false; }
}
class Deviations {
  @inline first(g: V, x: V, mean: V): V { return f32x4.sub(g, mean); }
  @inline second(first: V, x: V, mean: V): V { return f32x4.mul(first, first); }
  @inline reads(): bool { return false; }
  @inline pairs(): bool { return true; }
}
class Weighted {
  @inline first(g: V, x: V, mean: V): V { return g; }
  @inline second(first: V, x: V, mean: V): V { return f32x4.mul(first, f32x4.sub(x, mean)); }
  @inline reads(): bool { return true; }
  @inline pairs(): bool { return true; }
}

/**
 * Sums of four channels, or of the first `count` of them, to `to` and `other`. Four rows at a time
 * have sums of their own: an addition need not wait for the one before.
 */
// @ts-ignore: decorator
@inline
function sumColumn<F>(
  g: usize, x: usize, mean: V, to: usize, other: usize, step: usize, rows: i32, count: i32,
  whole: bool,
): void {
  const f = changetype<F>(0);
  let a: V = i32x4.splat(0), b = a, c = a, d = a, p = a, q = a, r = a, s = a;
  for (; rows >= 4; rows -= 4) {
    const g0 = f.first(read(g, count, whole), mean, mean);
    const g1 = f.first(read(g + step, count, whole), mean, mean);
    const g2 = f.first(read(g + 2 * step, count, whole), mean, mean);
    const g3 = f.first(read(g + 3 * step, count, whole), mean, mean);
    a = f32x4.add(a, g0), b = f32x4.add(b, g1), c = f32x4.add(c, g2), d = f32x4.add(d, g3);
    if (f.pairs()) {
      const x0 = f.reads() ? read(x, count, whole) : mean;
      const x1 = f.reads() ? read(x + step, count, whole) : mean;
      const x2 = f.reads() ? read(x + 2 * step, count, whole) : mean;
      const x3 = f.reads() ? read(x + 3 * step, count, whole) : mean;
      p = f32x4.add(p, f.second(g0, x0, mean)), q = f32x4.add(q, f.second(g1, x1, mean));
      r = f32x4.add(r, f.second(g2, x2, mean)), s = f32x4.add(s, f.second(g3, x3, mean));
    }
    g += 4 * step;
    x += 4 * step;
  }
  for (; rows > 0; rows--, g += step, x += step) {
    const g0 = f.first(read(g, count, whole), mean, mean);
    a = f32x4.add(a, g0);
    if (f.pairs()) p = f32x4.add(p, f.second(g0, f.reads() ? read(x, count, whole) : mean, mean));
  }
  write(to, f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), count, whole);
  if (f.pairs()) write(other, f32x4.add(f32x4.add(p, q), f32x4.add(r, s)), count, whole);
}

/**
 * The same for 16 channels, which fill a cache line: it is read once. That counts where rows are
 * long, so that lines far apart push each other out of the nearest cache.
 */
function sumLine<F>(
  g: usize, x: usize, means: usize, to: usize, other: usize, step: usize, rows: i32,
): void {
  const f = changetype<F>(0), pairs = f.pairs(), reads = f.reads();
  let a: V = i32x4.splat(0), b = a, c = a, d = a, p = a, q = a, r = a, s = a;
  const m = pairs ? v128.load(means) : a, n = pairs ? v128.load(means, 16) : a;
  const k = pairs ? v128.load(means, 32) : a, l = pairs ? v128.load(means, 48) : a;
  for (; rows > 0; rows--, g += step, x += step) {
    const g0 = f.first(v128.load(g), m, m), g1 = f.first(v128.load(g, 16), n, n);
    const g2 = f.first(v128.load(g, 32), k, k), g3 = f.first(v128.load(g, 48), l, l);
    a = f32x4.add(a, g0), b = f32x4.add(b, g1), c = f32x4.add(c, g2), d = f32x4.add(d, g3);
    if (pairs) {
      p = f32x4.add(p, f.second(g0, reads ? v128.load(x) : m, m));
      q = f32x4.add(q, f.second(g1, reads ? v128.load(x, 16) : n, n));
      r = f32x4.add(r, f.second(g2, reads ? v128.load(x, 32) : k, k));
      s = f32x4.add(s, f.second(g3, reads ? v128.load(x, 48) : l, l));
    }
  }
  v128.store(to, a), v128.store(to, b, 16), v128.store(to, c, 32), v128.store(to, d, 48);
  if (!pairs) return;
  v128.store(other, p), v128.store(other, q, 16), v128.store(other, r, 32);
  v128.store(other, s, 48);
}

/** Sums of channels over `rows` rows that lie `step` bytes apart. */
function sum<F>(
  g: usize, x: usize, means: usize, to: usize, other: usize, step: usize, rows: i32, channels: i32,
): void {
  const pairs = changetype<F>(0).pairs();
  let at: usize = 0;
  for (; step > LONG && channels >= 16; channels -= 16, at += 64) {
    sumLine<F>(g + at, x + at, means + at, to + at, other + at, step, rows);
  }
  for (; channels >= 4; channels -= 4, at += 16) {
    const mean = pairs ? v128.load(means + at) : i32x4.splat(0);
    sumColumn<F>(g + at, x + at, mean, to + at, other + at, step, rows, 4, true);
  }
  if (channels < 1) return;
  const mean = pairs ? loadPart(means + at, channels) : i32x4.splat(0);
  sumColumn<F>(g + at, x + at, mean, to + at, other + at, step, rows, channels, false);
}

/** x -> parts: for each chunk of rows the means, then the sums of squared distances from them. */
export function batch_chunk_statistics(args: usize, first: i32, last: i32): void {
  const words = args + 8, channels = int(words, CHANNELS), step = <usize> channels << 2;
  for (let chunk = first; chunk < last; chunk++) {
    const begin = chunk * int(words, CHUNK);
    const rows = min(int(words, CHUNK), int(words, ROWS) - begin);
    const x = pointer(args, 0) + <usize> begin * step, means = scratch, rests = scratch + step;
    const to = pointer(args, 1) + <usize> (2 * chunk) * step, share: f32 = <f32> 1 / <f32> rows;
    sum<Plain>(x, 0, 0, means, 0, step, rows, channels);
    for (let at: usize = 0; at < step; at += 4) {
      store<f32>(means + at, load<f32>(means + at) * share);
    }
    // What the distances from a rounded mean add up to tells how far it is off.
    sum<Deviations>(x, 0, means, rests, to + step, step, rows, channels);
    for (let at: usize = 0; at < step; at += 4) {
      const rest = load<f32>(rests + at), shift = rest * share;
      store<f32>(to + at, load<f32>(means + at) + shift);
      store<f32>(to + step + at, max<f32>(0, load<f32>(to + step + at) - rest * shift));
    }
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
    sum<Weighted>(g, x, pointer(args, 2), to, to + step, step, rows, channels);
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
  sum<Plain>(parts, 0, 0, dshift, 0, 2 * step, chunks, end - begin);
  sum<Plain>(parts + step, 0, 0, dscale, 0, 2 * step, chunks, end - begin);
  for (let c = 0; c < end - begin; c += 4) {
    const at = <usize> c << 2, left = end - begin - c;
    const r = reciprocalDeviation(loadPart(pointer(args, 1) + place + at, left), words);
    storePart(dscale + at, f32x4.mul(loadPart(dscale + at, left), r), left);
  }
}
