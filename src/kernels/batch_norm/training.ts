/**
 * Batch normalization by the batch's own statistics in two passes over memory, there and back. The
 * first sums per channel; the second joins the sums, and goes over the elements with them.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import { cpuSequence } from "../cpu_sequence.ts";
import type { HostOperand, Kernel, Spec } from "../kernel.ts";
import { runningStatistics } from "../optimizers/running_statistics.ts";
import { checkBatch, checkChannels, checkEpsilon, checkGradient } from "./checks.ts";
import * as cpu from "./cpu.ts";
import type { BatchNormParams } from "./kernel.ts";
import * as reference from "./reference.ts";
import * as webgpu from "./training_webgpu.ts";

/** How the running statistics follow. */
export interface BatchNormRunningParams extends BatchNormParams {
  /** Share of the batch in the running statistics. */
  readonly momentum: number;
}

function checkTraining([x, ...channels]: readonly Spec[], epsilon: number): readonly Spec[] {
  const spec = { shape: [checkBatch(x!)], dtype: x!.dtype };
  checkChannels(x!, channels);
  checkEpsilon(x!, epsilon);
  return [{ shape: x!.shape, dtype: x!.dtype }, spec, spec];
}

/** Outputs: y, mean and variance. Operands: x; scale and shift. */
export const batchNormTraining: Kernel<BatchNormParams> = {
  name: "batchNormTraining",
  endsIn: "sum",
  room: 3,
  outputs: (inputs, { epsilon }) => checkTraining(inputs, epsilon),
  reference([x, scale, shift], [y, mean, variance], params) {
    reference.statistics(x!, [mean!, variance!]);
    reference.apply([x!, scale!, shift!, mean!, variance!], y!, params);
  },
  webgpu: ([x], _outputs, { epsilon }, epilogue) => {
    return webgpu.training(x!, { epsilon, epilogue });
  },
  candidates: ([x], _outputs, { epsilon }) =>
    webgpu.candidates((way, epilogue) => webgpu.training(x!, { epsilon, epilogue, way })),
  cpu([x], _outputs, { epsilon }) {
    return cpuSequence(6, [
      [cpu.statistics(x!), [0, 4, 5]],
      [cpu.elements("batch_norm", x!, { operands: 6, epsilon }), [0, 1, 2, 4, 5, 3]],
    ]);
  },
  flops: ([x]) => 9 * sizeOf(x!.shape),
};

/** The same, which also updates the running mean and variance. */
export const batchNormRunning: Kernel<BatchNormRunningParams> = {
  name: "batchNormRunning",
  endsIn: "sum",
  room: 1, // The dispatch that stores y does not bind scale and shift.
  updates: 2,
  outputs(inputs, { epsilon }) {
    const [y, ...statistics] = checkTraining(inputs, epsilon);
    return [...statistics, y!, ...statistics];
  },
  reference(inputs, [runningMean, runningVariance, ...outputs], params) {
    batchNormTraining.reference(inputs, outputs, params);
    const statistics = outputs.slice(1) as [HostOperand, HostOperand];
    const running = { momentum: params.momentum, count: countOf(inputs[0]!) };
    runningStatistics.reference(statistics, [runningMean!, runningVariance!], running);
  },
  webgpu: ([x], _outputs, { epsilon, momentum }, epilogue) => {
    return webgpu.training(x!, { epsilon, momentum, epilogue });
  },
  candidates: ([x], _outputs, { epsilon, momentum }) =>
    webgpu.candidates((way, epilogue) => {
      return webgpu.training(x!, { epsilon, momentum, epilogue, way });
    }),
  cpu(inputs, outputs, params) {
    const [, , y, mean, variance] = outputs, { momentum } = params;
    const running = { momentum, count: countOf(inputs[0]!) };
    const statistics = [mean!, variance!];
    return cpuSequence(8, [
      [batchNormTraining.cpu!(inputs, [y!, ...statistics], params), [0, 1, 2, 5, 6, 7]],
      [runningStatistics.cpu!(statistics, statistics, running), [6, 7, 3, 4]],
    ]);
  },
  flops: ([x]) => 9 * sizeOf(x!.shape),
};

function countOf(x: Spec): number {
  return sizeOf(x.shape) / x.shape.at(-1)!;
}

/** Outputs: dx, dshift and dscale. Operands: g, x; scale, mean and variance, those of x. */
export const batchNormGrad: Kernel<BatchNormParams> = {
  name: "batchNormGrad",
  endsIn: "product",
  room: 2,
  outputs([g, x, ...channels]) {
    checkGradient(g!, x!);
    const spec = { shape: [checkChannels(x!, channels)], dtype: x!.dtype };
    return [{ shape: x!.shape, dtype: x!.dtype }, spec, spec];
  },
  reference([g, x, scale, mean, variance], [dx, dshift, dscale], { epsilon }) {
    reference.sums([g!, x!, mean!, variance!], [dshift!, dscale!], { epsilon });
    const inputs = [g!, scale!, variance!, x!, mean!, dshift!, dscale!];
    reference.inputGrad(inputs, dx!, { epsilon, training: true });
  },
  webgpu: ([, x], _outputs, { epsilon }, epilogue) => webgpu.gradients(x!, { epsilon, epilogue }),
  candidates: ([, x], _outputs, { epsilon }) =>
    webgpu.candidates((way, epilogue) => webgpu.gradients(x!, { epsilon, epilogue, way })),
  cpu([, x], _outputs, { epsilon }) {
    return cpuSequence(8, [
      [cpu.sums(x!, epsilon), [0, 1, 3, 4, 6, 7]],
      [
        cpu.elements("batch_norm_grad", x!, { operands: 8, epsilon }),
        [0, 2, 4, 1, 3, 6, 7, 5],
      ],
    ]);
  },
  flops: ([g]) => 11 * sizeOf(g!.shape),
};
