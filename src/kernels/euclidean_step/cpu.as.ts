/** A step of an attack in the Euclidean norm, an example at a time. */
import { float, int, pointer } from "../assembly/arguments.as";
import { firstLanes, keep, largestLane, loadPart, storePart } from "../assembly/vectors.as";

type V = v128;

// Words after the addresses, see cpu.ts.
const ROWS = 0, SIZE = 1, EACH = 2, STEP = 3, EPS = 4, INSIDE = 5, LOW = 6, HIGH = 7;

/** Sum of the squares of four numbers, added to two sums in f64: long sums stay accurate. */
// @ts-ignore: decorator
@inline
function addSquares(sum: V, value: V): V {
  const low = f64x2.promote_low_f32x4(value);
  const high = f64x2.promote_low_f32x4(i32x4.shuffle(value, value, 2, 3, 0, 1));
  return f64x2.add(sum, f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high)));
}

// @ts-ignore: decorator
@inline
function rootOf(sum: V): f32 {
  return <f32> Math.sqrt(f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
}

function largestOf(g: usize, size: i32): f32 {
  let largest: V = f32x4.splat(0);
  for (; size > 0; size -= 4) {
    largest = f32x4.max(largest, f32x4.abs(loadPart(g, size)));
    g += 16;
  }
  return largestLane(largest);
}

function lengthOf(g: usize, size: i32, scale: V): f32 {
  let sum: V = f64x2.splat(0);
  for (; size > 0; size -= 4) {
    sum = addSquares(sum, keep(firstLanes(size), f32x4.div(loadPart(g, size), scale)));
    g += 16;
  }
  return rootOf(sum);
}

/** The change after the step. */
// @ts-ignore: decorator
@inline
function moved(x: V, g: V, center: V, scale: V, factor: V): V {
  return f32x4.sub(f32x4.add(x, f32x4.mul(f32x4.div(g, scale), factor)), center);
}

function distanceOf(
  x: usize, g: usize, center: usize, size: i32, scale: V, factor: V,
): f32 {
  let sum: V = f64x2.splat(0);
  for (; size > 0; size -= 4) {
    const change = moved(
      loadPart(x, size), loadPart(g, size), loadPart(center, size), scale, factor,
    );
    sum = addSquares(sum, keep(firstLanes(size), change));
    x += 16;
    g += 16;
    center += 16;
  }
  return rootOf(sum);
}

/** x, g, centre -> y. */
export function euclidean_step(args: usize, first: i32, last: i32): void {
  const words = args + 16, size = int(words, SIZE), bytes = <usize> size << 2;
  const end = min(last * int(words, EACH), int(words, ROWS));
  const low = f32x4.splat(float(words, LOW)), high = f32x4.splat(float(words, HIGH));
  for (let row = first * int(words, EACH); row < end; row++) {
    const at = <usize> row * bytes;
    let x = pointer(args, 0) + at, g = pointer(args, 1) + at, center = pointer(args, 2) + at;
    let y = pointer(args, 3) + at;
    const largest = largestOf(g, size), scale = f32x4.splat(largest === 0 ? 1 : largest);
    const length = lengthOf(g, size, scale);
    const factor = f32x4.splat(length === 0 ? 0 : float(words, STEP) / length);
    const distance = distanceOf(x, g, center, size, scale, factor);
    const back = f32x4.splat(distance > float(words, EPS) ? float(words, INSIDE) / distance : 1);
    for (let left = size; left > 0; left -= 4) {
      const clean = loadPart(center, left);
      const change = moved(loadPart(x, left), loadPart(g, left), clean, scale, factor);
      const next = f32x4.add(clean, f32x4.mul(change, back));
      storePart(y, f32x4.min(f32x4.max(next, low), high), left);
      x += 16;
      g += 16;
      center += 16;
      y += 16;
    }
  }
}
