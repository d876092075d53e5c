import { sizeOf } from "../../shape.ts";
import { floatBits } from "../cpu_words.ts";
import type { CpuProgram, Spec } from "../kernel.ts";

/** Elements of a chunk of rows: they stay in the nearest caches. */
const NEAR = 4096;
/** Rows of a chunk at least, so that there are not too many. */
const SHORT = 64;
/** Channels of a task that joins chunks. */
const BLOCK = 32;
/** Elements of a task that walks all elements: some ten microseconds. */
const TASK = 32768;
/** The numbers of the channels are repeated until they fill so much. */
const PERIOD = 256;
/** Most elements of a table, of which four fit into a thread's scratch memory. */
const MOST = 65536;

/** Two results per channel over the rows of `x`, by way of chunks. */
function reductionCpu(
  [chunks, join]: readonly [string, string],
  x: Spec,
  options: {
    /** Operands of the first call, those of the second one behind the parts, and the scratch's. */
    readonly inputs: readonly number[];
    readonly others: readonly number[];
    readonly parts: number;
    readonly epsilon?: number;
  },
): CpuProgram {
  const { inputs, others, parts, epsilon = 0 } = options;
  const channels = x.shape.at(-1)!;
  if (channels === 0) return { calls: [] };
  const rows = sizeOf(x.shape) / channels;
  const chunk = Math.max(SHORT, Math.floor(NEAR / channels));
  const count = Math.ceil(rows / chunk);
  const words = [rows, channels, chunk, count, BLOCK, floatBits(epsilon)];
  return {
    scratch: [{ shape: [Math.max(1, count), 2, channels], dtype: "f32" }],
    calls: [
      { entry: chunks, operands: [...inputs, parts], words, tasks: count },
      {
        entry: join,
        operands: [parts, ...others],
        words,
        tasks: Math.ceil(channels / BLOCK),
      },
    ],
  };
}

/** Mean and variance of every channel. */
export function statistics(x: Spec): CpuProgram {
  const entries = ["batch_chunk_statistics", "batch_statistics"] as const;
  return reductionCpu(entries, x, { inputs: [0], others: [1, 2], parts: 3 });
}

/** The sums of g and g z of every channel. */
export function sums(x: Spec, epsilon: number): CpuProgram {
  const entries = ["batch_chunk_sums", "batch_sums"] as const;
  return reductionCpu(entries, x, { inputs: [0, 1, 2], others: [3, 4, 5], parts: 6, epsilon });
}

/** An entry over all elements of `x`, with tables; undefined where these do not fit. */
export function elements(
  entry: "batch_norm" | "batch_norm_scale" | "batch_norm_grad",
  x: Spec,
  options: { readonly operands: number; readonly epsilon: number },
): CpuProgram | undefined {
  const channels = x.shape.at(-1)!, size = sizeOf(x.shape);
  if (size === 0) return { calls: [] };
  const period = channels * Math.ceil(PERIOD / channels);
  if (period > MOST) return undefined;
  const each = period * Math.ceil(TASK / period);
  const share = floatBits(channels / size);
  return {
    calls: [{
      entry,
      operands: Array.from({ length: options.operands }, (_, k) => k),
      words: [size, channels, period, each, floatBits(options.epsilon), share],
      tasks: Math.ceil(size / each),
    }],
  };
}
