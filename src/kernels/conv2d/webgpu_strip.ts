/**
 * The first rung for windows that overlap along a line: pixels of a block lie side by side in one line,
 * and the numbers of the image under them are read once for all taps of a line of the kernel, which
 * are unrolled. A kernel of 3x3 with stride 1 reads 18 numbers for 16 pixels, not 48.
 *
 * @module
 */
import { type Epilogue, NO_EPILOGUE } from "../epilogue.ts";
import type { Program, Spec, WayFigures } from "../kernel.ts";
import { component, repeat, vectorType, widthOf } from "../vectors.ts";
import { NOTHING, u32, wgsl } from "../wgsl.ts";
import type { Block, Whole } from "./block.ts";
import { blockProgram, each, storeBlock } from "./block_program.ts";
import { type Conv2dParams, type Conv2dSizes, conv2dSizes } from "./sizes.ts";
import { seenFrom, seesTogether, stripFigures } from "./strip.ts";
import { directWhole } from "./webgpu_direct.ts";

/** Whether pixels that lie side by side see numbers in common, in lines that are long enough. */
export function overlaps({ OW, windows: [, across] }: Conv2dSizes): boolean {
  return seesTogether(OW, across);
}

/** What there is to divide into blocks: as for webgpu_direct.ts, by lines. */
export function stripWhole(sizes: Conv2dSizes): Whole {
  return { ...directWhole(sizes), line: sizes.OW };
}

/** What decides how fast a block makes it. */
export function forwardStripFigures(sizes: Conv2dSizes, block: Block): WayFigures {
  const { N, OH, OW, I, O, windows: [down, across] } = sizes, { vectors } = directWhole(sizes);
  const lines = N * OH, length = OW, width = widthOf(O);
  return stripFigures(block, { lines, length, vectors, width, down, across, depth: I });
}

/** One invocation per block of pixels of a line and vectors of output channels. */
export function stripProgram(
  [x, w]: readonly Spec[],
  params: Conv2dParams,
  { block, epilogue = NO_EPILOGUE }: { readonly block: Block; readonly epilogue?: Epilogue },
): Program {
  const sizes = conv2dSizes(x!, w!, params);
  const { N, H, W, Cin, KH, KW, OH, OW, Cout, I, O } = sizes;
  const [stride, across] = params.stride, [above, before] = params.padding;
  if (N * OH * OW * Cout === 0) return NOTHING;
  const depth = widthOf(I), lanes = widthOf(O), X = vectorType(depth), Y = vectorType(lanes);
  const columns = Cout / lanes, { rows, vectors } = block, beside = columns / vectors;
  const perLine = Math.ceil(OW / rows), places = seenFrom(rows, sizes.windows[1]);
  /** The number under a tap of a pixel. */
  const under = (p: number, tap: number) =>
    `x${places.indexOf(p * across + tap * params.dilation[1])}`;
  // Coordinates above the image wrap around to huge numbers: one comparison tells both sides.
  const body = wgsl`  let column = i % ${u32(beside)} * ${u32(vectors)};
  let first = i / ${u32(beside)} % ${u32(perLine)} * ${u32(rows)};
  let line = i / ${u32(beside * perLine)};
  let channel = column * ${u32(lanes)} / ${u32(O)} * ${u32(I / depth)};
  let image = line / ${u32(OH)} * ${u32(H)};
  let top = line % ${u32(OH)} * ${u32(stride)} - ${u32(above)};
  let left = first * ${u32(across)} - ${u32(before)};
${each(block, (p, v) => `  var sum${p}_${v} = ${Y}();`)}
  for (var kh = 0u; kh < ${u32(KH)}; kh++) {
    let row = top + kh * ${u32(params.dilation[0])};
    if (row >= ${u32(H)}) { continue; }
    let start = ((image + row) * ${u32(W)} + left) * ${u32(Cin / depth)} + channel;
${
    repeat(places.length, (j) =>
      wgsl`    let inside${j} = left + ${u32(places[j]!)} < ${u32(W)};
    let at${j} = select(0u, start + ${u32(places[j]! * Cin / depth)}, inside${j});`)
  }
    for (var ci = 0u; ci < ${u32(I / depth)}; ci++) {
${repeat(places.length, (j) => `      let x${j} = select(${X}(), x[at${j} + ci], inside${j});`)}
${
    repeat(KW, (tap) =>
      repeat(depth, (k) =>
        wgsl`      {
        let weights = ((kh * ${u32(KW)} + ${u32(tap)}) * ${u32(I)} + ci * ${u32(depth)} + ${
          u32(k)
        }) * ${u32(columns)} + column;
${repeat(vectors, (v) => `        let w${v} = w[weights + ${u32(v)}];`)}
${each(block, (p, v) => `        sum${p}_${v} += ${component(under(p, tap), depth, k)} * w${v};`)}
      }`))
  }
    }
  }
  let result = (line * ${u32(OW)} + first) * ${u32(columns)} + column;
${
    storeBlock(block, {
      into: "y",
      lanes,
      isThere: (p) => `first + ${u32(p)} < ${u32(OW)}`,
      place: (p) => `result + ${u32(p * columns)}`,
    })
  }`;
  const operands = [["x", depth], ["w", lanes], ["y", lanes]] as const;
  return blockProgram(body, { size: N * OH * perLine * beside, operands, epilogue });
}
