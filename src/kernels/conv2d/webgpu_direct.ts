/**
 * First rung: no workgroup memory. Every invocation reads what it needs, so a number of the image is
 * read once for each tap and for each vector of output channels. Best where that is little (few
 * channels, groups), and where waiting for each other is dear.
 *
 * @module
 */
import { type Epilogue, epiloguePlaces, epilogueText, NO_EPILOGUE } from "../epilogue.ts";
import type { Program, Spec } from "../kernel.ts";
import {
  component,
  declareVectors,
  finishedVector,
  repeat,
  vectorType,
  widthOf,
} from "../vectors.ts";
import { NOTHING, perElement, u32, wgsl } from "../wgsl.ts";
import { type Conv2dParams, conv2dSizes } from "./sizes.ts";

/** Invocations that keep a GPU busy; only beyond them does each take more pixels. */
const BUSY = 8192;

/** How many pixels an invocation takes, given how many it could share them with. */
export function pixelsEach(invocations: number): 1 | 2 | 4 {
  return invocations >= 4 * BUSY ? 4 : invocations >= 2 * BUSY ? 2 : 1;
}

/**
 * One invocation per block of neighbouring pixels and vector of output channels. It keeps one named
 * vector of sums per pixel, so a weight that is read once serves all pixels of the block, and a
 * number of the image all channels of the vector.
 */
export function directProgram(
  [x, w]: readonly Spec[],
  params: Conv2dParams,
  epilogue: Epilogue = NO_EPILOGUE,
): Program {
  const { N, H, W, Cin, KH, KW, OH, OW, Cout, I, O } = conv2dSizes(x!, w!, params);
  const { stride, padding, dilation } = params;
  const pixels = N * OH * OW;
  if (pixels * Cout === 0) return NOTHING;
  const depth = widthOf(I), lanes = widthOf(O);
  const X = vectorType(depth), Y = vectorType(lanes);
  const columns = Cout / lanes;
  const block = pixelsEach(pixels * columns);
  // Coordinates above the image wrap around to huge numbers: one comparison tells both sides.
  const body = wgsl`  let column = i % ${u32(columns)};
  let first = i / ${u32(columns)} * ${u32(block)};
  let channel = column * ${u32(lanes)} / ${u32(O)} * ${u32(I / depth)};
${
    repeat(block, (p) =>
      wgsl`  let pixel${p} = min(first + ${u32(p)}, ${u32(pixels - 1)});
  let image${p} = pixel${p} / ${u32(OH * OW)} * ${u32(H)};
  let top${p} = pixel${p} / ${u32(OW)} % ${u32(OH)} * ${u32(stride[0])} - ${u32(padding[0])};
  let left${p} = pixel${p} % ${u32(OW)} * ${u32(stride[1])} - ${u32(padding[1])};
  var sum${p} = ${Y}();`)
  }
  for (var kh = 0u; kh < ${u32(KH)}; kh++) {
    for (var kw = 0u; kw < ${u32(KW)}; kw++) {
${
    repeat(block, (p) =>
      wgsl`      let row${p} = top${p} + kh * ${u32(dilation[0])};
      let column${p} = left${p} + kw * ${u32(dilation[1])};
      let inside${p} = row${p} < ${u32(H)} && column${p} < ${u32(W)};
      let place${p} = (image${p} + row${p}) * ${u32(W)} + column${p};
      let at${p} = select(0u, place${p} * ${u32(Cin / depth)} + channel, inside${p});`)
  }
      let weights = (kh * ${u32(KW)} + kw) * ${u32(I * columns)} + column;
      for (var ci = 0u; ci < ${u32(I / depth)}; ci++) {
        let start = weights + ci * ${u32(depth * columns)};
${repeat(depth, (k) => wgsl`        let w${k} = w[start + ${u32(k * columns)}];`)}
${
    repeat(block, (p) =>
      wgsl`        let x${p} = select(${X}(), x[at${p} + ci], inside${p});
${repeat(depth, (k) => wgsl`        sum${p} += ${component(`x${p}`, depth, k)} * w${k};`)}`)
  }
      }
    }
  }
${
    repeat(block, (p) =>
      wgsl`  if (first + ${u32(p)} < ${u32(pixels)}) {
    let to${p} = pixel${p} * ${u32(columns)} + column;
    y[to${p}] = ${finishedVector(lanes, `to${p} * ${u32(lanes)}`, `sum${p}`)};
  }`)
  }`;
  return {
    dispatches: [perElement({
      size: Math.ceil(pixels / block) * columns,
      declarations: wgsl`${declareVectors([["x", depth], ["w", lanes], ["y", lanes]], 2)}
${epilogueText(epilogue, 3)}`,
      operands: [0, 1, 2, ...epiloguePlaces(epilogue)],
      body,
    })],
  };
}
