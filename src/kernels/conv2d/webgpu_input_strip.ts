/**
 * The first rung of the gradient of the images for windows that overlap along a line: as in
 * webgpu_strip.ts, what pixels side by side need of the gradient is read once for all taps of a line
 * of the kernel. For a stride of 1, where every pixel is seen by every tap.
 *
 * @module
 */
import { type Epilogue, NO_EPILOGUE } from "../epilogue.ts";
import type { Program, Spec, WayFigures } from "../kernel.ts";
import { dot, repeat, vectorType, widthOf } from "../vectors.ts";
import { NOTHING, u32, wgsl } from "../wgsl.ts";
import type { Block } from "./block.ts";
import { blockProgram, each, storeBlock } from "./block_program.ts";
import { type Conv2dInputGradParams, inputGradSizes } from "./sizes.ts";
import { seenFrom, seesTogether, stripFigures } from "./strip.ts";

type Sizes = ReturnType<typeof inputGradSizes>;

/** Whether pixels that lie side by side need numbers in common, in lines that are long enough. */
export function inputOverlaps({ W, windows: [rows, columns] }: Sizes): boolean {
  return rows.stride === 1 && columns.stride === 1 && seesTogether(W, columns);
}

/** What decides how fast a block makes it. */
export function inputStripFigures(sizes: Sizes, block: Block): WayFigures {
  const { N, H, W, Cin, I, O, windows: [down, across] } = sizes, width = widthOf(I);
  const lines = N * H, length = W, vectors = Cin / width;
  return stripFigures(block, { lines, length, vectors, width, down, across, depth: O });
}

/** One invocation per block of pixels of a line and vectors of input channels. */
export function inputStripProgram(
  [g, w]: readonly Spec[],
  params: Conv2dInputGradParams,
  { block, epilogue = NO_EPILOGUE }: { readonly block: Block; readonly epilogue?: Epilogue },
): Program {
  const sizes = inputGradSizes(g!, w!, params);
  const { N, H, W, Cin, KH, KW, OH, OW, Cout, I, O, windows: [down, across] } = sizes;
  if (N * H * W * Cin === 0) return NOTHING;
  const lanes = widthOf(I), depth = widthOf(O), columns = Cin / lanes, rowVectors = Cout / depth;
  const { rows, vectors } = block, beside = columns / vectors, perLine = Math.ceil(W / rows);
  const places = seenFrom(rows, across), span = (KW - 1) * across.dilation;
  /** The number of the gradient that a tap of the kernel saw this pixel for. */
  const over = (p: number, tap: number) => `g${places.indexOf(p + span - tap * across.dilation)}`;
  // Coordinates below 0 wrap around to huge numbers: one comparison tells both sides.
  const body = wgsl`  let column = i % ${u32(beside)} * ${u32(vectors)};
  let first = i / ${u32(beside)} % ${u32(perLine)} * ${u32(rows)};
  let line = i / ${u32(beside * perLine)};
  let channel = column * ${u32(lanes)} / ${u32(I)} * ${u32(O / depth)};
  let ci = column * ${u32(lanes)} % ${u32(I)};
  let image = line / ${u32(H)} * ${u32(OH)};
  let bottom = line % ${u32(H)} + ${u32(down.padding)};
  let left = first + ${u32(across.padding)} - ${u32(span)};
${each(block, (p, v) => `  var sum${p}_${v} = ${vectorType(lanes)}();`)}
  for (var kh = 0u; kh < ${u32(KH)}; kh++) {
    let row = bottom - kh * ${u32(down.dilation)};
    if (row >= ${u32(OH)}) { continue; }
    let start = ((image + row) * ${u32(OW)} + left) * ${u32(rowVectors)} + channel;
${
    repeat(places.length, (j) =>
      wgsl`    let inside${j} = left + ${u32(places[j]!)} < ${u32(OW)};
    let at${j} = select(0u, start + ${u32(places[j]! * rowVectors)}, inside${j});`)
  }
    for (var co = 0u; co < ${u32(O / depth)}; co++) {
${
    repeat(places.length, (j) =>
      `      let g${j} = select(${vectorType(depth)}(), g[at${j} + co], inside${j});`)
  }
${
    repeat(KW, (tap) =>
      wgsl`      {
        let weights = ((kh * ${u32(KW)} + ${u32(tap)}) * ${u32(I)} + ci) * ${
        u32(rowVectors)
      } + channel + co;
${repeat(lanes * vectors, (k) => `        let w${k} = w[weights + ${u32(k * rowVectors)}];`)}
${
        each(block, (p, v) => {
          const terms = Array.from({ length: lanes }, (_, k) => {
            return dot(over(p, tap), `w${v * lanes + k}`, depth);
          });
          return `        sum${p}_${v} += ${vectorType(lanes)}(${terms.join(", ")});`;
        })
      }
      }`)
  }
    }
  }
  let result = (line * ${u32(W)} + first) * ${u32(columns)} + column;
${
    storeBlock(block, {
      into: "dx",
      lanes,
      isThere: (p) => `first + ${u32(p)} < ${u32(W)}`,
      place: (p) => `result + ${u32(p * columns)}`,
    })
  }`;
  const operands = [["g", depth], ["w", depth], ["dx", lanes]] as const;
  return blockProgram(body, { size: N * H * perLine * beside, operands, epilogue });
}
