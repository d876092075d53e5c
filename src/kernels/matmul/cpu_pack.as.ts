/** Copies that a matrix product reads from: panels of B, and rows of A that lay badly. */
import { int, pointer } from "../assembly/arguments.as";

/**
 * to[j, i] = from[i, j] for i below `rows` and j below `columns`; rows of `from` lie `stepFrom`
 * bytes apart, those of `to` `stepTo`.
 */
export function transpose(
  to: usize,
  stepTo: usize,
  from: usize,
  stepFrom: usize,
  rows: i32,
  columns: i32,
): void {
  let i: i32 = 0;
  for (; i + 4 <= rows; i += 4) {
    let source = from + <usize> i * stepFrom, target = to + (<usize> i << 2);
    let j: i32 = 0;
    for (; j + 4 <= columns; j += 4) {
      const a = v128.load(source), b = v128.load(source + stepFrom);
      const c = v128.load(source + 2 * stepFrom), d = v128.load(source + 3 * stepFrom);
      const e = v128.shuffle<f32>(a, b, 0, 4, 1, 5), f = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
      const g = v128.shuffle<f32>(c, d, 0, 4, 1, 5), h = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
      v128.store(target, v128.shuffle<f64>(e, g, 0, 2));
      v128.store(target + stepTo, v128.shuffle<f64>(e, g, 1, 3));
      v128.store(target + 2 * stepTo, v128.shuffle<f64>(f, h, 0, 2));
      v128.store(target + 3 * stepTo, v128.shuffle<f64>(f, h, 1, 3));
      source += 16;
      target += stepTo << 2;
    }
    for (; j < columns; j++) {
      store<f32>(target, load<f32>(source));
      store<f32>(target, load<f32>(source + stepFrom), 4);
      store<f32>(target, load<f32>(source + 2 * stepFrom), 8);
      store<f32>(target, load<f32>(source + 3 * stepFrom), 12);
      source += 4;
      target += stepTo;
    }
  }
  for (; i < rows; i++) {
    let source = from + <usize> i * stepFrom, target = to + (<usize> i << 2);
    for (let j: i32 = 0; j < columns; j++) {
      store<f32>(target, load<f32>(source));
      source += 4;
      target += stepTo;
    }
  }
}

/**
 * Copies `columns` of a matrix of K rows, 1 to 8 of them, to a panel: K rows of 8. Lanes past the
 * columns hold anything, nobody reads what comes of them.
 */
export function packPanel(panel: usize, from: usize, stepFrom: usize, K: i32, columns: i32): void {
  if (columns >= 8) {
    for (; K > 0; K--) {
      v128.store(panel, v128.load(from));
      v128.store(panel, v128.load(from, 16), 16);
      panel += 32;
      from += stepFrom;
    }
    return;
  }
  for (; K > 0; K--) {
    for (let j: i32 = 0; j < columns; j++) {
      const at = <usize> j << 2;
      store<f32>(panel + at, load<f32>(from + at));
    }
    panel += 32;
    from += stepFrom;
  }
}

// Words after the addresses of `matmulPack`, see cpu.ts.
const N = 0, K = 1, TRANSPOSED = 2, CHUNK = 3;

/**
 * Copies matrices B, [K, N] or transposed [N, K], to panels of 8 columns, K x 8 each. A task makes
 * up to `CHUNK` panels of one matrix.
 */
export function matmulPack(address: usize, first: i32, last: i32): void {
  const b = pointer(address, 0), packed = pointer(address, 1), words = address + 8;
  const n = int(words, N), k = int(words, K), panels = (n + 7) >> 3;
  const transposed = int(words, TRANSPOSED) !== 0;
  const chunk = int(words, CHUNK), chunks = (panels + chunk - 1) / chunk;
  for (let task = first; task < last; task++) {
    const matrix = task / chunks, from = b + (<usize> matrix * <usize> n * <usize> k << 2);
    const begin = task % chunks * chunk, end = min(begin + chunk, panels);
    for (let panel = begin; panel < end; panel++) {
      const to = packed + <usize> (matrix * panels + panel) * (<usize> k << 5);
      const column = panel << 3, columns = min(8, n - column);
      if (columns < 8) memory.fill(to, 0, <usize> k << 5);
      if (transposed) {
        const step = <usize> k << 2;
        transpose(to, 32, from + <usize> column * step, step, columns, k);
      } else {
        packPanel(to, from + (<usize> column << 2), <usize> n << 2, k, columns);
      }
    }
  }
}

/** Transposes matrices, one per task. */
export function matmulTranspose(address: usize, first: i32, last: i32): void {
  const from = pointer(address, 0), to = pointer(address, 1), words = address + 8;
  const rows = int(words, 0), columns = int(words, 1);
  for (let task = first; task < last; task++) {
    const at = <usize> task * <usize> rows * <usize> columns << 2;
    transpose(to + at, <usize> rows << 2, from + at, <usize> columns << 2, rows, columns);
  }
}
