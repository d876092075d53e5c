/**
 * One training step, on clean images or with adversarial ones. The adversarial images are made
 * afresh from the current parameters, off the tape and in eval mode.
 *
 * - `only`: the loss of the adversarial images alone (Madry et al. 2018).
 * - `accumulate`: two backward passes, one step: the gradients of both losses add up.
 * - `average`: the mean of both losses; half the gradient of `accumulate`.
 * - `concat`: both batches as one of twice the size. Equal to `average` but for batch norm, whose
 *   statistics are then joint.
 *
 * @module
 */
import type { SettledAttack } from "../attacks/mod.ts";
import { noGrad } from "../autograd/mod.ts";
import type { Batch } from "../data/mod.ts";
import type { Module, Optimizer } from "../nn/mod.ts";
import { tidy } from "../scope.ts";
import { capturedBy, type Captures, cat, type Tensor } from "../tensor/mod.ts";

/** How clean and adversarial images are mixed. */
export type Mix = "only" | "accumulate" | "average" | "concat";

/** Training with adversarial images. */
export interface AdversarialTraining {
  /** Makes the adversarial images. */
  readonly attack: SettledAttack;
  /** Default "average". */
  readonly mix?: Mix;
}

/** How to make a step. */
export interface StepOptions {
  /** Train with adversarial or noisy images. Default: clean ones. */
  readonly adversarial?: AdversarialTraining;
  /** Which step it is, so that random attacks draw anew. Default 0. */
  readonly step?: number;
  /** Share of every label that goes to all classes alike, 0 to below 1. Default 0. */
  readonly labelSmoothing?: number;
  /** Captured steps to go on with, for many batches under equal options. Default: none. */
  readonly captures?: Captures;
}

/** Figures of a step, still on the device: scalars. */
export interface StepFigures {
  /** Mean loss that the step followed. */
  readonly loss: Tensor;
  /** How many of the images that the step saw were predicted right. */
  readonly correct: Tensor;
  /** How many images the step saw. */
  readonly seen: number;
}

function correctOf(logits: Tensor, labels: Tensor): Tensor {
  return noGrad(() => logits.detach().argmax(1).eq(labels).cast("f32").sum());
}

interface Images {
  readonly images: Tensor;
  readonly labels: Tensor;
  readonly labelSmoothing: number;
}

/** Forward pass and loss of some images. */
function lossOf(
  model: Module,
  { images, labels, labelSmoothing }: Images,
): { loss: Tensor; correct: Tensor } {
  const logits = model.forward(images);
  return {
    loss: logits.crossEntropy(labels, { labelSmoothing }),
    correct: correctOf(logits, labels),
  };
}

/** The gradient of one loss over all these images. */
function backwardJointly(model: Module, images: Images): StepFigures {
  const { loss, correct } = lossOf(model, images);
  loss.backward();
  return { loss: loss.detach(), correct, seen: images.images.shape[0]! };
}

/** The gradient of both losses, each times `weight`. */
function backwardApart(model: Module, parts: readonly Images[], weight: number): StepFigures {
  const figures = parts.map((part) =>
    tidy(() => {
      const { loss, correct } = lossOf(model, part);
      const weighted = weight === 1 ? loss : loss.mul(weight);
      weighted.backward();
      return { loss: weighted.detach(), correct, seen: part.images.shape[0]! };
    })
  );
  return figures.reduce((a, b) => ({
    loss: a.loss.add(b.loss),
    correct: a.correct.add(b.correct),
    seen: a.seen + b.seen,
  }));
}

function backwardMixed(
  model: Module,
  { images, labels, labelSmoothing }: Images,
  attacked: Tensor,
  mix: Mix,
): StepFigures {
  const clean = { images, labels, labelSmoothing };
  const adversarial = { images: attacked, labels, labelSmoothing };
  switch (mix) {
    case "only":
      return backwardJointly(model, adversarial);
    case "accumulate":
      return backwardApart(model, [clean, adversarial], 1);
    case "average":
      return backwardApart(model, [clean, adversarial], 0.5);
    case "concat":
      return backwardJointly(model, {
        images: cat([images, attacked]),
        labels: cat([labels, labels]),
        labelSmoothing,
      });
    default:
      throw new RangeError(
        `Cannot mix images by ${
          String(mix)
        }: it must be "only", "accumulate", "average" or "concat"`,
      );
  }
}

/**
 * One step: gradients from zero, backward, optimiser. The model must be in training mode. Launches
 * work and waits for nothing.
 */
export function trainStep(
  model: Module,
  optimizer: Optimizer,
  batch: Batch,
  options: StepOptions = {},
): StepFigures {
  const { adversarial, step: draw = 0, labelSmoothing = 0, captures } = options;
  const { images, labels, ids } = batch;
  const learn = (backward: () => StepFigures): StepFigures => {
    optimizer.zeroGrad();
    const figures = backward();
    optimizer.step();
    return figures;
  };
  return tidy(() => {
    if (adversarial === undefined) {
      return capturedBy(captures, "learn", (images: Tensor, labels: Tensor) => {
        return learn(() => backwardJointly(model, { images, labels, labelSmoothing }));
      })(images, labels);
    }
    const { attack, mix = "average" } = adversarial;
    const attacked = attack.perturb(model, images, labels, {
      ids,
      draw,
      ...captures === undefined ? {} : { captures },
    });
    return capturedBy(captures, "learn", (images: Tensor, labels: Tensor, attacked: Tensor) => {
      return learn(() => backwardMixed(model, { images, labels, labelSmoothing }, attacked, mix));
    })(images, labels, attacked);
  });
}
