/**
 * Average pooling: y[n, oh, ow, c] is the mean of channel c in a window of the image, where padding
 * counts as zeros or not at all.
 *
 * @module
 */
import { epiloguePlaces, epilogueText, NO_EPILOGUE } from "../epilogue.ts";
import { sizeOf } from "../../shape.ts";
import type { Kernel } from "../kernel.ts";
import {
  imagePlace,
  placesSeen,
  type PoolGradParams,
  poolGradSizes,
  type PoolParams,
  poolSizes,
  windowsOver,
} from "./sizes.ts";
import { poolCpu } from "./cpu.ts";
import { declare, NOTHING, perElement, u32 } from "../wgsl.ts";
import { meetingsBy } from "../window.ts";

/** How windows slide, and what a mean divides by. */
export interface AvgPoolParams extends PoolParams {
  /** Whether that is the size of the kernel, or the elements of the image that a window sees. */
  readonly countIncludePad: boolean;
}

/** The way back also needs height and width of the images. */
export interface AvgPoolGradParams extends AvgPoolParams, PoolGradParams {}

const ACT = "take the average pooling";

/** The means. */
export const avgPool2d: Kernel<AvgPoolParams> = {
  name: "avgPool2d",
  outputs([x], params) {
    const { N, OH, OW, C } = poolSizes(ACT, x!, params);
    return [{ shape: [N, OH, OW, C], dtype: x!.dtype }];
  },
  reference([x], [y], params) {
    const { N, H, W, C, OH, OW, windows } = poolSizes(ACT, x!, params);
    const rows = meetingsBy("o", windows[0]), columns = meetingsBy("o", windows[1]);
    const from = x!.data, sums = new Float64Array(C);
    for (let window = 0; window < N * OH * OW; window++) {
      const n = Math.floor(window / (OH * OW));
      const row = rows[Math.floor(window / OW) % OH]!, column = columns[window % OW]!;
      sums.fill(0);
      for (const { i: h } of row) {
        for (const { i: w } of column) {
          const at = ((n * H + h) * W + w) * C;
          for (let c = 0; c < C; c++) sums[c] = sums[c]! + from[at + c]!;
        }
      }
      const count = divisor(params, row.length * column.length);
      for (let c = 0; c < C; c++) y!.data[window * C + c] = sums[c]! / count;
    }
  },
  webgpu([x], [y], params) {
    const { H, W, C, OH, OW, windows } = poolSizes(ACT, x!, params);
    if (sizeOf(y!.shape) === 0) return NOTHING;
    return {
      dispatches: [perElement({
        size: sizeOf(y!.shape),
        declarations: declare([["x", x!], ["y", y!]], 1),
        operands: [0, 1],
        body: `${imagePlace(OH, OW, C)}
${placesSeen("row", "h", windows[0])}
${placesSeen("column", "w", windows[1])}
  var sum = 0.0;
  for (var row = row0; row < row1; row++) {
    for (var column = column0; column < column1; column++) {
      sum += x[((n * ${u32(H)} + row) * ${u32(W)} + column) * ${u32(C)} + c];
    }
  }
  y[i] = sum / f32(${divisorText(params, "(row1 - row0) * (column1 - column0)")});`,
      })],
    };
  },
  cpu: ([x], _outputs, params) => poolCpu("avg_pool", poolSizes(ACT, x!, params), params),
  flops: (_inputs, [y], { kernelSize: [KH, KW] }) => sizeOf(y!.shape) * KH * KW,
};

function divisor({ countIncludePad, kernelSize: [KH, KW] }: AvgPoolParams, seen: number): number {
  return countIncludePad ? KH * KW : seen;
}

function divisorText(
  { countIncludePad, kernelSize: [KH, KW] }: AvgPoolParams,
  seen: string,
): string {
  return countIncludePad ? u32(KH * KW) : seen;
}

const BACK = "take the gradient of average pooling";

/** The gradient of the images: each number of g is shared among the elements of its window. */
export const avgPool2dGrad: Kernel<AvgPoolGradParams> = {
  name: "avgPool2dGrad",
  endsIn: "sum",
  outputs([g], params) {
    const { N, H, W, C } = poolGradSizes(BACK, g!, params);
    return [{ shape: [N, H, W, C], dtype: g!.dtype }];
  },
  reference([g], [dx], params) {
    const { N, H, W, C, OH, OW, windows } = poolGradSizes(BACK, g!, params);
    const rows = meetingsBy("o", windows[0]), columns = meetingsBy("o", windows[1]);
    const from = g!.data, to = dx!.data;
    for (let window = 0; window < N * OH * OW; window++) {
      const n = Math.floor(window / (OH * OW));
      const row = rows[Math.floor(window / OW) % OH]!, column = columns[window % OW]!;
      const count = divisor(params, row.length * column.length);
      for (const { i: h } of row) {
        for (const { i: w } of column) {
          const at = ((n * H + h) * W + w) * C;
          for (let c = 0; c < C; c++) to[at + c] = to[at + c]! + from[window * C + c]! / count;
        }
      }
    }
  },
  webgpu([g], [dx], params, epilogue = NO_EPILOGUE) {
    const { H, W, C, OH, OW, windows } = poolGradSizes(BACK, g!, params);
    if (sizeOf(dx!.shape) === 0) return NOTHING;
    return {
      dispatches: [perElement({
        size: sizeOf(dx!.shape),
        declarations: `${declare([["g", g!], ["dx", dx!]], 1)}\n${epilogueText(epilogue, 2)}`,
        operands: [0, 1, ...epiloguePlaces(epilogue)],
        body: `${imagePlace(H, W, C)}
${windowsOver("row", "h", { window: windows[0], count: OH })}
${windowsOver("column", "w", { window: windows[1], count: OW })}
  var sum = 0.0;
  for (var row = row0; row < row1; row++) {
${placesSeen("h", "row", windows[0])}
    for (var column = column0; column < column1; column++) {
${placesSeen("w", "column", windows[1])}
      let at = ((n * ${u32(OH)} + row) * ${u32(OW)} + column) * ${u32(C)} + c;
      sum += g[at] / f32(${divisorText(params, "(h1 - h0) * (w1 - w0)")});
    }
  }
  dx[i] = epilogue(i, sum);`,
      })],
    };
  },
  cpu([g], _outputs, params) {
    return poolCpu("avg_pool_grad", poolGradSizes(BACK, g!, params), params);
  },
  flops: ([g], _outputs, { kernelSize: [KH, KW] }) => sizeOf(g!.shape) * KH * KW,
};
