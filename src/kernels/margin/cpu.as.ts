/** The margin of an example and what follows from it, a row of logits at a time. */
import { float, int, pointer } from "../assembly/arguments.as";
import { exp, log, log1p, quickExp, sigmoid } from "../assembly/math.as";
import {
  firstLanes, keep, largestLane, loadPart, storePart, sumLanes,
} from "../assembly/vectors.as";

type V = v128;

// Words after the addresses, see cpu.ts.
const ROWS = 0, CLASSES = 1, EACH = 2, ENTROPY = 3, OTHERS = 4, OWN = 5;

/** Largest z_j, j != t. */
function largestOther(z: usize, classes: i32, label: i32): f32 {
  let largest: V = f32x4.splat(-Infinity), at: V = i32x4(0, 1, 2, 3);
  const own = i32x4.splat(label), low = largest;
  for (; classes > 0; classes -= 4) {
    // Lanes that repeat the first one beyond the end are masked too where that is the label.
    const part = loadPart(z, classes);
    const mask = v128.and(firstLanes(classes), i32x4.ne(at, own));
    largest = f32x4.pmax(largest, v128.bitselect(part, low, mask));
    at = i32x4.add(at, i32x4.splat(4));
    z += 16;
  }
  return largestLane(largest);
}

/** Sum of e^(z_j - largest), j != t; the terms go to y, if there is one. */
function others(z: usize, y: usize, classes: i32, label: i32, largest: f32): f32 {
  let total: V = i32x4.splat(0), at: V = i32x4(0, 1, 2, 3);
  const own = i32x4.splat(label), shift = f32x4.splat(largest);
  for (; classes > 0; classes -= 4) {
    const shifted = f32x4.sub(loadPart(z, classes), shift);
    const e = quickExp(shifted);
    total = f32x4.add(total, keep(v128.and(firstLanes(classes), i32x4.ne(at, own)), e));
    if (y !== 0) {
      storePart(y, e, classes);
      y += 16;
    }
    at = i32x4.add(at, i32x4.splat(4));
    z += 16;
  }
  return sumLanes(total);
}

/** Sum of z_t - z_j over all classes. */
function leads(z: usize, classes: i32, own: f32): f32 {
  let total: V = i32x4.splat(0);
  const top = f32x4.splat(own);
  for (; classes > 0; classes -= 4) {
    total = f32x4.add(total, keep(firstLanes(classes), f32x4.sub(top, loadPart(z, classes))));
    z += 16;
  }
  return sumLanes(total);
}

/** m in all lanes. */
// @ts-ignore: decorator
@inline
function marginOf(largest: f32, own: f32, total: f32): V {
  return f32x4.add(f32x4.splat(largest - own), log(f32x4.splat(total)));
}

/** z, labels -> m, or the cross-entropy softplus(m) + OTHERS mean of z_t - z_j. */
export function margin_values(args: usize, first: i32, last: i32): void {
  const words = args + 12, classes = int(words, CLASSES), smoothing = float(words, OTHERS);
  const end = min(last * int(words, EACH), int(words, ROWS));
  for (let row = first * int(words, EACH); row < end; row++) {
    const z = pointer(args, 0) + (<usize> (row * classes) << 2);
    const to = pointer(args, 2) + (<usize> row << 2);
    const label = load<i32>(pointer(args, 1) + (<usize> row << 2));
    if (<u32> label >= <u32> classes) {
      store<f32>(to, NaN);
      continue;
    }
    const own = load<f32>(z + (<usize> label << 2)), largest = largestOther(z, classes, label);
    let y = marginOf(largest, own, others(z, 0, classes, label, largest));
    if (int(words, ENTROPY) !== 0) {
      const low = log1p(exp(f32x4.neg(f32x4.abs(y))));
      y = f32x4.add(f32x4.max(y, f32x4.splat(0)), low);
    }
    if (smoothing !== 0) {
      const lead = leads(z, classes, own) / <f32> classes;
      y = f32x4.add(y, f32x4.splat(smoothing * lead));
    }
    v128.store32_lane(to, y, 0);
  }
}

/**
 * z, labels, g -> y_j = g (scale q_j + OTHERS), y_t = g (OWN - scale), with scale = sigmoid(m) or 1.
 */
export function margin_gradients(args: usize, first: i32, last: i32): void {
  const words = args + 16, classes = int(words, CLASSES), bytes = <usize> classes << 2;
  const end = min(last * int(words, EACH), int(words, ROWS));
  for (let row = first * int(words, EACH); row < end; row++) {
    const z = pointer(args, 0) + <usize> row * bytes;
    const y = pointer(args, 3) + <usize> row * bytes;
    const label = load<i32>(pointer(args, 1) + (<usize> row << 2));
    if (<u32> label >= <u32> classes) {
      for (let j = 0; j < classes; j++) store<f32>(y + (<usize> j << 2), NaN);
      continue;
    }
    const g = load<f32>(pointer(args, 2) + (<usize> row << 2));
    const own = load<f32>(z + (<usize> label << 2)), largest = largestOther(z, classes, label);
    const total = others(z, y, classes, label, largest);
    let scale: f32 = 1;
    if (int(words, ENTROPY) !== 0) {
      scale = f32x4.extract_lane(sigmoid(marginOf(largest, own, total)), 0);
    }
    const factor = f32x4.splat(g * (scale / total)), more = f32x4.splat(g * float(words, OTHERS));
    let to = y;
    for (let left = classes; left > 0; left -= 4) {
      storePart(to, f32x4.add(f32x4.mul(loadPart(to, left), factor), more), left);
      to += 16;
    }
    store<f32>(y + (<usize> label << 2), g * (float(words, OWN) - scale));
  }
}
