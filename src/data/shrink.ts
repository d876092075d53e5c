/**
 * Smaller images: every pixel is the mean of the area that it covers.
 *
 * @module
 */

/** Which places of a longer line each place of a shorter one covers, and how much of them. */
interface Line {
  /** First place covered, one number per place of the shorter line. */
  readonly starts: Int32Array;
  /** Shares of the places from the first one on, `taps` per place; they sum to 1. */
  readonly shares: Float64Array;
  /** Places covered at most. */
  readonly taps: number;
}

function lineOf(from: number, to: number): Line {
  const step = from / to, taps = Math.ceil(step) + 1;
  const starts = new Int32Array(to), shares = new Float64Array(to * taps);
  for (let i = 0; i < to; i++) {
    const low = i * from / to, high = (i + 1) * from / to, start = Math.floor(low);
    starts[i] = start;
    for (let k = 0; k < taps; k++) {
      const covered = Math.min(high, start + k + 1) - Math.max(low, start + k);
      shares[i * taps + k] = Math.max(0, covered) / step;
    }
  }
  return { starts, shares, taps };
}

/** Height, width and channels. */
type ImageShape = readonly [height: number, width: number, channels: number];

/**
 * Makes images of one shape smaller: the function takes pixels [H, W, C] and writes [height, width, C]
 * into `into`, from `at` on.
 */
export function shrinker(
  [H, W, C]: ImageShape,
  [height, width]: readonly [height: number, width: number],
): (image: Float32Array, into: Float32Array, at: number) => void {
  const rows = lineOf(H, height), columns = lineOf(W, width);
  const line = new Float64Array(W * C);
  return (image, into, at) => {
    for (let y = 0; y < height; y++) {
      line.fill(0);
      for (let k = 0; k < rows.taps; k++) {
        const share = rows.shares[y * rows.taps + k]!, start = (rows.starts[y]! + k) * W * C;
        if (share === 0) continue;
        for (let i = 0; i < line.length; i++) line[i] = line[i]! + share * image[start + i]!;
      }
      for (let x = 0; x < width; x++) {
        for (let c = 0; c < C; c++) {
          let sum = 0;
          for (let k = 0; k < columns.taps; k++) {
            const share = columns.shares[x * columns.taps + k]!;
            if (share !== 0) sum += share * line[(columns.starts[x]! + k) * C + c]!;
          }
          into[at + (y * width + x) * C + c] = sum;
        }
      }
    }
  };
}
