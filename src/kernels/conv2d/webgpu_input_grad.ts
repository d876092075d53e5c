import { type Epilogue, NO_EPILOGUE } from "../epilogue.ts";
import type { Program, Spec, WayFigures } from "../kernel.ts";
import { dot, repeat, vectorType, widthOf } from "../vectors.ts";
import { NOTHING, u32, wgsl } from "../wgsl.ts";
import type { Pair, Window } from "../window.ts";
import { type Block, blockFigures, type Whole } from "./block.ts";
import { blockProgram, each, storeBlock } from "./block_program.ts";
import { type Conv2dInputGradParams, inputGradSizes } from "./sizes.ts";

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/**
 * WGSL of the first tap that sees a place, given its `residue` = (place + padding) mod stride; the
 * others follow in steps of `step`. Tap k sees it where k dilation = residue modulo the stride,
 * which has a solution where their common factor divides the residue.
 */
function matchingTaps(
  { stride, dilation, kernel }: Window,
  residue: string,
): { readonly first: string; readonly step: number } {
  const common = gcd(stride, dilation), step = stride / common;
  let inverse = 1;
  while (inverse * (dilation / common) % step !== 1 % step) inverse++;
  const first = `${residue} / ${u32(common)} * ${u32(inverse)} % ${u32(step)}`;
  if (common === 1) return { first, step };
  return { first: `select(${u32(kernel)}, ${first}, ${residue} % ${u32(common)} == 0u)`, step };
}

type Sizes = ReturnType<typeof inputGradSizes>;

/** What there is to divide into blocks: pixels a stride apart along W, vectors of input channels. */
export function inputGradWhole({ N, H, W, Cin, I }: Sizes, stride: Pair): Whole {
  const lanes = widthOf(I);
  return {
    rows: N * H * W,
    line: Math.ceil(W / stride[1]),
    vectors: Cin / lanes,
    group: I / lanes,
  };
}

/** What decides how fast a block makes it. */
export function inputGradFigures(sizes: Sizes, stride: Pair, block: Block): WayFigures {
  const { N, H, KH, KW, I, O } = sizes, { line, vectors } = inputGradWhole(sizes, stride);
  const lines = N * Math.ceil(H / stride[0]) * stride[0] * stride[1];
  const blocks = lines * Math.ceil(line! / block.rows) * vectors / block.vectors;
  const K = Math.ceil(KH / stride[0]) * Math.ceil(KW / stride[1]) * O;
  return blockFigures(block, { blocks, K, width: widthOf(I) });
}

/**
 * One invocation per block of input channels and of pixels, which lie a stride apart along W. All of them are then seen by the same taps, and the loops visit no other: with a stride of s,
 * one tap in s along each axis. Channels of the gradient are read as vectors and summed by dot().
 */
export function directInputGradProgram(
  [g, w]: readonly Spec[],
  params: Conv2dInputGradParams,
  { block, epilogue = NO_EPILOGUE }: { readonly block: Block; readonly epilogue?: Epilogue },
): Program {
  const { N, H, W, Cin, KH, KW, OH, OW, Cout, I, O, windows } = inputGradSizes(g!, w!, params);
  const [sh, sw] = params.stride, [ph, pw] = params.padding, [dh, dw] = params.dilation;
  if (N * H * W * Cin === 0) return NOTHING;
  const lanes = widthOf(I), depth = widthOf(O);
  const columns = Cin / lanes;
  const rows = Math.ceil(H / sh), across = Math.ceil(W / sw);
  const beside = columns / block.vectors, blocks = Math.ceil(across / block.rows);
  const rowTaps = matchingTaps(windows[0], "residue_h");
  const columnTaps = matchingTaps(windows[1], "residue_w");
  // The phase varies slowest: neighbouring invocations run the same loops.
  const body = wgsl`  let column = i % ${u32(beside)} * ${u32(block.vectors)};
  let block = i / ${u32(beside)} % ${u32(blocks)};
  let row = i / ${u32(beside * blocks)} % ${u32(rows)};
  let n = i / ${u32(beside * blocks * rows)} % ${u32(N)};
  let phase = i / ${u32(beside * blocks * rows * N)};
  let h = row * ${u32(sh)} + phase / ${u32(sw)};
  let left = block * ${u32(block.rows * sw)} + phase % ${u32(sw)};
  if (h >= ${u32(H)} || left >= ${u32(W)}) { return; }
  let residue_h = (h + ${u32(ph)}) % ${u32(sh)};
  let residue_w = (left + ${u32(pw)}) % ${u32(sw)};
  let channel = column * ${u32(lanes)} / ${u32(I)} * ${u32(O / depth)};
  let ci = column * ${u32(lanes)} % ${u32(I)};
${each(block, (p, v) => `  var sum${p}_${v} = ${vectorType(lanes)}();`)}
  for (var kh = ${rowTaps.first}; kh < ${u32(KH)}; kh += ${u32(rowTaps.step)}) {
    let oh = (i32(h + ${u32(ph)}) - i32(kh * ${u32(dh)})) / ${sh};
    if (oh < 0 || oh >= ${OH}) { continue; }
    let line = (n * ${u32(OH)} + u32(oh)) * ${u32(OW)};
    for (var kw = ${columnTaps.first}; kw < ${u32(KW)}; kw += ${u32(columnTaps.step)}) {
      let ow = (i32(left + ${u32(pw)}) - i32(kw * ${u32(dw)})) / ${sw};
      let weights = ((kh * ${u32(KW)} + kw) * ${u32(I)} + ci) * ${u32(Cout / depth)} + channel;
${
    repeat(block.rows, (p) =>
      wgsl`      let inside${p} = ow + ${p} >= 0 && ow + ${p} < ${OW};
      let place${p} = (line + u32(ow + ${p})) * ${u32(Cout / depth)} + channel;
      let at${p} = select(0u, place${p}, inside${p});`)
  }
      for (var co = 0u; co < ${u32(O / depth)}; co++) {
${
    repeat(lanes * block.vectors, (k) =>
      wgsl`        let w${k} = w[weights + ${u32(k * Cout / depth)} + co];`)
  }
${
    repeat(block.rows, (p) =>
      wgsl`        let g${p} = select(${vectorType(depth)}(), g[at${p} + co], inside${p});`)
  }
${
    each(block, (p, v) => {
      const terms = Array.from({ length: lanes }, (_, k) => {
        return dot(`g${p}`, `w${v * lanes + k}`, depth);
      });
      return `        sum${p}_${v} += ${vectorType(lanes)}(${terms.join(", ")});`;
    })
  }
      }
    }
  }
  let result = ((n * ${u32(H)} + h) * ${u32(W)} + left) * ${u32(columns)} + column;
${
    storeBlock(block, {
      into: "dx",
      lanes,
      isThere: (p) => `left + ${u32(p * sw)} < ${u32(W)}`,
      place: (p) => `result + ${u32(p * sw * columns)}`,
    })
  }`;
  const operands = [["g", depth], ["w", depth], ["dx", lanes]] as const;
  return blockProgram(body, { size: sh * sw * N * rows * blocks * beside, operands, epilogue });
}
