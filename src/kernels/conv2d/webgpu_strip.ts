/**
 * The first rung for windows that overlap along a line: pixels of a block lie side by side in one line,
 * and the numbers of the image under them are read once for all taps of a line of the kernel, which
 * are unrolled. A kernel of 3x3 with stride 1 reads 18 numbers for 16 pixels, not 48.
 *
 * @module
 */
import { type Epilogue, epiloguePlaces, epilogueText, NO_EPILOGUE } from "../epilogue.ts";
import type { Program, Spec, WayFigures } from "../kernel.ts";
import {
  component,
  declareVectors,
  finishedVector,
  repeat,
  vectorType,
  widthOf,
} from "../vectors.ts";
import { NOTHING, perElement, u32, wgsl } from "../wgsl.ts";
import { type Block, blockFigures, type Whole } from "./block.ts";
import { type Conv2dParams, type Conv2dSizes, conv2dSizes } from "./sizes.ts";
import { seenFrom, seesTogether } from "./strip.ts";

/** Whether pixels that lie side by side see numbers in common, in lines that are long enough. */
export function overlaps({ OW, windows: [, across] }: Conv2dSizes): boolean {
  return seesTogether(OW, across);
}

/** What there is to divide into blocks. */
export function stripWhole({ N, OH, OW, Cout, O }: Conv2dSizes): Whole {
  const lanes = widthOf(O);
  return { rows: N * OH * OW, line: OW, vectors: Cout / lanes, group: O / lanes };
}

/** What decides how fast a block makes it. */
export function stripFigures(sizes: Conv2dSizes, block: Block): WayFigures {
  const { N, OH, OW, KH, KW, I, O, Cout } = sizes, width = widthOf(O);
  const blocks = N * OH * Math.ceil(OW / block.rows) * Cout / width / block.vectors;
  const figures = blockFigures(block, { blocks, K: KH * KW * I, width });
  const reads = KH * I *
    (seenFrom(block.rows, sizes.windows[1]).length + KW * block.vectors * width);
  return { ...figures, reads: blocks * reads };
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
  const lines = (make: (p: number, v: number) => string) =>
    repeat(rows, (p) => repeat(vectors, (v) => make(p, v)));
  // Coordinates above the image wrap around to huge numbers: one comparison tells both sides.
  const body = wgsl`  let column = i % ${u32(beside)} * ${u32(vectors)};
  let first = i / ${u32(beside)} % ${u32(perLine)} * ${u32(rows)};
  let line = i / ${u32(beside * perLine)};
  let channel = column * ${u32(lanes)} / ${u32(O)} * ${u32(I / depth)};
  let image = line / ${u32(OH)} * ${u32(H)};
  let top = line % ${u32(OH)} * ${u32(stride)} - ${u32(above)};
  let left = first * ${u32(across)} - ${u32(before)};
${lines((p, v) => `  var sum${p}_${v} = ${Y}();`)}
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
${lines((p, v) => `        sum${p}_${v} += ${component(under(p, tap), depth, k)} * w${v};`)}
      }`))
  }
    }
  }
  let result = (line * ${u32(OW)} + first) * ${u32(columns)} + column;
${
    repeat(rows, (p) =>
      wgsl`  if (first + ${u32(p)} < ${u32(OW)}) {
    let to${p} = result + ${u32(p * columns)};
${
        repeat(vectors, (v) => {
          const at = `(to${p} + ${u32(v)}) * ${u32(lanes)}`;
          return `    y[to${p} + ${u32(v)}] = ${finishedVector(lanes, at, `sum${p}_${v}`)};`;
        })
      }
  }`)
  }`;
  return {
    dispatches: [perElement({
      size: N * OH * perLine * beside,
      declarations: wgsl`${declareVectors([["x", depth], ["w", lanes], ["y", lanes]], 2)}
${epilogueText(epilogue, 3)}`,
      operands: [0, 1, 2, ...epiloguePlaces(epilogue)],
      body,
    })],
  };
}
