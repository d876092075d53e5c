/**
 * What a model says of a batch, read off its logits on the host.
 *
 * @module
 */
import { ShapeError } from "../errors.ts";
import type { Module } from "../nn/mod.ts";
import { tidy } from "../scope.ts";
import { formatShape } from "../shape.ts";
import { capturedBy, type Captures, type Tensor } from "../tensor/mod.ts";
import { asVictim } from "./goal.ts";

/** What a model says of a batch. */
export interface Predictions {
  /** Class with the highest logit; the first one when equal. */
  readonly classes: Int32Array;
  /** Softmax probability of that class, 0 to 1. */
  readonly certainty: Float32Array;
  /** Cross-entropy of the true label, in nats. */
  readonly loss: Float32Array;
}

/** Logits on the host, row after row. */
export interface HostLogits {
  readonly values: ArrayLike<number>;
  /** Length of a row. */
  readonly classes: number;
}

/** The logits of a batch, with the model in eval mode. */
export function logitsOf(model: Module, images: Tensor, captures?: Captures): Tensor {
  const forward = capturedBy(captures, "logits", (images: Tensor) => {
    return asVictim(model, () => model.forward(images).detach());
  });
  const logits = forward(images.detach());
  const [count] = images.shape;
  if (logits.shape.length === 2 && logits.shape[0] === count) return logits;
  throw new ShapeError(
    `Cannot classify with a model whose result has shape ${formatShape(logits.shape)}: ` +
      `it must give logits of shape [${count}, classes]`,
  );
}

/** Predictions for logits. */
export function predictionsOf(
  { values, classes }: HostLogits,
  labels: ArrayLike<number>,
): Predictions {
  const count = labels.length;
  const result = {
    classes: new Int32Array(count),
    certainty: new Float32Array(count),
    loss: new Float32Array(count),
  };
  for (let n = 0; n < count; n++) {
    let best = 0, sum = 0;
    for (let k = 1; k < classes; k++) {
      if (values[n * classes + k]! > values[n * classes + best]!) best = k;
    }
    const top = values[n * classes + best]!;
    for (let k = 0; k < classes; k++) sum += Math.exp(values[n * classes + k]! - top);
    result.classes[n] = best;
    result.certainty[n] = 1 / sum;
    result.loss[n] = Math.log(sum) + top - values[n * classes + labels[n]!]!;
  }
  return result;
}

/** Whether rows look like probabilities instead of logits. */
export function looksLikeProbabilities({ values, classes }: HostLogits): boolean {
  for (let start = 0; start < values.length; start += classes) {
    let sum = 0;
    for (let k = 0; k < classes; k++) {
      if (values[start + k]! < 0) return false;
      sum += values[start + k]!;
    }
    if (Math.abs(sum - 1) > 1e-4) return false;
  }
  return values.length > 0 && classes > 1;
}

/**
 * What a model says of a batch: classes, certainty, loss. In eval mode; the model is left as it
 * was. Waits once.
 */
export async function predict(
  model: Module,
  images: Tensor,
  labels: ArrayLike<number>,
  captures?: Captures,
): Promise<Predictions> {
  const logits = tidy(() => logitsOf(model, images, captures));
  try {
    return predictionsOf({ values: await logits.data(), classes: logits.shape[1]! }, labels);
  } finally {
    logits.dispose();
  }
}
