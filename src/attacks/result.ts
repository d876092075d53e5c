/**
 * What an attack gives back, and how it is judged: predictions, success and distances are computed
 * here from the final images, never taken from the attack's word.
 *
 * @module
 */
import type { Module } from "../nn/mod.ts";
import { keep, tidy } from "../scope.ts";
import type { Captures, Tensor } from "../tensor/mod.ts";
import { exampleAxes } from "./norms.ts";
import type { Prepared } from "./options.ts";
import {
  logitsOf,
  looksLikeProbabilities,
  type Predictions,
  predictionsOf,
} from "./predictions.ts";

/** The outcome of an attack on a batch. */
export interface AttackResult {
  /** The adversarial images; the caller disposes them. Same shape as the clean ones. */
  readonly images: Tensor;
  /** True labels. */
  readonly labels: Int32Array;
  /** Target classes; undefined when untargeted. */
  readonly targets: Int32Array | undefined;
  /** Predictions on the clean images. */
  readonly before: Predictions;
  /** Predictions on the adversarial images. */
  readonly after: Predictions;
  /**
   * Whether an example counts: not one whose target is its own label. An example that was wrong
   * from the start counts as broken, unchanged.
   */
  readonly counted: readonly boolean[];
  /** Whether the attack reached its goal: a wrong class, or the target. */
  readonly success: readonly boolean[];
  /** Length of the change of every image. */
  readonly distance: { readonly linf: Float32Array; readonly l2: Float32Array };
  /** What the reader should know: a model that gives probabilities, images that did not move. */
  readonly warnings: readonly string[];
}

function checkImages(
  low: number,
  high: number,
  finite: number,
  size: number,
  box: readonly number[],
): void {
  if (finite < size) {
    throw new RangeError(
      `Cannot attack images with ${size - finite} pixels that are NaN or infinite: ` +
        "all pixels must be finite",
    );
  }
  if (low >= box[0]! && high <= box[1]!) return;
  throw new RangeError(
    `Cannot attack images with pixels from ${low} to ${high}: they must lie in ` +
      `[${box.join(", ")}], put a standardisation into the model (Normalize) and not before it`,
  );
}

/** Judges `perturb`, which makes the adversarial images. Waits once. */
export async function judge(
  model: Module,
  prepared: Prepared,
  { perturb, captures }: {
    readonly perturb: () => Tensor;
    readonly captures: Captures | undefined;
  },
): Promise<AttackResult> {
  const { ball: { center, box }, labels, targets } = prepared;
  const count = center.shape[0]!;
  const { images, reads } = tidy(() => {
    const before = logitsOf(model, center, captures);
    const perShape = center.shape.map((size, axis) => axis === 0 ? size : 1);
    const done = targets === undefined
      ? before.argmax(1).ne(labels.cast("i32"))
      : before.argmax(1).eq(targets.cast("i32"));
    // What is wrong from the start stays as it is: broken at distance 0.
    const images = done.cast(center.dtype).reshape(perShape).where(center, perturb());
    const after = logitsOf(model, images, captures);
    const delta = images.sub(center);
    const axes = exampleAxes(center);
    const finite = center.isFinite();
    const clean = finite.where(center, 0);
    const reads = [
      before,
      after,
      labels,
      targets ?? labels,
      delta.norm(axes, { order: Infinity }),
      delta.norm(axes),
      count === 0 ? clean.sum() : clean.min(),
      count === 0 ? clean.sum() : clean.max(),
      finite.sum(),
    ];
    return { images, reads };
  });
  keep(images);
  const classes = reads[0]!.shape[1]!;
  const buffers = reads.map((tensor) => tensor.buffer);
  const data = await center.device.read(buffers).finally(() => {
    for (const tensor of reads) if (tensor !== labels && tensor !== targets) tensor.dispose();
  });
  const [before, after, truth, wanted, linf, l2, low, high, finite] = data;
  try {
    checkImages(low![0]!, high![0]!, finite![0]!, center.size, box);
  } catch (error) {
    images.dispose();
    throw error;
  }
  const logits = { values: before!, classes };
  const clean = predictionsOf(logits, truth!);
  const attacked = predictionsOf({ values: after!, classes }, truth!);
  const labelled = Int32Array.from(truth!);
  const targeted = targets === undefined ? undefined : Int32Array.from(wanted!);
  return {
    images,
    labels: labelled,
    targets: targeted,
    before: clean,
    after: attacked,
    counted: Array.from(labelled, (label, i) => targeted === undefined || targeted[i] !== label),
    success: Array.from(attacked.classes, (predicted, i) => {
      return targeted === undefined ? predicted !== labelled[i] : predicted === targeted[i];
    }),
    distance: { linf: Float32Array.from(linf!), l2: Float32Array.from(l2!) },
    warnings: looksLikeProbabilities(logits)
      ? [
        "The model's rows are nonnegative and sum to 1: give logits, not probabilities, " +
        "or its gradients are flattened twice",
      ]
      : [],
  };
}
