import { sizeOf } from "../../shape.ts";
import type { Program, Spec, WayFigures } from "../kernel.ts";
import { sumParts } from "../tiles/sum_parts.ts";
import { component, declareVectors, repeat, vectorType, widthOf } from "../vectors.ts";
import { NOTHING, perElement, u32, wgsl } from "../wgsl.ts";
import { type Block, blockFigures, type Whole } from "./block.ts";
import { type Conv2dWeightGradParams, weightGradSizes } from "./sizes.ts";

/** Invocations that keep a GPU busy; with fewer blocks of weights the pixels are split. */
const BUSY = 16384;
/** Windows of one row that are summed in one go. */
const SEGMENT = 32;

type Sizes = ReturnType<typeof weightGradSizes>;

/** What there is to divide into blocks: vectors of input channels, and of output channels. */
export function weightGradWhole({ N, OH, KH, KW, I, Cout, O }: Sizes): Whole {
  const width = widthOf(I), line = I / width, lanes = widthOf(O);
  const rows = KH * KW * line, shares = N * OH;
  return { rows, line, width, shares, vectors: Cout / lanes, group: O / lanes };
}

/** What decides how fast a block makes it. */
export function weightGradFigures(sizes: Sizes, block: Block): WayFigures {
  const { KH, KW, I, O } = sizes, { blocks, splits, each, length } = cutOf(sizes, block);
  const rows = block.rows * widthOf(I), dispatches = splits > 1 ? 2 : 1;
  const K = each * length, all = { blocks: blocks * splits, K, width: widthOf(O), dispatches };
  return blockFigures({ ...block, rows }, KH * KW === 0 ? { ...all, blocks: 0 } : all);
}

/** How the windows are cut into splits, given how many blocks of weights there are. */
function cutOf(sizes: Sizes, block: Block) {
  const { N, OH, OW, KH, KW, I, Cout, O } = sizes;
  const rows = I / widthOf(I) / block.rows, columns = Cout / widthOf(O) / block.vectors;
  const blocks = KH * KW * rows * columns;
  const length = Math.min(OW, SEGMENT), segments = Math.ceil(OW / length);
  const units = N * OH * segments, sums = block.rows * block.vectors;
  // Larger blocks are for software, which is busy with fewer.
  const wanted = Math.max(1, Math.min(units, Math.ceil(BUSY / sums / sums / blocks)));
  const each = Math.max(1, Math.ceil(units / wanted));
  return { blocks, length, segments, units, each, splits: Math.max(1, Math.ceil(units / each)) };
}

/**
 * One invocation per tap, vector of input channels, vector of output channels and split: it adds up
 * outer products x gᵀ over its split of the windows, in segments of rows. Where there are several
 * splits, each leaves a part in scratch, and a second pass adds the parts. The sums of g for the
 * bias are one more tap, which sees 1 everywhere.
 */
export function directWeightGradProgram(
  [x, g]: readonly Spec[],
  dw: Spec,
  { params, block }: { readonly params: Conv2dWeightGradParams; readonly block: Block },
): Program {
  const sizes = weightGradSizes(x!, g!, params), { H, W, Cin, KH, KW, OH, OW, Cout, I, O } = sizes;
  const { stride, padding, dilation, bias = false } = params;
  const size = sizeOf(dw.shape), all = size + (bias ? Cout : 0);
  if (size === 0) return NOTHING;
  const depth = widthOf(I), lanes = widthOf(O);
  const columns = Cout / lanes, rows = I / depth;
  const { blocks, length, segments, units, each, splits } = cutOf(sizes, block);
  const beside = columns / block.vectors, below = rows / block.rows;
  const parts = splits > 1 || bias;
  const sums = (make: (k: number, v: number) => string): string => {
    return repeat(depth * block.rows, (k) => repeat(block.vectors, (v) => make(k, v)));
  };
  const body = wgsl`  #if ${bias}
  if (i >= ${u32(splits * blocks)}) {
    let column = i % ${u32(columns)};
    let split = (i - ${u32(splits * blocks)}) / ${u32(columns)};
    var sum = ${vectorType(lanes)}();
    let last = min((split + 1u) * ${u32(each)}, ${u32(units)});
    for (var unit = split * ${u32(each)}; unit < last; unit++) {
      let start = unit % ${u32(segments)} * ${u32(length)};
      let line = unit / ${u32(segments)} * ${u32(OW)};
      for (var ow = start; ow < min(start + ${u32(length)}, ${u32(OW)}); ow++) {
        sum += g[(line + ow) * ${u32(columns)} + column];
      }
    }
    parts[split * ${u32(all / lanes)} + ${u32(size / lanes)} + column] = sum;
    return;
  }
  #endif
  let column = i % ${u32(beside)} * ${u32(block.vectors)};
  let row = i / ${u32(beside)} % ${u32(below)} * ${u32(block.rows)};
  let tap = i / ${u32(beside * below)} % ${u32(KH * KW)};
  let split = i / ${u32(blocks)};
  let down = tap / ${u32(KW)} * ${u32(dilation[0])};
  let right = tap % ${u32(KW)} * ${u32(dilation[1])};
  let low = windows_before(${u32(padding[1])}, right);
  let high = windows_before(${u32(W + padding[1])}, right);
  let channel = column * ${u32(lanes)} / ${u32(O)} * ${u32(rows)} + row;
${sums((k, v) => `  var sum${k}_${v} = ${vectorType(lanes)}();`)}
  let last = min((split + 1u) * ${u32(each)}, ${u32(units)});
  for (var unit = split * ${u32(each)}; unit < last; unit++) {
    let line = unit / ${u32(segments)};
    // Above the image h wraps around to a huge number.
    let h = line % ${u32(OH)} * ${u32(stride[0])} + down - ${u32(padding[0])};
    if (h >= ${u32(H)}) { continue; }
    let start = unit % ${u32(segments)} * ${u32(length)};
    let image = (line / ${u32(OH)} * ${u32(H)} + h) * ${u32(W)};
    let end = min(min(high, start + ${u32(length)}), ${u32(OW)});
    for (var ow = max(low, start); ow < end; ow++) {
      let w = ow * ${u32(stride[1])} + right - ${u32(padding[1])};
      let at_x = (image + w) * ${u32(Cin / depth)} + channel;
      let at_g = (line * ${u32(OW)} + ow) * ${u32(columns)} + column;
${repeat(block.rows, (r) => `      let x${r} = x[at_x + ${u32(r)}];`)}
${repeat(block.vectors, (v) => `      let g${v} = g[at_g + ${u32(v)}];`)}
${
    sums((k, v) => {
      const number = component(`x${Math.floor(k / depth)}`, depth, k % depth);
      return `      sum${k}_${v} += ${number} * g${v};`;
    })
  }
    }
  }
  let result = split * ${u32(all / lanes)} + (tap * ${u32(rows)} + row) * ${
    u32(columns * depth)
  } + column;
${sums((k, v) => `  parts[result + ${u32(k * columns + v)}] = sum${k}_${v};`)}`;
  const first = perElement({
    size: splits * (blocks + (bias ? columns : 0)),
    declarations: wgsl`${declareVectors([["x", depth], ["g", lanes], ["parts", lanes]], 2)}

// How many windows have this tap at a place before the padded place.
fn windows_before(place: u32, tap: u32) -> u32 {
  if (place <= tap) { return 0u; }
  return (place - tap + ${u32(stride[1] - 1)}) / ${u32(stride[1])};
}`,
    operands: [0, 1, parts ? (bias ? 4 : 3) : 2],
    body,
  });
  if (!parts) return { dispatches: [first] };
  const places = bias ? [4, 2, 3] as const : [3, 2] as const;
  return {
    scratch: [{ shape: [splits, all], dtype: "f32" }],
    dispatches: [first, sumParts({ splits, size: all, cut: size, waits: false }, places)],
  };
}
