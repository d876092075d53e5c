/**
 * Batch normalization of every element. The numbers of the channels are worked out once per task
 * and repeated until they fill PERIOD elements, so that few channels make no short loops.
 */
import { float, int, pointer } from "../../backend/cpu/assembly/arguments.as";
import { scratch } from "../../backend/cpu/assembly/thread.as";
import { loadPart, storePart } from "../../backend/cpu/assembly/vectors.as";

// Words after the addresses, see cpu.ts.
const SIZE = 0, CHANNELS = 1, PERIOD = 2, EACH = 3, EPSILON = 4, SHARE = 5;

/** Table `k` of PERIOD numbers in scratch memory. */
// @ts-ignore: decorator
@inline
function table(words: usize, k: i32): usize {
  return scratch + (<usize> (k * int(words, PERIOD)) << 2);
}

/** Puts the number of channel c into table `k`, in all of its repetitions. */
function put(words: usize, k: i32, c: i32, value: f32): void {
  for (let at = c; at < int(words, PERIOD); at += int(words, CHANNELS)) {
    store<f32>(table(words, k) + (<usize> at << 2), value);
  }
}

/** What operand `index` has for channel c. */
// @ts-ignore: decorator
@inline
function channel(args: usize, index: i32, c: i32): f32 {
  return load<f32>(pointer(args, index) + (<usize> c << 2));
}

/** 1 / sqrt(variance + epsilon). */
// @ts-ignore: decorator
@inline
function reciprocalDeviation(variance: f32, words: usize): f32 {
  return 1 / sqrt<f32>(variance + float(words, EPSILON));
}

/** x, scale, shift, mean, variance -> y = (x - mean) (r scale) + shift. */
export function batch_norm(args: usize, first: i32, last: i32): void {
  const words = args + 24, period = int(words, PERIOD);
  for (let c = 0; c < int(words, CHANNELS); c++) {
    const r = reciprocalDeviation(channel(args, 4, c), words);
    put(words, 0, c, channel(args, 3, c));
    put(words, 1, c, r * channel(args, 1, c));
    put(words, 2, c, channel(args, 2, c));
  }
  const means = table(words, 0), slopes = table(words, 1), shifts = table(words, 2);
  const end = min(last * int(words, EACH), int(words, SIZE));
  for (let begin = first * int(words, EACH); begin < end; begin += period) {
    const x = pointer(args, 0) + (<usize> begin << 2), y = pointer(args, 5) + (<usize> begin << 2);
    const count = min(period, end - begin);
    for (let i = 0; i < count; i += 4) {
      const at = <usize> i << 2, left = count - i;
      const distance = f32x4.sub(loadPart(x + at, left), v128.load(means + at));
      const scaled = f32x4.mul(distance, v128.load(slopes + at));
      storePart(y + at, f32x4.add(scaled, v128.load(shifts + at)), left);
    }
  }
}

/** g, scale, variance -> dx = r scale g, where mean and variance are constants. */
export function batch_norm_scale(args: usize, first: i32, last: i32): void {
  const words = args + 16, period = int(words, PERIOD);
  for (let c = 0; c < int(words, CHANNELS); c++) {
    const r = reciprocalDeviation(channel(args, 2, c), words);
    put(words, 0, c, r * channel(args, 1, c));
  }
  const factors = table(words, 0);
  const end = min(last * int(words, EACH), int(words, SIZE));
  for (let begin = first * int(words, EACH); begin < end; begin += period) {
    const g = pointer(args, 0) + (<usize> begin << 2), dx = pointer(args, 3) + (<usize> begin << 2);
    const count = min(period, end - begin);
    for (let i = 0; i < count; i += 4) {
      const at = <usize> i << 2, left = count - i;
      storePart(dx + at, f32x4.mul(loadPart(g + at, left), v128.load(factors + at)), left);
    }
  }
}

/**
 * g, scale, variance, x, mean, dshift, dscale -> dx = r scale (g - dshift / n - (x - mean) r dscale
 * / n), with SHARE = 1 / n.
 */
export function batch_norm_grad(args: usize, first: i32, last: i32): void {
  const words = args + 32, period = int(words, PERIOD), share = float(words, SHARE);
  for (let c = 0; c < int(words, CHANNELS); c++) {
    const r = reciprocalDeviation(channel(args, 2, c), words);
    put(words, 0, c, r * channel(args, 1, c));
    put(words, 1, c, channel(args, 4, c));
    put(words, 2, c, share * channel(args, 5, c));
    put(words, 3, c, share * channel(args, 6, c) * r);
  }
  const factors = table(words, 0), means = table(words, 1);
  const levels = table(words, 2), slopes = table(words, 3);
  const end = min(last * int(words, EACH), int(words, SIZE));
  for (let begin = first * int(words, EACH); begin < end; begin += period) {
    const place = <usize> begin << 2, count = min(period, end - begin);
    for (let i = 0; i < count; i += 4) {
      const at = <usize> i << 2, left = count - i;
      const g = f32x4.sub(loadPart(pointer(args, 0) + place + at, left), v128.load(levels + at));
      const distance = f32x4.sub(
        loadPart(pointer(args, 3) + place + at, left),
        v128.load(means + at),
      );
      const rest = f32x4.sub(g, f32x4.mul(distance, v128.load(slopes + at)));
      const dx = f32x4.mul(rest, v128.load(factors + at));
      storePart(pointer(args, 7) + place + at, dx, left);
    }
  }
}
