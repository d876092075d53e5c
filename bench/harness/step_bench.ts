/**
 * Benchmarks of steps: what somebody does with tensors, from the first kernel to the number that
 * the host reads.
 *
 * @module
 */
import type { Device } from "../../src/backend/mod.ts";
import type { TypedArray } from "../../src/dtype.ts";
import { Tensor, tensor } from "../../src/tensor/mod.ts";
import type { Tolerance } from "./compare.ts";
import type { Data } from "./data.ts";
import { addWork, costOf, type Subject } from "./work.ts";

/** One step: a tensor that stays on the device, or the numbers that the host has read. */
export type Step = () => Tensor | Promise<number>;

/** A step on a device. */
export interface PlacedStep {
  readonly step: Step;
  /** What it holds: model, optimiser, images, labels. */
  readonly holds: readonly { dispose(): void }[];
}

/** A step and what it costs. */
export interface StepBench {
  /** The setting in words. */
  readonly about: string;
  /** Floating-point operations of its convolutions and matrix products. */
  readonly flops: number;
  /** Bytes that have to be moved at least, for elementwise work. Default 0: not counted. */
  readonly bytes?: number;
  readonly tolerance: Tolerance;
  /** How many steps in a row are compared, so that what a step changes shows. Default 1. */
  readonly compared?: number;
  /** Builds the model and puts the data on the device. */
  readonly make: (device: Device) => PlacedStep;
}

/** Times a step. */
export function benchStep(name: string, bench: StepBench): void {
  const { about, flops, bytes = 0, tolerance, compared = 1 } = bench;
  addWork({
    name,
    about,
    flops,
    bytes,
    tolerance,
    prepare: (device) => subjectOn(device, bench),
    async expected(reference) {
      const subject = subjectOn(reference, bench);
      const results = await subject.results();
      subject.close();
      return results;
    },
    compared: (results) => results,
    expectedCost: compared * costOf({ flops, bytes }),
  });
}

function subjectOn(device: Device, { make, compared = 1 }: StepBench): Subject {
  const { step, holds } = make(device);
  return {
    call() {
      const result = step();
      return result instanceof Tensor ? result.dispose() : result.then(() => {});
    },
    async results() {
      const found: TypedArray[] = [];
      for (let i = 0; i < compared; i++) {
        const result = step();
        if (result instanceof Tensor) {
          found.push(await result.data());
          result.dispose();
        } else found.push(Float64Array.of(await result));
      }
      return found;
    },
    close() {
      for (const held of holds) held.dispose();
    },
  };
}

/** An operand as a tensor. */
export function place({ shape, dtype, elements }: Data, device: Device): Tensor {
  return tensor(elements(), { shape, dtype, device });
}
