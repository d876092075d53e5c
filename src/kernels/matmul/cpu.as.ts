/**
 * The matrix product on the cpu, and the loop below it that convolutions share.
 *
 * How C = A B becomes fast, step by step:
 *
 * 1. Three plain loops over m, n and k load two numbers for every multiply-add, so the loads decide.
 * 2. Registers. A tile of C, 4 rows x 8 columns, stays in 8 vector registers while k runs. One step
 *    along k loads 8 numbers of B (2 vectors) and 4 of A, each spread over a vector, and does 32
 *    multiply-adds: 6 loads for 8 vector multiply-adds.
 * 3. Why 4 x 8: a core finishes two multiply-adds per cycle and each takes about four cycles, so 8
 *    sums must be under way at once. With B, a spread element of A and a product that is 12 of the
 *    16 vector registers of x86-64; 5 x 8 and 6 x 8 spill where the compiler moves loads ahead.
 * 4. Unrolling. Four steps per round share the loop's own work. Each step may leave the loop, which
 *    serves every length without a second loop for the rest, and keeps compilers from loading all
 *    four steps at once, more than the registers hold.
 * 5. Panels. B is copied once into panels of 8 columns, K x 8 each: what a tile reads next lies next
 *    in memory, and a panel stays in the first-level cache while all rows pass by.
 * 6. A is read as it lies: four rows, each one stretch of numbers along k. Only what lies badly,
 *    transposed or with rows a power of two apart, is copied first.
 * 7. Blocks. k is cut so that a panel (KC x 8) fits the first-level cache, m so that the rows of a
 *    task (MC x KC) fit the second. Sums go on in C from one block of k to the next.
 *
 * The order of additions for an element of C is k ascending, in blocks: the same for any threads.
 */
import { int, multiplyAdd, pointer } from "../assembly/arguments.as";
import { placeOf } from "../assembly/axes.as";
import { scratch } from "../assembly/thread.as";
import { loadPart, storePart } from "../assembly/vectors.as";
import { transpose } from "./cpu_pack.as";

/**
 * C[m, n] (+)= sum over k of A[m, k] B[k, n] for 8 columns n, or fewer, and all rows of a list.
 *
 * `rows` lists, per row, where it begins in A and in C: two i32, in bytes from `a` and from `c`.
 * Rows come in groups of four; the last group repeats its last row where there are not so many.
 * Along k a row of A is `runs` stretches of `length` elements, which begin at the offsets that
 * `starts` lists (i32, bytes). B has its 8 columns of step k at b + k `stepB`.
 */
export function sweep(
  rows: usize,
  groups: i32,
  a: usize,
  starts: usize,
  runs: i32,
  length: i32,
  b: usize,
  stepB: usize,
  c: usize,
  columns: i32,
  more: bool,
): void {
  const end = starts + (<usize> runs << 2);
  for (; groups > 0; groups--, rows += 32) {
    const c0 = c + load<i32>(rows, 4), c1 = c + load<i32>(rows, 12);
    const c2 = c + load<i32>(rows, 20), c3 = c + load<i32>(rows, 28);
    let x0 = f32x4.splat(0), x1 = x0, x2 = x0, x3 = x0, y0 = x0, y1 = x0, y2 = x0, y3 = x0;
    if (more) {
      x0 = loadPart(c0, columns);
      x1 = loadPart(c1, columns);
      x2 = loadPart(c2, columns);
      x3 = loadPart(c3, columns);
      if (columns > 4) {
        y0 = loadPart(c0 + 16, columns - 4);
        y1 = loadPart(c1 + 16, columns - 4);
        y2 = loadPart(c2 + 16, columns - 4);
        y3 = loadPart(c3 + 16, columns - 4);
      }
    }
    let p = b;
    for (let run = starts; run < end; run += 4) {
      const start = a + load<i32>(run);
      let a0 = start + load<i32>(rows), a1 = start + load<i32>(rows, 8);
      let a2 = start + load<i32>(rows, 16), a3 = start + load<i32>(rows, 24);
      let left = length;
      while (true) {
        let u = v128.load(p), v = v128.load(p, 16), s = v128.load32_splat(a0);
        x0 = multiplyAdd(s, u, x0), y0 = multiplyAdd(s, v, y0), s = v128.load32_splat(a1);
        x1 = multiplyAdd(s, u, x1), y1 = multiplyAdd(s, v, y1), s = v128.load32_splat(a2);
        x2 = multiplyAdd(s, u, x2), y2 = multiplyAdd(s, v, y2), s = v128.load32_splat(a3);
        x3 = multiplyAdd(s, u, x3), y3 = multiplyAdd(s, v, y3), p += stepB;
        if (left === 1) break;
        u = v128.load(p), v = v128.load(p, 16), s = v128.load32_splat(a0, 4);
        x0 = multiplyAdd(s, u, x0), y0 = multiplyAdd(s, v, y0), s = v128.load32_splat(a1, 4);
        x1 = multiplyAdd(s, u, x1), y1 = multiplyAdd(s, v, y1), s = v128.load32_splat(a2, 4);
        x2 = multiplyAdd(s, u, x2), y2 = multiplyAdd(s, v, y2), s = v128.load32_splat(a3, 4);
        x3 = multiplyAdd(s, u, x3), y3 = multiplyAdd(s, v, y3), p += stepB;
        if (left === 2) break;
        u = v128.load(p), v = v128.load(p, 16), s = v128.load32_splat(a0, 8);
        x0 = multiplyAdd(s, u, x0), y0 = multiplyAdd(s, v, y0), s = v128.load32_splat(a1, 8);
        x1 = multiplyAdd(s, u, x1), y1 = multiplyAdd(s, v, y1), s = v128.load32_splat(a2, 8);
        x2 = multiplyAdd(s, u, x2), y2 = multiplyAdd(s, v, y2), s = v128.load32_splat(a3, 8);
        x3 = multiplyAdd(s, u, x3), y3 = multiplyAdd(s, v, y3), p += stepB;
        if (left === 3) break;
        u = v128.load(p), v = v128.load(p, 16), s = v128.load32_splat(a0, 12);
        x0 = multiplyAdd(s, u, x0), y0 = multiplyAdd(s, v, y0), s = v128.load32_splat(a1, 12);
        x1 = multiplyAdd(s, u, x1), y1 = multiplyAdd(s, v, y1), s = v128.load32_splat(a2, 12);
        x2 = multiplyAdd(s, u, x2), y2 = multiplyAdd(s, v, y2), s = v128.load32_splat(a3, 12);
        x3 = multiplyAdd(s, u, x3), y3 = multiplyAdd(s, v, y3), p += stepB;
        left -= 4;
        if (left === 0) break;
        a0 += 16, a1 += 16, a2 += 16, a3 += 16;
      }
    }
    if (columns >= 8) {
      v128.store(c0, x0), v128.store(c0, y0, 16);
      v128.store(c1, x1), v128.store(c1, y1, 16);
      v128.store(c2, x2), v128.store(c2, y2, 16);
      v128.store(c3, x3), v128.store(c3, y3, 16);
      continue;
    }
    storePart(c0, x0, columns);
    storePart(c1, x1, columns);
    storePart(c2, x2, columns);
    storePart(c3, x3, columns);
    if (columns <= 4) continue;
    storePart(c0 + 16, y0, columns - 4);
    storePart(c1 + 16, y1, columns - 4);
    storePart(c2 + 16, y2, columns - 4);
    storePart(c3 + 16, y3, columns - 4);
  }
}

// Words after the addresses, see cpu.ts.
const M = 0,
  N = 1,
  K = 2,
  STEP_A = 3,
  STAGE = 4,
  BLOCK_M = 5,
  BLOCK_N = 6,
  BLOCK_K = 7,
  RANK = 8,
  AXES = 9;

/** How rows of A are read: as they lie, from a copy, or from a transposed copy. */
const AS_IT_LIES = 0, COPIED = 1, TRANSPOSED = 2;

/** In scratch memory: where the rows of a task begin, at most 1024; an offset of 0; the copy of A. */
const STARTS: usize = 8192, COPY: usize = 8256;

/** Lists rows that lie `stepA` and `stepC` bytes apart, in groups of four. Gives the groups. */
export function listRows(rows: usize, count: i32, stepA: usize, stepC: usize): i32 {
  const groups = (count + 3) >> 2;
  for (let row: i32 = 0; row < groups << 2; row++) {
    const held = <usize> min(row, count - 1);
    store<u32>(rows, <u32> (held * stepA));
    store<u32>(rows, <u32> (held * stepC), 4);
    rows += 8;
  }
  return groups;
}

/** C = op(A) op(B). A task makes BLOCK_M rows and BLOCK_N panels of one matrix of the batch. */
export function matmul(address: usize, first: i32, last: i32): void {
  const words = address + 12;
  const m = int(words, M), n = int(words, N), k = int(words, K), stage = int(words, STAGE);
  const stepA = <usize> int(words, STEP_A);
  const blockM = int(words, BLOCK_M), blockN = int(words, BLOCK_N), blockK = int(words, BLOCK_K);
  const panels = (n + 7) >> 3, panelBytes = <usize> k << 5;
  const tasksM = (m + blockM - 1) / blockM, tasksN = (panels + blockN - 1) / blockN;
  const rows = scratch, starts = scratch + STARTS, copy = scratch + COPY;
  store<i32>(starts, 0);
  for (let task = first; task < last; task++) {
    const batch = task / (tasksM * tasksN), rest = task % (tasksM * tasksN);
    const row = rest % tasksM * blockM, count = min(blockM, m - row);
    const begin = rest / tasksM * blockN, end = min(begin + blockN, panels);
    const rank = int(words, RANK), axes = words + (AXES << 2);
    const a = pointer(address, 0) + placeOf(axes, rank, 3, 1, batch);
    const b = pointer(address, 1) + placeOf(axes, rank, 3, 2, batch);
    const c = pointer(address, 2) + (<usize> (batch * m + row) * <usize> n << 2);
    // A cache line more than a row, for the same reason for which rows are copied at all.
    const stepC = <usize> n << 2, stepCopy = (<usize> blockK << 2) + 64;
    const groups = listRows(rows, count, stage === AS_IT_LIES ? stepA : stepCopy, stepC);
    for (let step: i32 = 0; step === 0 || step < k; step += blockK) {
      const depth = min(blockK, k - step);
      let from = a + <usize> row * stepA + (<usize> step << 2);
      if (stage === TRANSPOSED) {
        from = a + <usize> step * stepA + (<usize> row << 2);
        transpose(copy, stepCopy, from, stepA, depth, count);
        from = copy;
      } else if (stage === COPIED) {
        for (let i: i32 = 0; i < count; i++) {
          memory.copy(copy + <usize> i * stepCopy, from, <usize> depth << 2);
          from += stepA;
        }
        from = copy;
      }
      for (let panel = begin; panel < end; panel++) {
        const at = b + <usize> panel * panelBytes + (<usize> step << 5);
        const to = c + (<usize> panel << 5), columns = min(8, n - (panel << 3));
        sweep(rows, groups, from, starts, i32(depth > 0), depth, at, 32, to, columns, step > 0);
      }
    }
  }
}
