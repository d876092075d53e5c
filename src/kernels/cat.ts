/**
 * Tensors one after the other along an axis.
 *
 * @module
 */
import { DTypeError, ShapeError } from "../errors.ts";
import { formatShape, sizeOf } from "../shape.ts";
import type { CpuCall, CpuProgram, HostOperand, Kernel, Program, Spec } from "./kernel.ts";
import type { Walk } from "./strided/walk.ts";
import { copyCall } from "./strided/cpu.ts";
import { declare, NOTHING, perElement, u32 } from "./wgsl.ts";

/** Along which axis. */
export interface CatParams {
  /** Not negative. */
  readonly axis: number;
}

/** Most operands of one call: of eight storage buffers one is the result. */
export const MAX_CAT = 7;

/** Elements of one operand that lie together: those of `axis` and all axes after it. */
function rowOf({ shape }: Spec, { axis }: CatParams): number {
  return sizeOf(shape.slice(axis));
}

function catReference(inputs: readonly HostOperand[], y: HostOperand, params: CatParams): void {
  const row = rowOf(y, params);
  let start = 0;
  for (const input of inputs) {
    const part = rowOf(input, params);
    for (let from = 0, to = start; from < input.data.length; from += part, to += row) {
      y.data.set(input.data.subarray(from, from + part), to);
    }
    start += part;
  }
}

/** One invocation per element of y, which looks for its operand. */
function catProgram(inputs: readonly Spec[], y: Spec, params: CatParams): Program {
  const size = sizeOf(y.shape);
  if (size === 0) return NOTHING;
  const operands = inputs.flatMap((input, k) => sizeOf(input.shape) > 0 ? [k] : []);
  let end = 0;
  const branches = operands.map((k) => {
    const start = end, part = rowOf(inputs[k]!, params);
    end += part;
    const from = `in_${k}[row * ${u32(part)} + (column - ${u32(start)})]`;
    return `  if (column < ${u32(end)}) { y[i] = ${from}; return; }`;
  });
  return {
    dispatches: [perElement({
      size,
      declarations: declare(
        [...operands.map((k) => [`in_${k}`, inputs[k]!] as const), ["y", y]],
        operands.length,
      ),
      operands: [...operands, inputs.length],
      body: `  let row = i / ${u32(rowOf(y, params))};
  let column = i % ${u32(rowOf(y, params))};
${branches.join("\n")}`,
    })],
  };
}

/** One copy per operand: its rows into its columns of y. */
function catCpu(inputs: readonly Spec[], y: Spec, params: CatParams): CpuProgram {
  if (sizeOf(y.shape) === 0) return { calls: [] };
  const row = rowOf(y, params);
  let start = 0;
  const calls = inputs.flatMap((input, k): CpuCall[] => {
    const part = rowOf(input, params), from: Walk = { start: 0, strides: [part, 1] };
    const to: Walk = { start, strides: [row, 1] };
    start += part;
    const call = copyCall([sizeOf(y.shape) / row, part], { from, to }, [k, inputs.length]);
    return call === undefined ? [] : [call];
  });
  return { calls };
}

/** One to seven tensors along an axis. */
export const cat: Kernel<CatParams> = {
  name: "cat",
  outputs(inputs, { axis }) {
    const { shape, dtype } = inputs[0]!;
    const said = `Cannot concatenate tensors of shapes ${
      inputs.map((input) => formatShape(input.shape)).join(" and ")
    } along axis ${axis}`;
    for (const other of inputs) {
      if (other.dtype !== dtype) {
        throw new DTypeError(
          `${said}: types ${dtype} and ${other.dtype} must be the same, use cast()`,
        );
      }
      const fits = other.shape.length === shape.length &&
        shape.every((size, a) => a === axis || size === other.shape[a]);
      if (!fits) throw new ShapeError(`${said}: all sizes beside that axis must be equal`);
    }
    const length = inputs.reduce((sum, input) => sum + input.shape[axis]!, 0);
    return [{ shape: shape.map((size, a) => a === axis ? length : size), dtype }];
  },
  reference: (inputs, [y], params) => catReference(inputs, y!, params),
  webgpu: (inputs, [y], params) => catProgram(inputs, y!, params),
  cpu: (inputs, [y], params) => catCpu(inputs, y!, params),
  flops: () => 0,
};
