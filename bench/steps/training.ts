// The training step of the benchmarks.

import type { Device } from "../../src/backend/mod.ts";
import { SGD } from "../../src/nn/mod.ts";
import { tidy } from "../../src/scope.ts";
import type { PlacedStep } from "../harness/mod.ts";
import type { Task } from "./networks.ts";

/** Forward, backward, one step of gradient descent; the host reads the loss. */
export function training(task: (device: Device) => Task): (device: Device) => PlacedStep {
  return (device) => {
    const { model, images, labels } = task(device);
    const optimizer = new SGD(model.parameters(), { lr: 0.01 });
    const step = async (): Promise<number> => {
      const loss = tidy(() => {
        optimizer.zeroGrad();
        const loss = model.forward(images).crossEntropy(labels);
        loss.backward();
        optimizer.step();
        return loss.detach();
      });
      const value = await loss.item();
      loss.dispose();
      return value;
    };
    return { step, holds: [model, images, labels, optimizer] };
  };
}
