/**
 * The weight gradient as one matrix product over all windows: row m of A is number (kh, kw, ci) of
 * every window, column k is pixel (n, oh, ow), and B is the gradient as it lies. There are few
 * weights and many windows, so workgroups share the steps along k and leave parts, which a second
 * dispatch adds up. A row of A that is 1 everywhere gives the gradient of a bias.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import type { Program, Spec } from "../kernel.ts";
import { tiledProduct } from "../tiles/product.ts";
import type { Factor } from "../tiles/staging.ts";
import { storeRows } from "../tiles/store.ts";
import { sumParts } from "../tiles/sum_parts.ts";
import { declareVectors, vectorType, widthOf } from "../vectors.ts";
import { NOTHING, u32, wgsl } from "../wgsl.ts";
import { type Conv2dSizes, type Conv2dWeightGradParams, weightGradSizes } from "./sizes.ts";
import { chunkOf, type Cut } from "./webgpu_product.ts";

/** Rows of A: the weights of one output channel, and with a bias as many ones as a load takes. */
export function weightRows({ KH, KW, Cin }: Conv2dSizes, bias: boolean): number {
  return KH * KW * Cin + (bias ? widthOf(Cin) : 0);
}

function windowsFactor(sizes: Conv2dSizes, bias: boolean): Factor {
  const { H, W, Cin, KH, KW, OH, OW, windows: [h, w] } = sizes;
  const width = widthOf(Cin), type = vectorType(width), rows = KH * KW * Cin;
  const padded = [h, w].some(({ padding }) => padding > 0);
  const tests = [
    ...padded ? [`row < ${u32(H)} && column < ${u32(W)}`] : [],
    ...bias ? ["!place.ones"] : [],
  ];
  const inside = tests.join(" && ") || "true";
  return {
    along: "outer",
    width,
    functions: wgsl`struct PlaceA { down: u32, right: u32, channel: u32, ones: bool }
fn place_a(outer: u32) -> PlaceA {
  let ones = outer >= ${u32(rows)};
  let tap = select(outer, 0u, ones) / ${u32(Cin)};
  let down = tap / ${u32(KW)} * ${u32(h.dilation)} - ${u32(h.padding)};
  let right = tap % ${u32(KW)} * ${u32(w.dilation)} - ${u32(w.padding)};
  return PlaceA(down, right, outer % ${u32(Cin)} / ${u32(width)}, ones);
}
fn load_a(place: PlaceA, k: u32) -> ${type} {
  let row = k / ${u32(OW)} % ${u32(OH)} * ${u32(h.stride)} + place.down;
  let column = k % ${u32(OW)} * ${u32(w.stride)} + place.right;
  let pixel = (k / ${u32(OH * OW)} * ${u32(H)} + row) * ${u32(W)} + column;
  var value = ${type}(${bias ? "select(0.0, 1.0, place.ones)" : ""});
  // Above and left of the image they wrap around to huge numbers.
  if (${inside}) { value = x[pixel * ${u32(Cin / width)} + place.channel]; }
  return value;
}
`,
  };
}

function gradientFactor({ Cout }: Conv2dSizes): Factor {
  const width = widthOf(Cout);
  return {
    along: "outer",
    width,
    functions: wgsl`struct PlaceB { start: u32 }
fn place_b(outer: u32) -> PlaceB { return PlaceB(outer / ${u32(width)}); }
fn load_b(place: PlaceB, k: u32) -> ${vectorType(width)} {
  return g[k * ${u32(Cout / width)} + place.start];
}
`,
  };
}

/** The weight gradient by tiles; one group only. */
export function weightProductProgram(
  [x, g]: readonly Spec[],
  params: Conv2dWeightGradParams,
  cut: Cut,
): Program {
  const sizes = weightGradSizes(x!, g!, params), { bias = false } = params;
  const { N, KH, KW, Cin, OH, OW, Cout } = sizes;
  const rows = KH * KW * Cin, size = sizeOf([rows, Cout]), all = size + (bias ? Cout : 0);
  if (size === 0) return NOTHING;
  const K = N * OH * OW, chunk = chunkOf(K, cut), splits = Math.max(1, Math.ceil(K / chunk));
  const parts = splits > 1 || bias, width = Cout % 4 === 0 ? 4 : 1;
  const { code, workgroups } = tiledProduct({
    M: weightRows(sizes, bias),
    N: Cout,
    K,
    a: windowsFactor(sizes, bias),
    b: gradientFactor(sizes),
    planes: 1,
    chunk,
    store: storeRows("dw", Cout, {
      start: parts ? `split * ${u32(all)}` : "0u",
      parts: true,
      vectors: width === 4,
      // Of the ones one row is wanted: it lies behind the weights.
      ...bias && { unless: [`m > ${u32(rows)}`, ""] },
    }),
  }, cut.tile);
  const buffers = declareVectors([["x", widthOf(Cin)], ["g", widthOf(Cout)], ["dw", width]], 2);
  const places = bias ? [4, 2, 3] as const : [3, 2] as const;
  const first = { code: `${buffers}\n${code}`, workgroups };
  if (!parts) return { dispatches: [{ ...first, operands: [0, 1, 2] }] };
  return {
    scratch: [{ shape: [splits, all], dtype: "f32" }],
    dispatches: [
      { ...first, operands: [0, 1, places[0]] },
      sumParts({ splits, size: all, cut: size }, places),
    ],
  };
}
