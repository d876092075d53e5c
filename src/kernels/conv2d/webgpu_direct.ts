/**
 * First rung: no workgroup memory. Every invocation reads what it needs, so a number of the image is
 * read once for each tap and for each vector of output channels. Best where that is little (few
 * channels, groups), and where waiting for each other is dear.
 *
 * @module
 */
import { type Epilogue, NO_EPILOGUE } from "../epilogue.ts";
import type { Program, Spec, WayFigures } from "../kernel.ts";
import { component, repeat, vectorType, widthOf } from "../vectors.ts";
import { NOTHING, u32, wgsl } from "../wgsl.ts";
import { type Block, blockFigures, type Whole } from "./block.ts";
import { blockProgram, storeBlock } from "./block_program.ts";
import { type Conv2dParams, type Conv2dSizes, conv2dSizes } from "./sizes.ts";

/** What there is to divide into blocks. */
export function directWhole({ N, OH, OW, Cout, O }: Conv2dSizes): Whole {
  const lanes = widthOf(O);
  return { rows: N * OH * OW, vectors: Cout / lanes, group: O / lanes };
}

/** What decides how fast a block makes it. */
export function directFigures(sizes: Conv2dSizes, block: Block): WayFigures {
  const { rows, vectors } = directWhole(sizes), { KH, KW, I, O } = sizes;
  const blocks = Math.ceil(rows / block.rows) * vectors / block.vectors;
  return blockFigures(block, { blocks, K: KH * KW * I, width: widthOf(O) });
}

/**
 * One invocation per block of neighbouring pixels and vectors of output channels. It keeps one named
 * vector of sums per pixel and vector, so a weight that is read once serves all pixels of the block,
 * and a number of the image all its channels.
 */
export function directProgram(
  [x, w]: readonly Spec[],
  params: Conv2dParams,
  { block, epilogue = NO_EPILOGUE }: { readonly block: Block; readonly epilogue?: Epilogue },
): Program {
  const { N, H, W, Cin, KH, KW, OH, OW, Cout, I, O } = conv2dSizes(x!, w!, params);
  const { stride, padding, dilation } = params;
  const pixels = N * OH * OW;
  if (pixels * Cout === 0) return NOTHING;
  const depth = widthOf(I), lanes = widthOf(O);
  const X = vectorType(depth), Y = vectorType(lanes);
  const columns = Cout / lanes, { rows, vectors } = block, beside = columns / vectors;
  // Coordinates above the image wrap around to huge numbers: one comparison tells both sides.
  const body = wgsl`  let column = i % ${u32(beside)} * ${u32(vectors)};
  let first = i / ${u32(beside)} * ${u32(rows)};
  let channel = column * ${u32(lanes)} / ${u32(O)} * ${u32(I / depth)};
${
    repeat(rows, (p) =>
      wgsl`  let pixel${p} = min(first + ${u32(p)}, ${u32(pixels - 1)});
  let image${p} = pixel${p} / ${u32(OH * OW)} * ${u32(H)};
  let top${p} = pixel${p} / ${u32(OW)} % ${u32(OH)} * ${u32(stride[0])} - ${u32(padding[0])};
  let left${p} = pixel${p} % ${u32(OW)} * ${u32(stride[1])} - ${u32(padding[1])};
${repeat(vectors, (v) => `  var sum${p}_${v} = ${Y}();`)}`)
  }
  for (var kh = 0u; kh < ${u32(KH)}; kh++) {
    for (var kw = 0u; kw < ${u32(KW)}; kw++) {
${
    repeat(rows, (p) =>
      wgsl`      let row${p} = top${p} + kh * ${u32(dilation[0])};
      let column${p} = left${p} + kw * ${u32(dilation[1])};
      let inside${p} = row${p} < ${u32(H)} && column${p} < ${u32(W)};
      let place${p} = (image${p} + row${p}) * ${u32(W)} + column${p};
      let at${p} = select(0u, place${p} * ${u32(Cin / depth)} + channel, inside${p});`)
  }
      let weights = (kh * ${u32(KW)} + kw) * ${u32(I * columns)} + column;
      for (var ci = 0u; ci < ${u32(I / depth)}; ci++) {
        let start = weights + ci * ${u32(depth * columns)};
${
    repeat(depth, (k) =>
      repeat(vectors, (v) =>
        wgsl`        let w${k}_${v} = w[start + ${u32(k * columns + v)}];`))
  }
${
    repeat(rows, (p) =>
      wgsl`        let x${p} = select(${X}(), x[at${p} + ci], inside${p});
${
        repeat(depth, (k) =>
          repeat(vectors, (v) =>
            wgsl`        sum${p}_${v} += ${component(`x${p}`, depth, k)} * w${k}_${v};`))
      }`)
  }
      }
    }
  }
${
    storeBlock(block, {
      into: "y",
      lanes,
      isThere: (p) => `first + ${u32(p)} < ${u32(pixels)}`,
      place: (p) => `pixel${p} * ${u32(columns)} + column`,
    })
  }`;
  const operands = [["x", depth], ["w", lanes], ["y", lanes]] as const;
  return blockProgram(body, { size: Math.ceil(pixels / rows) * beside, operands, epilogue });
}
