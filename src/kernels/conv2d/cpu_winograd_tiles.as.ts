/**
 * The transforms of cpu_winograd.as.ts, for four channels at once: along one axis from registers,
 * then along the other, with what lies between in scratch memory.
 */
import { int, multiplyAdd } from "../assembly/arguments.as";
import { scratch } from "../assembly/thread.as";
import {
  CHANNELS, HEIGHT, IMAGES, LEFT, RESULTS, TILES_H, TILES_W, TOP, WIDTH,
} from "./cpu_winograd.as";

type V = v128;

/** The points. */
const A: f32 = 0.75, B: f32 = 1.5;
const A2: f32 = A * A, A3: f32 = A2 * A, B2: f32 = B * B, B3: f32 = B2 * B;
const SUM: f32 = A2 + B2, PRODUCT: f32 = A2 * B2;
/** What rows of G are divided by: for 0, for a and -a, for b and -b. */
const D0: f32 = PRODUCT, DA: f32 = 2 * A2 * (A2 - B2), DB: f32 = 2 * B2 * (B2 - A2);

/** In scratch memory: a tile half way, a vector that nobody reads, and what is free for others. */
const HALF: usize = 0, SPARE: usize = 576;
export const FREE: usize = 640;

/** c x. */
// @ts-ignore: decorator
@inline
function times(c: f32, x: V): V { return f32x4.mul(f32x4.splat(c), x); }

/** y + c x. */
// @ts-ignore: decorator
@inline
function plus(y: V, c: f32, x: V): V { return multiplyAdd(f32x4.splat(c), x, y); }

/** Bᵀ d: six vectors, `step` bytes apart. Rows for a and -a share terms, as do b and -b. */
// @ts-ignore: decorator
@inline
function inputs(d0: V, d1: V, d2: V, d3: V, d4: V, d5: V, to: usize, step: usize): void {
  v128.store(to, plus(plus(d4, PRODUCT, d0), -SUM, d2));
  const e = plus(d4, -B2, d2), o = times(A, plus(d3, -B2, d1));
  v128.store(to + step, f32x4.add(e, o));
  v128.store(to + 2 * step, f32x4.sub(e, o));
  const f = plus(d4, -A2, d2), p = times(B, plus(d3, -A2, d1));
  v128.store(to + 3 * step, f32x4.add(f, p));
  v128.store(to + 4 * step, f32x4.sub(f, p));
  v128.store(to + 5 * step, plus(plus(d5, PRODUCT, d1), -SUM, d3));
}

/** Aᵀ m: four vectors. */
// @ts-ignore: decorator
@inline
function outputs(
  m0: V, m1: V, m2: V, m3: V, m4: V, m5: V, y0: usize, y1: usize, y2: usize, y3: usize,
): void {
  const s = f32x4.add(m1, m2), d = f32x4.sub(m1, m2);
  const t = f32x4.add(m3, m4), e = f32x4.sub(m3, m4);
  v128.store(y0, f32x4.add(m0, f32x4.add(s, t)));
  v128.store(y1, plus(times(B, e), A, d));
  v128.store(y2, plus(times(B2, t), A2, s));
  v128.store(y3, f32x4.add(m5, plus(times(B3, e), A3, d)));
}

/** A g: six vectors. */
// @ts-ignore: decorator
@inline
function gradients(g0: V, g1: V, g2: V, g3: V, to: usize, step: usize): void {
  v128.store(to, g0);
  const e = plus(g0, A2, g2), o = plus(times(A, g1), A3, g3);
  v128.store(to + step, f32x4.add(e, o));
  v128.store(to + 2 * step, f32x4.sub(e, o));
  const f = plus(g0, B2, g2), p = plus(times(B, g1), B3, g3);
  v128.store(to + 3 * step, f32x4.add(f, p));
  v128.store(to + 4 * step, f32x4.sub(f, p));
  v128.store(to + 5 * step, g3);
}

/** G w: six vectors. */
// @ts-ignore: decorator
@inline
function weights(w0: V, w1: V, w2: V, to: usize, step: usize): void {
  v128.store(to, times(1 / D0, w0));
  const e = plus(w0, A2, w2), o = times(A, w1);
  v128.store(to + step, times(1 / DA, f32x4.add(e, o)));
  v128.store(to + 2 * step, times(1 / DA, f32x4.sub(e, o)));
  const f = plus(w0, B2, w2), p = times(B, w1);
  v128.store(to + 3 * step, times(1 / DB, f32x4.add(f, p)));
  v128.store(to + 4 * step, times(1 / DB, f32x4.sub(f, p)));
  v128.store(to + 5 * step, w2);
}

/** Gᵀ u: three vectors. */
// @ts-ignore: decorator
@inline
function sums(u0: V, u1: V, u2: V, u3: V, u4: V, u5: V, to: usize, step: usize): void {
  const s = times(1 / DA, f32x4.add(u1, u2)), d = times(A / DA, f32x4.sub(u1, u2));
  const t = times(1 / DB, f32x4.add(u3, u4)), e = times(B / DB, f32x4.sub(u3, u4));
  v128.store(to, plus(f32x4.add(s, t), 1 / D0, u0));
  v128.store(to + step, f32x4.add(d, e));
  v128.store(to + 2 * step, plus(plus(u5, A2, s), B2, t));
}

/** Where the tile is that `find` looked for: its image, and its first row and column there. */
let image: usize = 0, top: i32 = 0, left: i32 = 0;

function find(words: usize, own: usize, images: usize, tile: i32): void {
  const across = int(words, TILES_W), each = int(words, TILES_H) * across;
  const n = tile / each, place = tile - n * each, row = place / across;
  const size = int(own, HEIGHT) * int(own, WIDTH) * int(own, CHANNELS);
  image = images + (<usize> n * <usize> size << 2);
  top = (row << 2) + int(own, TOP);
  left = (place - row * across << 2) + int(own, LEFT);
}

/** A row of the tile's image from its first column on, or zeros where that is outside. */
// @ts-ignore: decorator
@inline
function rowOf(row: i32, height: i32, line: usize, corner: usize, zeros: usize): usize {
  return <u32> row < <u32> height ? image + <usize> row * line + corner : zeros;
}

/** Zeros in column `j` of a tile half way whose rows have `columns` vectors. */
function clear(j: i32, columns: usize): void {
  const to = scratch + HALF + (<usize> j << 4);
  for (let i: usize = 0; i < 6; i++) v128.store(to + i * (columns << 4), i32x4.splat(0));
}

/**
 * Bᵀ D B of the first `bytes` bytes of channels of a tile: 36 stretches, `stepV` bytes apart.
 * `zeros` are as many as 6 pixels have.
 */
export function inputTile(
  words: usize, x: usize, tile: i32, bytes: usize, v: usize, stepV: usize, zeros: usize,
): void {
  const own = words + (IMAGES << 2), height = int(own, HEIGHT), width = int(own, WIDTH);
  find(words, own, x, tile);
  const pixel = <usize> int(own, CHANNELS) << 2, line = <usize> width * pixel;
  const begin = max(0, -left), end = min(6, width - left);
  for (let j: i32 = 0; j < 6; j++) if (j < begin || j >= end) clear(j, 6);
  const corner = <usize> left * pixel;
  const r0 = rowOf(top, height, line, corner, zeros);
  const r1 = rowOf(top + 1, height, line, corner, zeros);
  const r2 = rowOf(top + 2, height, line, corner, zeros);
  const r3 = rowOf(top + 3, height, line, corner, zeros);
  const r4 = rowOf(top + 4, height, line, corner, zeros);
  const r5 = rowOf(top + 5, height, line, corner, zeros);
  const half = scratch + HALF, from = half + (<usize> begin << 4), last = half + (<usize> end << 4);
  for (let c: usize = 0; c < bytes; c += 16) {
    let at = <usize> begin * pixel + c;
    for (let to = from; to < last; to += 16, at += pixel) {
      inputs(
        v128.load(r0 + at), v128.load(r1 + at), v128.load(r2 + at),
        v128.load(r3 + at), v128.load(r4 + at), v128.load(r5 + at), to, 96,
      );
    }
    let to = v + c;
    for (let p = half; p < half + 576; p += 96, to += 6 * stepV) {
      inputs(
        v128.load(p), v128.load(p, 16), v128.load(p, 32),
        v128.load(p, 48), v128.load(p, 64), v128.load(p, 80), to, stepV,
      );
    }
  }
}

/** A G Aᵀ of a tile of gradients G, likewise. */
export function gradientTile(
  words: usize, g: usize, tile: i32, w: usize, stepW: usize, zeros: usize,
): void {
  const own = words + (RESULTS << 2), height = int(own, HEIGHT), width = int(own, WIDTH);
  find(words, own, g, tile);
  const pixel = <usize> int(own, CHANNELS) << 2, line = <usize> width * pixel;
  const end = min(4, width - left);
  for (let j = end; j < 4; j++) clear(j, 4);
  const corner = <usize> left * pixel;
  const r0 = rowOf(top, height, line, corner, zeros);
  const r1 = rowOf(top + 1, height, line, corner, zeros);
  const r2 = rowOf(top + 2, height, line, corner, zeros);
  const r3 = rowOf(top + 3, height, line, corner, zeros);
  const half = scratch + HALF, last = half + (<usize> end << 4);
  for (let c: usize = 0; c < pixel; c += 16) {
    let at = c;
    for (let to = half; to < last; to += 16, at += pixel) {
      gradients(
        v128.load(r0 + at), v128.load(r1 + at), v128.load(r2 + at), v128.load(r3 + at), to, 64,
      );
    }
    let to = w + c;
    for (let p = half; p < half + 384; p += 64, to += 6 * stepW) {
      gradients(v128.load(p), v128.load(p, 16), v128.load(p, 32), v128.load(p, 48), to, stepW);
    }
  }
}

/** Aᵀ M A of `bytes` bytes of channels, written to those pixels of a tile that the image has. */
export function outputTile(
  words: usize, m: usize, stepM: usize, tile: i32, bytes: usize, y: usize,
): void {
  const own = words + (RESULTS << 2), height = int(own, HEIGHT), width = int(own, WIDTH);
  find(words, own, y, tile);
  const pixel = <usize> int(own, CHANNELS) << 2, line = <usize> width * pixel;
  const high = min(4, height - top), wide = min(4, width - left);
  const corner = image + <usize> (top * width + left) * pixel;
  const half = scratch + HALF, last = half + 96 * <usize> high, spare = scratch + SPARE;
  for (let c: usize = 0; c < bytes; c += 16) {
    let from = m + c;
    for (let to = half; to < half + 96; to += 16, from += stepM) {
      outputs(
        v128.load(from), v128.load(from + 6 * stepM), v128.load(from + 12 * stepM),
        v128.load(from + 18 * stepM), v128.load(from + 24 * stepM), v128.load(from + 30 * stepM),
        to, to + 96, to + 192, to + 288,
      );
    }
    let y0 = corner + c;
    for (let p = half; p < last; p += 96, y0 += line) {
      const y1 = wide > 1 ? y0 + pixel : spare, y2 = wide > 2 ? y0 + 2 * pixel : spare;
      const y3 = wide > 3 ? y0 + 3 * pixel : spare;
      outputs(
        v128.load(p), v128.load(p, 16), v128.load(p, 32),
        v128.load(p, 48), v128.load(p, 64), v128.load(p, 80), y0, y1, y2, y3,
      );
    }
  }
}

/** G w Gᵀ of nine taps that lie `step` bytes apart: 36 vectors, `stepU` bytes apart. */
export function weightTile(w: usize, step: usize, u: usize, stepU: usize): void {
  const half = scratch + HALF;
  for (let to = half; to < half + 48; to += 16, w += step) {
    weights(v128.load(w), v128.load(w + 3 * step), v128.load(w + 6 * step), to, 48);
  }
  for (let p = half; p < half + 288; p += 48, u += 6 * stepU) {
    weights(v128.load(p), v128.load(p, 16), v128.load(p, 32), u, stepU);
  }
}

/** Gᵀ U G of 36 vectors that lie close together: nine taps, `step` bytes apart. */
export function sumTile(u: usize, dw: usize, step: usize): void {
  const half = scratch + HALF;
  for (let to = half; to < half + 96; to += 16, u += 16) {
    sums(
      v128.load(u), v128.load(u, 96), v128.load(u, 192),
      v128.load(u, 288), v128.load(u, 384), v128.load(u, 480), to, 96,
    );
  }
  for (let p = half; p < half + 288; p += 96, dw += 3 * step) {
    sums(
      v128.load(p), v128.load(p, 16), v128.load(p, 32),
      v128.load(p, 48), v128.load(p, 64), v128.load(p, 80), dw, step,
    );
  }
}
