/**
 * Predictions: how long a kernel would take on GPUs that are not here, by the roofline model
 * (Williams, Waterman, Patterson: "Roofline", CACM 2009). Predicted, not measured.
 *
 * @module
 */

/** A GPU, by what its vendor says of it. */
export interface Gpu {
  /** Name in tables. */
  readonly name: string;
  /** Largest number of f32 operations per second, a multiply-add being two; no tensor cores. */
  readonly peakFlops: number;
  /** Bytes per second from its memory. */
  readonly bandwidth: number;
  /** Units that each run whole workgroups: SMs, cores, subslices. */
  readonly units: number;
  /** Where the figures are from. */
  readonly source: string;
}

/** GPUs to predict for. */
export const GPUS: readonly Gpu[] = [
  {
    name: "Iris Xe",
    peakFlops: 2.07e12,
    bandwidth: 68.3e9,
    units: 6,
    source: "Intel, Core i7-1185G7 specifications: 96 execution units of 8 lanes at 1.35 GHz; " +
      "two channels of LPDDR4x-4267",
  },
  {
    name: "Apple M2",
    peakFlops: 3.6e12,
    bandwidth: 100e9,
    units: 10,
    source: "Apple, press release on M2, June 2022: 10-core GPU, 3.6 teraflops, 100 GB/s",
  },
  {
    name: "RTX 3060",
    peakFlops: 12.7e12,
    bandwidth: 360e9,
    units: 28,
    source: "NVIDIA, GeForce RTX 3060 specifications: 3,584 cores at 1.78 GHz, 12 GB, 192 bit",
  },
  {
    name: "RTX 4090",
    peakFlops: 82.6e12,
    bandwidth: 1008e9,
    units: 128,
    source: "NVIDIA, Ada GPU architecture white paper, table of the GeForce RTX 4090",
  },
  {
    name: "H100 SXM",
    peakFlops: 67e12,
    bandwidth: 3.35e12,
    units: 132,
    source: "NVIDIA, H100 Tensor Core GPU data sheet: FP32 67 teraFLOPS, 3.35 TB/s",
  },
];

/** Shares of the published peaks that good kernels reach; an assumption. */
export const REACHED = { flops: 0.65, bandwidth: 0.75 } as const;

/** Seconds that any dispatch takes, start to start; an assumption between 3 and 5 microseconds. */
export const LEAST_SECONDS = 4e-6;

/** What a prediction is made of. */
export interface Work {
  /** Floating-point operations. */
  readonly flops: number;
  /** Bytes moved. */
  readonly bytes: number;
  /** Dispatches, one after the other. */
  readonly dispatches: number;
  /** Workgroups of the largest one. Fewer than the GPU has units leave some of them idle. */
  readonly workgroups: number;
}

/** Predicted seconds: the longest of computing, moving bytes, and starting the dispatches. */
export function predictSeconds({ flops, bytes, dispatches, workgroups }: Work, gpu: Gpu): number {
  if (dispatches === 0) return 0;
  const busy = Math.min(1, workgroups / gpu.units);
  return Math.max(
    flops / (REACHED.flops * gpu.peakFlops * busy),
    bytes / (REACHED.bandwidth * gpu.bandwidth),
    dispatches * LEAST_SECONDS,
  );
}
