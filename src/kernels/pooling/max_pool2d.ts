/**
 * Maximum pooling: y[n, oh, ow, c] is the largest element of channel c in a window of the image.
 * Padding never wins, and of equal elements the first does.
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
import { declareVectors, finishedVector, repeat, vectorType, widthOf } from "../vectors.ts";
import { NOTHING, perElement, u32 } from "../wgsl.ts";
import { meetingsBy } from "../window.ts";

const ACT = "take the maximum pooling";

/** Outputs: the maxima, and where they lie: h W + w, as i32. */
export const maxPool2d: Kernel<PoolParams> = {
  name: "maxPool2d",
  outputs([x], params) {
    const { N, OH, OW, C } = poolSizes(ACT, x!, params);
    const shape = [N, OH, OW, C];
    return [{ shape, dtype: x!.dtype }, { shape, dtype: "i32" }];
  },
  reference([x], [y, index], params) {
    const { N, H, W, C, OH, OW, windows } = poolSizes(ACT, x!, params);
    const rows = meetingsBy("o", windows[0]), columns = meetingsBy("o", windows[1]);
    const from = x!.data, maxima = y!.data, places = index!.data;
    for (let window = 0; window < N * OH * OW; window++) {
      const n = Math.floor(window / (OH * OW)), to = window * C;
      const row = rows[Math.floor(window / OW) % OH]!, column = columns[window % OW]!;
      const first = row[0]!.i * W + column[0]!.i;
      for (let c = 0; c < C; c++) {
        maxima[to + c] = from[(n * H * W + first) * C + c]!;
        places[to + c] = first;
      }
      for (const { i: h } of row) {
        for (const { i: w } of column) {
          const place = h * W + w, at = (n * H * W + place) * C;
          for (let c = 0; c < C; c++) {
            const value = from[at + c]!;
            if (value > maxima[to + c]!) {
              maxima[to + c] = value;
              places[to + c] = place;
            }
          }
        }
      }
    }
  },
  webgpu([x], [y], params) {
    const { H, W, C, OH, OW, windows } = poolSizes(ACT, x!, params);
    if (sizeOf(y!.shape) === 0) return NOTHING;
    const width = widthOf(C), vectors = C / width;
    return {
      dispatches: [perElement({
        size: sizeOf(y!.shape) / width,
        declarations: declareVectors([["x", width], ["y", width], ["places", width, "i32"]], 1),
        operands: [0, 1, 2],
        body: `${imagePlace(OH, OW, vectors)}
${placesSeen("row", "h", windows[0])}
${placesSeen("column", "w", windows[1])}
  let image = n * ${u32(H * W * vectors)} + c;
  let first = row0 * ${u32(W)} + column0;
  var place = ${vectorType(width, "i32")}(i32(first));
  var best = x[image + first * ${u32(vectors)}];
  for (var row = row0; row < row1; row++) {
    for (var column = column0; column < column1; column++) {
      let at = row * ${u32(W)} + column;
      let value = x[image + at * ${u32(vectors)}];
      let wins = value > best;
      best = select(best, value, wins);
      place = select(place, ${vectorType(width, "i32")}(i32(at)), wins);
    }
  }
  y[i] = best;
  places[i] = place;`,
      })],
    };
  },
  cpu: ([x], _outputs, params) => poolCpu("max_pool", poolSizes(ACT, x!, params), params),
  flops: (_inputs, [y], { kernelSize: [KH, KW] }) => sizeOf(y!.shape) * KH * KW,
};

/** Whether every place of the images is in exactly one window. */
function tiles(
  { H, W, OH, OW }: Readonly<Record<"H" | "W" | "OH" | "OW", number>>,
  { kernelSize: [KH, KW], stride, padding }: PoolParams,
): boolean {
  return stride[0] === KH && stride[1] === KW && H === OH * KH && W === OW * KW &&
    padding.every((it) => it === 0);
}

const BACK = "take the gradient of maximum pooling";

/**
 * The gradient of the images: each number of g goes to the place that won. Operands: g, and the
 * places. On WebGPU each element of the images gathers its own, so that no atomics are needed.
 */
export const maxPool2dGrad: Kernel<PoolGradParams> = {
  name: "maxPool2dGrad",
  endsIn: "sum",
  outputs([g], params) {
    const { N, H, W, C } = poolGradSizes(BACK, g!, params);
    return [{ shape: [N, H, W, C], dtype: g!.dtype }];
  },
  reference([g, index], [dx], params) {
    const { H, W, C, OH, OW } = poolGradSizes(BACK, g!, params);
    const from = g!.data, places = index!.data, to = dx!.data;
    for (let i = 0; i < from.length; i++) {
      const n = Math.floor(i / (OH * OW * C));
      const at = (n * H * W + places[i]!) * C + i % C;
      to[at] = to[at]! + from[i]!;
    }
  },
  webgpu([g], [dx], params, epilogue = NO_EPILOGUE) {
    const { H, W, C, OH, OW, windows } = poolGradSizes(BACK, g!, params);
    if (sizeOf(dx!.shape) === 0) return NOTHING;
    const width = widthOf(C), vectors = C / width, F = vectorType(width);
    const buffers = declareVectors([["g", width], ["places", width, "i32"], ["dx", width]], 2);
    const [KH, KW] = params.kernelSize;
    if (tiles({ H, W, OH, OW }, params)) {
      const each = repeat(KH * KW, (k) => {
        const y = Math.floor(k / KW), x = k % KW, at = `at + ${u32((y * W + x) * vectors)}`;
        return `  let here${k} = ${vectorType(width, "i32")}(place + ${y * W + x});
  let sum${k} = select(${F}(), value, won == here${k});
  dx[${at}] = ${finishedVector(width, `(${at}) * ${u32(width)}`, `sum${k}`)};`;
      });
      return {
        dispatches: [perElement({
          size: sizeOf(g!.shape) / width,
          declarations: `${buffers}\n${epilogueText(epilogue, 3)}`,
          operands: [0, 1, 2, ...epiloguePlaces(epilogue)],
          // One invocation per window: each number of g is read once.
          body: `${imagePlace(OH, OW, vectors)}
  let first = h * ${u32(KH * W)} + w * ${u32(KW)};
  let place = i32(first);
  let at = (n * ${u32(H * W)} + first) * ${u32(vectors)} + c;
  let won = places[i];
  let value = g[i];
${each}`,
        })],
      };
    }
    return {
      dispatches: [perElement({
        size: sizeOf(dx!.shape) / width,
        declarations: `${buffers}\n${epilogueText(epilogue, 3)}`,
        operands: [0, 1, 2, ...epiloguePlaces(epilogue)],
        body: `${imagePlace(H, W, vectors)}
${windowsOver("row", "h", { window: windows[0], count: OH })}
${windowsOver("column", "w", { window: windows[1], count: OW })}
  let place = ${vectorType(width, "i32")}(i32(h * ${u32(W)} + w));
  var sum = ${F}();
  for (var row = row0; row < row1; row++) {
    for (var column = column0; column < column1; column++) {
      let at = ((n * ${u32(OH)} + row) * ${u32(OW)} + column) * ${u32(vectors)} + c;
      sum += select(${F}(), g[at], places[at] == place);
    }
  }
  dx[i] = ${finishedVector(width, `i * ${u32(width)}`, "sum")};`,
      })],
    };
  },
  cpu([g], _outputs, params) {
    return poolCpu("max_pool_grad", poolGradSizes(BACK, g!, params), params);
  },
  flops: ([g]) => sizeOf(g!.shape),
};
