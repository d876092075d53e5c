/**
 * Convolutions on WebGPU: a ladder of candidates for each of the three kernels. webgpu_direct.ts,
 * webgpu_strip.ts and their like read everything where it lies; webgpu_implicit.ts, webgpu_phases.ts
 * and webgpu_weight_product.ts are tiled matrix products. choose.ts orders them.
 *
 * @module
 */
import { NO_EPILOGUE } from "../epilogue.ts";
import type { Candidate, Spec } from "../kernel.ts";
import { figuresOf } from "../tiles/product.ts";
import { nameOfTile } from "../tiles/tile.ts";
import { widthOf } from "../vectors.ts";
import { type Block, blocksOf, nameOfBlock, type Whole } from "./block.ts";
import { cutsOf, FEW_CHANNELS, type ProductSizes } from "./choose.ts";
import {
  type Conv2dInputGradParams,
  type Conv2dParams,
  conv2dSizes,
  type Conv2dWeightGradParams,
  inputGradSizes,
  weightGradSizes,
} from "./sizes.ts";
import { directFigures, directProgram, directWhole } from "./webgpu_direct.ts";
import { implicitProgram } from "./webgpu_implicit.ts";
import { directInputGradProgram, inputGradFigures, inputGradWhole } from "./webgpu_input_grad.ts";
import { inputOverlaps, inputStripFigures, inputStripProgram } from "./webgpu_input_strip.ts";
import { phaseDepths, phasesOf, phasesProgram } from "./webgpu_phases.ts";
import { chunkOf, type Cut } from "./webgpu_product.ts";
import {
  directWeightGradProgram,
  weightGradFigures,
  weightGradWhole,
} from "./webgpu_weight_grad.ts";
import { forwardStripFigures, overlaps, stripProgram, stripWhole } from "./webgpu_strip.ts";
import { weightProductProgram, weightRows } from "./webgpu_weight_product.ts";

type Make = Candidate["program"];

/** Tiled ways by name, and the direct ways; those alone where tiles would be mostly empty. */
function ways(
  name: string,
  { sizes, directOnly, direct, tiled }: {
    readonly sizes: ProductSizes;
    /** Whether there are groups, which tiles do not know, or channels too few to fill one. */
    readonly directOnly: boolean;
    readonly direct: readonly Candidate[];
    readonly tiled: (cut: Cut) => Make;
  },
): readonly Candidate[] {
  if (directOnly || Object.values(sizes).includes(0)) return direct;
  const others = cutsOf(sizes).map((cut): Candidate => ({
    figures: figuresOf({ ...sizes, chunk: chunkOf(sizes.K, cut) }, cut.tile),
    name: `${name} ${nameOfTile(cut.tile)}${cut.splits === 1 ? "" : `, k in ${cut.splits}`}`,
    waits: true,
    program: tiled(cut),
  }));
  return [...others, ...direct];
}

/** Direct ways, by what there is to divide into blocks. */
function directWays(
  whole: Whole,
  /** Numbers of a row and of a vector. */
  sides: readonly [number, number],
  make: (block: Block) => Pick<Candidate, "figures" | "program">,
): readonly Candidate[] {
  return blocksOf(whole).map((block): Candidate => {
    return { name: nameOfBlock(block, sides), waits: false, ...make(block) };
  });
}

/** The ways of a convolution. */
export function conv2dCandidates(
  inputs: readonly Spec[],
  params: Conv2dParams,
): readonly Candidate[] {
  const all = conv2dSizes(inputs[0]!, inputs[1]!, params);
  const { N, KH, KW, Cin, OH, OW, Cout, O, groups } = all;
  const sizes = { M: N * OH * OW, N: Cout, K: KH * KW * Cin, planes: 1 }, strip = overlaps(all);
  return ways("implicit", {
    sizes,
    directOnly: groups > 1 || Math.min(Cin, Cout) <= FEW_CHANNELS,
    direct: directWays(strip ? stripWhole(all) : directWhole(all), [1, widthOf(O)], (block) => ({
      figures: (strip ? forwardStripFigures : directFigures)(all, block),
      program: (epilogue = NO_EPILOGUE) => {
        return (strip ? stripProgram : directProgram)(inputs, params, { block, epilogue });
      },
    })),
    tiled: (cut) => (epilogue) => implicitProgram(inputs, params, { ...cut, epilogue }),
  });
}

/** The ways of the gradient of the images. */
export function inputGradCandidates(
  inputs: readonly Spec[],
  params: Conv2dInputGradParams,
): readonly Candidate[] {
  const all = inputGradSizes(inputs[0]!, inputs[1]!, params), { N, Cin, Cout, groups } = all;
  const { stride } = params, strip = inputOverlaps(all);
  const { h, w } = phasesOf(all), ends = phaseDepths(all, { h, w });
  const M = N * h.longest * w.longest;
  const sizes = { M, N: Cin, K: Math.max(...ends), planes: ends.length };
  return ways("phases", {
    sizes,
    directOnly: groups > 1 || Math.min(Cin, Cout) <= FEW_CHANNELS,
    direct: directWays(inputGradWhole(all, stride), [1, widthOf(all.I)], (block) => ({
      figures: strip ? inputStripFigures(all, block) : inputGradFigures(all, stride, block),
      program: (epilogue = NO_EPILOGUE) => {
        const how = { block, epilogue };
        return (strip ? inputStripProgram : directInputGradProgram)(inputs, params, how);
      },
    })),
    tiled: (cut) => (epilogue) => phasesProgram(inputs, params, { ...cut, epilogue }),
  });
}

/** The ways of the gradient of the weights. */
export function weightGradCandidates(
  inputs: readonly Spec[],
  [dw]: readonly Spec[],
  params: Conv2dWeightGradParams,
): readonly Candidate[] {
  const all = weightGradSizes(inputs[0]!, inputs[1]!, params), { N, OH, OW, Cout, groups } = all;
  const M = weightRows(all, params.bias ?? false);
  const sizes = { M, N: Cout, K: N * OH * OW, planes: 1 };
  return ways("product", {
    sizes,
    directOnly: groups > 1 || Cout <= FEW_CHANNELS,
    direct: directWays(weightGradWhole(all), [widthOf(all.I), widthOf(all.O)], (block) => ({
      figures: weightGradFigures(all, block),
      program: () => directWeightGradProgram(inputs, dw!, { params, block }),
    })),
    tiled: (cut) => () => weightProductProgram(inputs, params, cut),
  });
}
