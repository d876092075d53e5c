/**
 * Second rung: the convolution as one matrix product over whole windows, without a copy of them.
 * Row m of A is the window of pixel (n, oh, ow), with the images of a batch one after the other, so
 * that small images fill tiles too; column k is number (kh, kw, ci) of a window; B is the weights as
 * they lie.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import { type Epilogue, NO_EPILOGUE } from "../epilogue.ts";
import type { Program, Spec } from "../kernel.ts";
import type { Factor } from "../tiles/staging.ts";
import { vectorType, widthOf } from "../vectors.ts";
import { NOTHING, u32, wgsl } from "../wgsl.ts";
import { type Conv2dParams, type Conv2dSizes, conv2dSizes } from "./sizes.ts";
import { type Cut, imageProgram } from "./webgpu_product.ts";

/** The windows: rows and columns of the image above and left of it wrap around to huge numbers. */
function windowsFactor({ H, W, Cin, KW, OH, OW, windows: [h, w] }: Conv2dSizes): Factor {
  const width = widthOf(Cin), type = vectorType(width);
  const padded = [h, w].some(({ padding }) => padding > 0);
  const inside = padded ? `row < ${u32(H)} && column < ${u32(W)}` : "true";
  return {
    along: "inner",
    width,
    functions: wgsl`struct PlaceA { image: u32, top: u32, left: u32 }
fn place_a(outer: u32) -> PlaceA {
  let top = outer / ${u32(OW)} % ${u32(OH)} * ${u32(h.stride)} - ${u32(h.padding)};
  let left = outer % ${u32(OW)} * ${u32(w.stride)} - ${u32(w.padding)};
  return PlaceA(outer / ${u32(OH * OW)} * ${u32(H)}, top, left);
}
fn load_a(place: PlaceA, k: u32) -> ${type} {
  let tap = k / ${u32(Cin)};
  let row = place.top + tap / ${u32(KW)} * ${u32(h.dilation)};
  let column = place.left + tap % ${u32(KW)} * ${u32(w.dilation)};
  let at = ((place.image + row) * ${u32(W)} + column) * ${u32(Cin / width)};
  var value = ${type}();
  if (${inside}) { value = x[at + k % ${u32(Cin)} / ${u32(width)}]; }
  return value;
}
`,
  };
}

/** The weights, [KH KW Cin, Cout] row by row. */
function weightsFactor({ Cout }: Conv2dSizes): Factor {
  const width = widthOf(Cout);
  return {
    along: "outer",
    width,
    functions: wgsl`struct PlaceB { start: u32 }
fn place_b(outer: u32) -> PlaceB { return PlaceB(outer / ${u32(width)}); }
fn load_b(place: PlaceB, k: u32) -> ${vectorType(width)} {
  return w[k * ${u32(Cout / width)} + place.start];
}
`,
  };
}

/** The convolution by tiles; one group only. */
export function implicitProgram(
  [x, w]: readonly Spec[],
  params: Conv2dParams,
  { epilogue = NO_EPILOGUE, ...cut }: Cut & { readonly epilogue?: Epilogue | undefined },
): Program {
  const sizes = conv2dSizes(x!, w!, params);
  const { N, KH, KW, Cin, OH, OW, Cout } = sizes;
  if (N * OH * OW * Cout === 0) return NOTHING;
  return imageProgram(
    {
      M: N * OH * OW,
      N: Cout,
      K: KH * KW * Cin,
      a: windowsFactor(sizes),
      b: weightsFactor(sizes),
      planes: 1,
      names: ["x", "w", "y"],
      size: sizeOf([N, OH, OW, Cout]),
    },
    cut,
    epilogue,
  );
}
