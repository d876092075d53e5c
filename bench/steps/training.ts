// The training step of the benchmarks.

import type { Device } from "../../src/backend/mod.ts";
import { SGD } from "../../src/nn/mod.ts";
import { tidy } from "../../src/scope.ts";
import { capture, type Tensor } from "../../src/tensor/mod.ts";
import type { PlacedStep } from "../harness/mod.ts";
import type { Task } from "./networks.ts";

/** How to train. */
export interface TrainingOptions {
  /** Whether steps are replayed, as `fit` does it. Default false: tape and kernels anew each time. */
  readonly captured?: boolean;
}

/** Forward, backward, one step of gradient descent; the host reads the loss. */
export function training(
  task: (device: Device) => Task,
  { captured = false }: TrainingOptions = {},
): (device: Device) => PlacedStep {
  return (device) => {
    const { model, images, labels } = task(device);
    const optimizer = new SGD(model.parameters(), { lr: 0.01 });
    const learn = (images: Tensor, labels: Tensor): Tensor =>
      tidy(() => {
        optimizer.zeroGrad();
        const loss = model.forward(images).crossEntropy(labels);
        loss.backward();
        optimizer.step();
        return loss.detach();
      });
    const replayed = capture(learn);
    const run = captured ? replayed : learn;
    const step = async (): Promise<number> => {
      const loss = run(images, labels);
      const value = await loss.item();
      loss.dispose();
      return value;
    };
    return { step, holds: [replayed, model, images, labels, optimizer] };
  };
}
