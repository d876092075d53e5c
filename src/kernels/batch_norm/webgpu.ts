import { sizeOf } from "../../shape.ts";
import { type Epilogue, epiloguePlaces, epilogueText, NO_EPILOGUE } from "../epilogue.ts";
import type { Candidate, Program, Spec } from "../kernel.ts";
import { declare, f32, NOTHING, perElement, u32, wgsl } from "../wgsl.ts";
import {
  channelProgram,
  type ChannelReduction,
  type ChannelSums,
  channelWays,
} from "./channels.ts";
import type { BatchNormGradParams, BatchNormParams } from "./kernel.ts";

/**
 * A value is (count, mean, sum of squared distances from the mean). Elements are added as Welford
 * (1962) does and values joined as Chan, Golub and LeVeque (1979) do: no step takes the difference
 * of large squares.
 */
const JOIN = `fn join(a: vec4f, b: vec4f) -> vec4f {
  if (a.x == 0.0) { return b; }
  if (b.x == 0.0) { return a; }
  let count = a.x + b.x;
  let share = b.x / count;
  let step = b.y - a.y;
  return vec4f(count, a.y + step * share, a.z + b.z + step * step * a.x * share, 0.0);
}
`;

/** Count, mean and sum of squared distances of every channel. */
export const STATISTICS: ChannelReduction = {
  inputs: ["x"],
  functions: JOIN,
  combine: "join(a, b)",
  add: `    let distance = x[at] - own.y;
    own.x += 1.0;
    own.y += distance / own.x;
    own.z += distance * (x[at] - own.y);`,
};

/** The sums of g and g z of every channel. */
export function sumsOf(epsilon: number): ChannelReduction {
  return {
    inputs: ["g", "x", "mean", "variance"],
    combine: "a + b",
    start: `  let center = mean[o];
  let r = inverseSqrt(variance[o] + ${f32(epsilon)});`,
    add: "    own += vec4f(g[at], g[at] * ((x[at] - center) * r), 0.0, 0.0);",
  };
}

/** Mean and variance of every channel. */
const MOMENTS: ChannelSums = {
  ...STATISTICS,
  outputs: ["mean", "variance"],
  write: `    mean[o] = result.y;
    variance[o] = result.z / result.x;`,
};

/** The sums of g and g z of every channel, as results. */
function gradientSums({ epsilon }: BatchNormParams): ChannelSums {
  return {
    ...sumsOf(epsilon),
    outputs: ["dshift", "dscale"],
    write: `    dshift[o] = result.x;
    dscale[o] = result.y;`,
  };
}

/** Mean and variance of every channel. */
export function statistics(x: Spec): Program {
  return channelProgram(x.shape, MOMENTS);
}

/** Both ways of `statistics`, the first for GPUs. */
export function statisticsWays(x: Spec): readonly Candidate[] {
  return channelWays(x.shape, MOMENTS);
}

/** The sums of g and g z of every channel. */
export function sums(x: Spec, params: BatchNormParams): Program {
  return channelProgram(x.shape, gradientSums(params));
}

/** Both ways of `sums`, the first for GPUs. */
export function sumsWays(x: Spec, params: BatchNormParams): readonly Candidate[] {
  return channelWays(x.shape, gradientSums(params));
}

/** y = (x - mean) r scale + shift, one invocation per element. */
export function apply(
  [x, scale, shift, mean, variance]: readonly Spec[],
  y: Spec,
  { epsilon }: BatchNormParams,
  epilogue: Epilogue = NO_EPILOGUE,
): Program {
  const size = sizeOf(y.shape);
  if (size === 0) return NOTHING;
  return {
    dispatches: [perElement({
      size,
      declarations: wgsl`${
        declare([
          ["x", x!],
          ["scale", scale!],
          ["shift", shift!],
          ["mean", mean!],
          ["variance", variance!],
          ["y", y],
        ], 5)
      }
${epilogueText(epilogue, 6)}`,
      operands: [0, 1, 2, 3, 4, 5, ...epiloguePlaces(epilogue)],
      body: `  let c = i % ${u32(y.shape.at(-1)!)};
  let r = inverseSqrt(variance[c] + ${f32(epsilon)});
  y[i] = epilogue(i, (x[i] - mean[c]) * (r * scale[c]) + shift[c]);`,
    })],
  };
}

/** dx, one invocation per element. */
export function inputGrad(
  inputs: readonly Spec[],
  dx: Spec,
  { epsilon, training }: BatchNormGradParams,
  epilogue: Epilogue = NO_EPILOGUE,
): Program {
  const size = sizeOf(dx.shape), channels = dx.shape.at(-1)!;
  if (size === 0) return NOTHING;
  const names = ["g", "scale", "variance", "x", "mean", "dshift", "dscale"];
  const operands = [...inputs, dx];
  return {
    dispatches: [perElement({
      size,
      declarations: wgsl`${
        declare(
          operands.map((spec, k) => [k < inputs.length ? names[k]! : "dx", spec] as const),
          inputs.length,
        )
      }
${epilogueText(epilogue, operands.length)}`,
      operands: [...operands.keys(), ...epiloguePlaces(epilogue)],
      body: wgsl`  let c = i % ${u32(channels)};
  let r = inverseSqrt(variance[c] + ${f32(epsilon)});
  #if ${training}
  let z = (x[i] - mean[c]) * r;
  let value = r * scale[c] * (g[i] - (dshift[c] + z * dscale[c]) / ${f32(size / channels)});
  #else
  let value = r * scale[c] * g[i];
  #endif
  dx[i] = epilogue(i, value);`,
    })],
  };
}
