/**
 * Batch normalization folded into the convolution before it. In evaluation it is a factor and an
 * offset per channel, and a convolution is linear: with the factor in its weights and the offset as
 * its bias, no pass over the image is left of it, forwards or backwards.
 *
 * @module
 */
import { tidy } from "../../scope.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Module } from "../module.ts";
import { Conv2d } from "./convolution.ts";
import { BatchNorm2d } from "./normalization.ts";

/** Whether a layer is one of this class, and not one that somebody gave a forward of its own. */
function isPlain<T extends Module>(
  layer: Module | undefined,
  kind: abstract new (...args: never[]) => T,
): layer is T {
  return layer instanceof kind && layer.forward === kind.prototype.forward;
}

/** A convolution and the batch normalization after it. */
export interface Folded {
  /** First. */
  readonly conv: Conv2d;
  /** Then; in evaluation. */
  readonly norm: BatchNorm2d;
}

let apart = false;

/** Runs `fn`, in which every layer is computed for itself, so that it can be seen what each does. */
export function layersApart<T>(fn: () => T): T {
  const before = apart;
  apart = true;
  try {
    return fn();
  } finally {
    apart = before;
  }
}

/** Two layers that are computed as one; undefined where they cannot be. */
export function foldable(layer: Module | undefined, next: Module | undefined): Folded | undefined {
  const fits = !apart && isPlain(layer, Conv2d) && isPlain(next, BatchNorm2d) && !next.training;
  return fits ? { conv: layer, norm: next } : undefined;
}

/** norm(conv(x)), with weights w s and the bias b s + t, for norm(y) = y s + t. */
export function forwardFolded({ conv, norm }: Folded, x: Tensor): Tensor {
  return tidy(() => {
    const s = norm.weight.mul(norm.runningVariance.add(norm.epsilon).rsqrt());
    const t = norm.bias.sub(norm.runningMean.mul(s));
    const bias = conv.bias === null ? t : conv.bias.mul(s).add(t);
    return conv.convolve(x, conv.weight.mul(s), bias);
  });
}
