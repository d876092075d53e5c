/**
 * The input gradient as matrix products over the windows that see each pixel. With strides sh and sw
 * the pixels fall into sh sw phases by their place modulo the stride; those of a phase are seen by
 * the same taps, so that each phase is a dense product, a plane of one dispatch. Row m of A is pixel
 * (n, r, c) of a phase, column k is number (tap, co) of the gradients that it gets; B is the weights
 * read along co.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import { type Epilogue, NO_EPILOGUE } from "../epilogue.ts";
import type { Program, Spec } from "../kernel.ts";
import { pick } from "../tiles/pick.ts";
import type { Factor } from "../tiles/staging.ts";
import { vectorType, widthOf } from "../vectors.ts";
import { NOTHING, u32, wgsl } from "../wgsl.ts";
import { type Axis, backwardAxis } from "./axes.ts";
import { type Conv2dInputGradParams, type Conv2dSizes, inputGradSizes } from "./sizes.ts";
import { type Cut, imageProgram } from "./webgpu_product.ts";

/** The phases of both axes. */
interface Axes {
  readonly h: Axis;
  readonly w: Axis;
}

/** And WGSL of the phase of `plane` along each. */
interface Phases extends Axes {
  readonly indexH: string;
  readonly indexW: string;
}

/** The two axes of an input gradient, each with its phases. */
export function phasesOf({ windows }: Conv2dSizes): Axes {
  return { h: backwardAxis(windows[0]), w: backwardAxis(windows[1]) };
}

function named({ h, w }: Axes): Phases {
  const indexH = `(plane / ${u32(w.phases.length)})`;
  const indexW = `(plane % ${u32(w.phases.length)})`;
  return { h, w, indexH, indexW };
}

/** Places of the gradient from tap to tap, the same in all phases with several. */
function stepOf({ phases }: Axis): number {
  return phases.find(({ taps }) => taps.length > 1)?.step ?? 1;
}

/** Taps of the weights from one to the next in a phase. */
function tapStepOf({ phases }: Axis): number {
  const [first, second] = phases.find(({ taps }) => taps.length > 1)?.taps ?? [1, 0];
  return first! - second!;
}

/** `tap` of a phase as its number along H and along W, each division by a constant. */
function split({ w, indexW }: Phases): string {
  const counts = w.phases.map(({ taps }) => Math.max(1, taps.length));
  return `  let i = ${pick(indexW, counts.map((count) => `tap / ${u32(count)}`))};
  let j = ${pick(indexW, counts.map((count) => `tap % ${u32(count)}`))};`;
}

function gradientFactor({ OH, OW, Cout }: Conv2dSizes, phases: Phases): Factor {
  const { h, w, indexH, indexW } = phases;
  const width = widthOf(Cout), type = vectorType(width);
  const first = ({ phases }: Axis) => phases.map(({ first }) => u32(first));
  return {
    along: "inner",
    width,
    functions: wgsl`struct PlaceA { image: u32, top: u32, left: u32 }
fn place_a(outer: u32) -> PlaceA {
  let top = outer / ${u32(w.longest)} % ${u32(h.longest)} + ${pick(indexH, first(h))};
  let left = outer % ${u32(w.longest)} + ${pick(indexW, first(w))};
  return PlaceA(outer / ${u32(h.longest * w.longest)} * ${u32(OH)}, top, left);
}
fn load_a(place: PlaceA, k: u32) -> ${type} {
  let tap = k / ${u32(Cout)};
${split(phases)}
  let row = place.top + i * ${u32(stepOf(h))};
  let column = place.left + j * ${u32(stepOf(w))};
  let at = ((place.image + row) * ${u32(OW)} + column) * ${u32(Cout / width)};
  var value = ${type}();
  if (row < ${u32(OH)} && column < ${u32(OW)}) { value = g[at + k % ${u32(Cout)} / ${u32(width)}]; }
  return value;
}
`,
  };
}

function weightsFactor({ KW, Cin, Cout }: Conv2dSizes, phases: Phases): Factor {
  const { h, w, indexH, indexW } = phases;
  const width = widthOf(Cout);
  const first = ({ phases }: Axis) => phases.map(({ taps }) => u32(taps[0] ?? 0));
  return {
    along: "inner",
    width,
    functions: wgsl`struct PlaceB { start: u32 }
fn place_b(outer: u32) -> PlaceB { return PlaceB(outer * ${u32(Cout / width)}); }
fn load_b(place: PlaceB, k: u32) -> ${vectorType(width)} {
  let tap = k / ${u32(Cout)};
${split(phases)}
  let kh = ${pick(indexH, first(h))} - i * ${u32(tapStepOf(h))};
  let kw = ${pick(indexW, first(w))} - j * ${u32(tapStepOf(w))};
  let at = (kh * ${u32(KW)} + kw) * ${u32(Cin * Cout / width)} + place.start;
  return w[at + k % ${u32(Cout)} / ${u32(width)}];
}
`,
  };
}

/** Where pixel (n, r, c) of a phase lies in the image. */
function before({ H, W }: Conv2dSizes, { h, w, indexH, indexW }: Phases): string {
  const row = `m / ${u32(w.longest)} % ${u32(h.longest)}`;
  return wgsl`  let down = ${row} * ${u32(h.spacing)} + ${indexH};
  let right = m % ${u32(w.longest)} * ${u32(w.spacing)} + ${indexW};
  let row = (m / ${u32(h.longest * w.longest)} * ${u32(H)} + down) * ${u32(W)} + right;
`;
}

/** Steps along k of each phase. */
export function phaseDepths({ Cout }: Conv2dSizes, { h, w }: Axes): number[] {
  return h.phases.flatMap((down) => {
    return w.phases.map((right) => down.taps.length * right.taps.length * Cout);
  });
}

/** The input gradient by tiles; one group only. */
export function phasesProgram(
  [g, w]: readonly Spec[],
  params: Conv2dInputGradParams,
  { epilogue = NO_EPILOGUE, ...cut }: Cut & { readonly epilogue?: Epilogue | undefined },
): Program {
  const sizes = inputGradSizes(g!, w!, params);
  const { N, H, W, Cin } = sizes;
  if (N * H * W * Cin === 0) return NOTHING;
  const phases = named(phasesOf(sizes)), ends = phaseDepths(sizes, phases);
  return imageProgram(
    {
      M: N * phases.h.longest * phases.w.longest,
      N: Cin,
      K: Math.max(...ends),
      ends,
      a: gradientFactor(sizes, phases),
      b: weightsFactor(sizes, phases),
      planes: ends.length,
      names: ["g", "w", "dx"],
      size: sizeOf([N, H, W, Cin]),
      ...ends.length === 1 ? {} : {
        before: before(sizes, phases),
        // Phases with fewer pixels leave some out.
        unless: [`down >= ${u32(H)} || right >= ${u32(W)}`, ""],
      },
    },
    cut,
    epilogue,
  );
}
