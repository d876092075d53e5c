import { allocate, type TypedArray } from "../../dtype.ts";
import type { HostOperand } from "../kernel.ts";
import { addProduct } from "../products.ts";
import { type Meeting, meetingsBy } from "../window.ts";
import {
  type Conv2dInputGradParams,
  type Conv2dParams,
  type Conv2dSizes,
  conv2dSizes,
  type Conv2dWeightGradParams,
  inputGradSizes,
  weightGradSizes,
} from "./sizes.ts";

/** Puts sums into a result and starts them anew. */
function store(sums: Float64Array, result: TypedArray, at: number): void {
  for (let c = 0; c < sums.length; c++) {
    result[at + c] = sums[c]!;
    sums[c] = 0;
  }
}

/** Taps that lie side by side in both factors: the first meeting, and how many there are. */
interface Stretch extends Meeting {
  readonly taps: number;
}

/** Each list as one stretch where `joined`, else one per meeting. */
function stretches(lists: readonly (readonly Meeting[])[], joined: boolean): readonly Stretch[][] {
  if (!joined) return lists.map((list) => list.map((meeting) => ({ ...meeting, taps: 1 })));
  return lists.map((list) => list.slice(0, 1).map((first) => ({ ...first, taps: list.length })));
}

/** Whether neighbouring taps have neighbouring channels next to them. */
function isPlain({ groups, windows: [, { dilation }] }: Conv2dSizes): boolean {
  return groups === 1 && dilation === 1;
}

/** y[n, oh, ow, :] = sum over the taps of a window of x[n, ih, iw, :] w[kh, kw]. */
export function conv2dReference(
  [x, w]: readonly HostOperand[],
  y: HostOperand,
  params: Conv2dParams,
): void {
  const sizes = conv2dSizes(x!, w!, params);
  const { N, H, W, Cin, KW, OH, OW, Cout, groups, I, O, windows } = sizes;
  const rows = meetingsBy("o", windows[0]);
  const columns = stretches(meetingsBy("o", windows[1]), isPlain(sizes));
  const a = x!.data, b = w!.data, sums = new Float64Array(O);
  for (let pixel = 0; pixel < N * OH * OW; pixel++) {
    const n = Math.floor(pixel / (OH * OW));
    const row = rows[Math.floor(pixel / OW) % OH]!, column = columns[pixel % OW]!;
    for (let group = 0; group < groups; group++) {
      for (const { k: kh, i: ih } of row) {
        for (const { k: kw, i: iw, taps } of column) {
          const atA = ((n * H + ih) * W + iw) * Cin + group * I;
          const atB = (kh * KW + kw) * I * Cout + group * O;
          addProduct(sums, taps * I, { a, atA, stepA: 1, b, atB, stepB: Cout });
        }
      }
      store(sums, y.data, pixel * Cout + group * O);
    }
  }
}

/** w[kh, kw, ci, co] as [kh, KW - 1 - kw, co, ci], where the taps lie in the order of g. */
function turned({ data, dtype, shape }: HostOperand): TypedArray {
  const [, KW, I, Cout] = shape as [number, number, number, number];
  const result = allocate(dtype, data.length);
  for (let from = 0; from < data.length; from++) {
    const co = from % Cout, ci = Math.floor(from / Cout) % I;
    const tap = Math.floor(from / (Cout * I)), kh = Math.floor(tap / KW), kw = tap % KW;
    result[((kh * KW + KW - 1 - kw) * Cout + co) * I + ci] = data[from]!;
  }
  return result;
}

/** dx[n, ih, iw, :] = sum over the windows that see it of g[n, oh, ow, :] w[kh, kw]ᵀ. */
export function inputGradReference(
  [g, w]: readonly HostOperand[],
  dx: HostOperand,
  params: Conv2dInputGradParams,
): void {
  const sizes = inputGradSizes(g!, w!, params);
  const { N, H, W, Cin, KW, OH, OW, Cout, groups, I, O, windows } = sizes;
  const rows = meetingsBy("i", windows[0]);
  const joined = isPlain(sizes) && windows[1].stride === 1;
  const columns = stretches(meetingsBy("i", windows[1]), joined);
  const a = g!.data, b = turned(w!), sums = new Float64Array(I);
  for (let pixel = 0; pixel < N * H * W; pixel++) {
    const n = Math.floor(pixel / (H * W));
    const row = rows[Math.floor(pixel / W) % H]!, column = columns[pixel % W]!;
    for (let group = 0; group < groups; group++) {
      for (const { k: kh, o: oh } of row) {
        for (const { k: kw, o: ow, taps } of column) {
          const atA = ((n * OH + oh) * OW + ow) * Cout + group * O;
          const atB = ((kh * KW + KW - 1 - kw) * Cout + group * O) * I;
          addProduct(sums, taps * O, { a, atA, stepA: 1, b, atB, stepB: I });
        }
      }
      store(sums, dx.data, pixel * Cin + group * I);
    }
  }
}

/** dw[kh, kw] = sum over the windows of x[n, ih, iw, :]ᵀ g[n, oh, ow, :]. */
export function weightGradReference(
  [x, g]: readonly HostOperand[],
  dw: HostOperand,
  params: Conv2dWeightGradParams,
): void {
  const sizes = weightGradSizes(x!, g!, params);
  const { N, H, W, Cin, KH, KW, OH, OW, Cout, groups, I, O, windows } = sizes;
  const rows = meetingsBy("k", windows[0]), columns = stretches(meetingsBy("k", windows[1]), true);
  const stepA = windows[1].stride * Cin;
  const a = x!.data, b = g!.data, sums = new Float64Array(O);
  for (let weight = 0; weight < KH * KW * I; weight++) {
    const ci = weight % I, kw = Math.floor(weight / I) % KW, kh = Math.floor(weight / (I * KW));
    for (let group = 0; group < groups; group++) {
      for (let n = 0; n < N; n++) {
        for (const { o: oh, i: ih } of rows[kh]!) {
          for (const { o: ow, i: iw, taps } of columns[kw]!) {
            const atA = ((n * H + ih) * W + iw) * Cin + group * I + ci;
            const atB = ((n * OH + oh) * OW + ow) * Cout + group * O;
            addProduct(sums, taps, { a, atA, stepA, b, atB, stepB: Cout });
          }
        }
      }
      store(sums, dw.data, weight * Cout + group * O);
    }
  }
}
