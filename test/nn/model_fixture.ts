// The numbers of test/fixtures/make_models.py: weights and images from a hash, in PyTorch's layout.

import { layoutOf } from "../../src/nn/checkpoint/layout.ts";
import { type Module, type WritableTensor, writeSafetensors } from "../../src/nn/mod.ts";

/** Numbers in [-0.5, 0.5) from a hash of name and index. */
export function uniform(name: string, size: number): Float64Array {
  let seed = 2166136261;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 16777619);
  return Float64Array.from({ length: size }, (_, i) => {
    let h = (Math.imul(i, 2654435761) + seed) >>> 0;
    for (const factor of [0x85ebca6b, 0xc2b2ae35]) h = Math.imul(h ^ (h >>> 15), factor) >>> 0;
    return ((h ^ (h >>> 16)) >>> 0) / 4294967296 - 0.5;
  });
}

function values(name: string, shape: readonly number[]): Float32Array {
  const size = shape.reduce((a, b) => a * b, 1);
  const scale = Math.sqrt(24 / (size / shape[0]!));
  const aroundOne = /(\.weight|_var|std)$/.test(name);
  return Float32Array.from(uniform(name, size), (u) => {
    return shape.length > 1 ? u * scale : aroundOne ? 1 + 0.4 * u : 0.4 * u;
  });
}

/** The checkpoint of a model with those numbers. */
export function checkpointOf(model: Module): Uint8Array {
  const tensors = new Map<string, WritableTensor>();
  for (const [name, { shape }] of layoutOf(model).places) {
    tensors.set(name, { shape, data: values(name, shape) });
  }
  return writeSafetensors(tensors);
}
