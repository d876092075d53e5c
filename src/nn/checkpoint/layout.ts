/**
 * Names and layouts of PyTorch's state_dict for the state of a module. This is the only place where
 * the two meet: inside, images are N,H,W,C and weights end with their output channels.
 *
 * @module
 */
import { CheckpointError } from "../../errors.ts";
import type { Shape } from "../../shape.ts";
import type { Tensor } from "../../tensor/mod.ts";
import { Flatten, Sequential } from "../layers/containers.ts";
import { Conv2d } from "../layers/convolution.ts";
import { Linear } from "../layers/linear.ts";
import { BatchNorm2d, Normalize } from "../layers/normalization.ts";
import type { Module } from "../module.ts";

/** How the elements of a tensor are ordered outside. */
export interface Arrangement {
  /** The shape in the file. */
  readonly shape: Shape;
  /** The axes of the tensor in memory; those of a flattened image are apart. */
  readonly view: Shape;
  /** Which axis of `view` comes first in the file, which second, ... */
  readonly axes: readonly number[];
}

/** How a tensor of a module lies in a file. */
export interface Place extends Arrangement {
  /** Its name in the module. */
  readonly own: string;
  /** The tensor. */
  readonly tensor: Tensor;
}

/** The state of a module as PyTorch names it. */
export interface Layout {
  /** By name in the file. */
  readonly places: ReadonlyMap<string, Place>;
  /** Counters of batches, which PyTorch writes per batch normalization and nothing here reads. */
  readonly counters: ReadonlySet<string>;
}

/** Channels of the image that a linear layer gets flattened, by the name of that layer. */
export type FlattenedChannels = Readonly<Record<string, number>>;

/** PyTorch's names of fields, where ours differ. */
const NAMES: readonly (readonly [new (...args: never[]) => Module, Record<string, string>])[] = [
  [BatchNorm2d, { runningMean: "running_mean", runningVariance: "running_var" }],
  [Normalize, { deviation: "std" }],
];

/** Where each tensor of a module lies in a file. `flattened` adds to what Sequential shows. */
export function layoutOf(model: Module, flattened: FlattenedChannels = {}): Layout {
  const modules = model.modules();
  const channels = { ...channelsBefore(modules), ...flattened };
  const places = new Map<string, Place>();
  for (const [own, tensor] of new Map([...model.parameters(), ...model.buffers()])) {
    const dot = own.lastIndexOf(".");
    const owner = own.slice(0, Math.max(dot, 0)), field = own.slice(dot + 1);
    const module = modules.get(owner);
    const renamed = NAMES.find(([type]) => module instanceof type)?.[1][field] ?? field;
    const name = dot < 0 ? renamed : `${owner}.${renamed}`;
    places.set(name, { own, tensor, ...arrangement(module, field, tensor, channels[owner]) });
  }
  const norms = [...modules].filter(([, module]) => module instanceof BatchNorm2d);
  const counters = new Set(norms.map(([name]) => {
    return name === "" ? "num_batches_tracked" : `${name}.num_batches_tracked`;
  }));
  return { places, counters };
}

/** Shape in the file and order of the axes. */
function arrangement(
  module: Module | undefined,
  field: string,
  { shape }: Tensor,
  channels: number | undefined,
): Arrangement {
  if (field === "weight" && module instanceof Conv2d) {
    return convolutionOrder(shape);
  }
  if (field === "weight" && module instanceof Linear) {
    return linearOrder(shape, channels);
  }
  return sameOrder(shape);
}

/** The order of the elements outside, where it is that in memory. */
export function sameOrder(shape: Shape): Arrangement {
  return { shape, view: shape, axes: shape.map((_, axis) => axis) };
}

/** Weights of a convolution: [KH, KW, in, out] become [out, in, KH, KW]. */
export function convolutionOrder(shape: Shape): Arrangement {
  const [height, width, inputs, outputs] = shape as readonly [number, number, number, number];
  return { shape: [outputs, inputs, height, width], view: shape, axes: [3, 2, 0, 1] };
}

/** Weights of a linear layer: [in, out] become [out, in]; `channels` of a flattened image. */
export function linearOrder(shape: Shape, channels?: number): Arrangement {
  const [inputs, outputs] = shape as readonly [number, number];
  const depth = channels ?? inputs;
  if (!(inputs % depth === 0)) {
    throw new CheckpointError(
      `Cannot lay out a linear weight with ${inputs} inputs: they are a flattened image of ` +
        `${depth} channels, and must be a multiple of them`,
    );
  }
  // Rows are in the order place, channel; PyTorch's columns in the order channel, place.
  return { shape: [outputs, inputs], view: [inputs / depth, depth, outputs], axes: [2, 1, 0] };
}

/** In each Sequential: the channels of the last image before a Flatten, for the next Linear. */
function channelsBefore(modules: ReadonlyMap<string, Module>): FlattenedChannels {
  const found: Record<string, number> = {};
  for (const [name, module] of modules) {
    if (!(module instanceof Sequential)) continue;
    let depth: number | undefined, isFlat = false;
    for (const [i, layer] of module.layers.entries()) {
      if (layer instanceof Conv2d) depth = layer.weight.shape[3]!;
      else if (layer instanceof BatchNorm2d && !isFlat) depth = layer.weight.size;
      else if (layer instanceof Flatten) isFlat = true;
      else if (layer instanceof Linear) {
        if (isFlat && depth !== undefined) found[name === "" ? `${i}` : `${name}.${i}`] = depth;
        isFlat = false;
        depth = undefined;
      }
    }
  }
  return found;
}

/** Row-major elements of a tensor of shape `view`, with its axes in another order. */
export function rearranged(
  data: ArrayLike<number>,
  view: Shape,
  axes: readonly number[],
): Float32Array {
  const strides = view.map((_, axis) => view.slice(axis + 1).reduce((a, b) => a * b, 1));
  const sizes = axes.map((axis) => view[axis]!), steps = axes.map((axis) => strides[axis]!);
  const result = new Float32Array(data.length);
  const index = Array<number>(sizes.length).fill(0);
  for (let i = 0, from = 0; i < result.length; i++) {
    result[i] = data[from]!;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++index[axis]! < sizes[axis]!) break;
      from -= steps[axis]! * sizes[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

/** The way back from `rearranged`: from the order of the file to that in memory. */
export function restored(data: ArrayLike<number>, { view, axes }: Arrangement): Float32Array {
  return rearranged(
    data,
    axes.map((axis) => view[axis]!),
    view.map((_, axis) => axes.indexOf(axis)),
  );
}
