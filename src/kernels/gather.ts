/**
 * Elements along one axis, each line by its own indices: for three axes and axis 1,
 * y[i, j, k] = x[i, index[i, j, k], k]. The result has the shape of the index, which along other
 * axes may be smaller than x.
 *
 * @module
 */
import { isFloat } from "../dtype.ts";
import { DTypeError, ShapeError } from "../errors.ts";
import { formatShape, type Shape, sizeOf, stridesOf } from "../shape.ts";
import { blockUpTo } from "./cpu_tasks.ts";
import { checkIndex, clampedIndex, clampIndex } from "./indices.ts";
import type { CpuCall, CpuProgram, Kernel, Spec } from "./kernel.ts";
import { lineSumsProgram } from "./line_sums.ts";
import { offsetsOf } from "./offsets.ts";
import { columnsCall, evenly } from "./reduce/cpu_calls.ts";
import { fillCall } from "./strided/cpu.ts";
import { declare, NOTHING, perElement, ravel, u32, unravel } from "./wgsl.ts";

/** Along which axis. */
export interface GatherParams {
  /** Not negative. */
  readonly axis: number;
}

/** Along which axis, and the shape to add into. */
export interface ScatterAddParams extends GatherParams {
  readonly shape: Shape;
}

function checkGather(act: string, shape: Shape, index: Spec, axis: number): void {
  checkIndex(act, index, shape[axis]!);
  const fits = index.shape.length === shape.length &&
    index.shape.every((size, a) => a === axis || size <= shape[a]!);
  if (fits) return;
  throw new ShapeError(
    `Cannot ${act} of a tensor of shape ${formatShape(shape)} by an index of shape ` +
      `${formatShape(index.shape)}: both must have as many axes, and the index may be larger ` +
      `along axis ${axis} only`,
  );
}

/** For every index: where its line starts in an array of `shape`, place 0 on the axis. */
function lineStarts(index: Spec, shape: Shape, axis: number): Uint32Array {
  return offsetsOf(index.shape, stridesOf(shape).map((stride, a) => a === axis ? 0 : stride));
}

/** Elements of a task on the cpu: some ten microseconds. */
const TASK = 16384;
/** Fewer columns than a line of the cache holds are not worth a task. */
const LINE = 64;

/** A call of an entry that walks the index row by row. */
function rowsCall(
  entry: "gather_rows" | "scatter_rows",
  index: Spec,
  { shape, axis }: ScatterAddParams,
): CpuCall {
  const strides = stridesOf(shape), stride = strides[axis]!, last = shape.length - 1;
  const axes = index.shape.flatMap((size, a) => [a === axis ? 0 : strides[a]!, size]).reverse();
  const count = index.shape.at(-1)!, step = axes[1]!, rows = sizeOf(index.shape) / count;
  // Rows of one index of the first axis may add into the same element, those of two may not; nor do
  // two columns, unless the last axis is the one that is indexed.
  const apart = axis === 0 ? rows : rows / index.shape[0]!;
  const some = Math.max(LINE, blockUpTo(count, TASK / apart));
  const unit = entry === "gather_rows" ? 1 : apart;
  const each = unit * Math.max(1, Math.floor(TASK / (unit * count)));
  const width = unit === 1 || axis === last ? count : Math.min(count, some);
  const head = [rows, count, each, width, step, shape[axis]!, stride];
  return {
    entry,
    operands: [0, 1, 2],
    words: [...head, Number(index.dtype === "i32"), last, ...axes.slice(2)],
    tasks: Math.ceil(rows / each) * Math.ceil(count / width),
  };
}

/** Most parts that one long line is cut into, whose sums are then added. */
const MOST_PARTS = 16;

/** Adds by index. A long line into few places is added in parts, each on its own. */
function scatterCpu(index: Spec, y: Spec, params: ScatterAddParams): CpuProgram {
  const size = sizeOf(y.shape), count = sizeOf(index.shape);
  const fill = fillCall(2, size, 0);
  if (count === 0) return { calls: [fill] };
  let parts = index.shape.length === 1 ? MOST_PARTS : 1;
  while (parts > 1 && (count % parts > 0 || count / parts < Math.max(TASK, 4 * size))) parts--;
  if (parts === 1) return { calls: [fill, rowsCall("scatter_rows", index, params)] };
  const lines = { ...index, shape: [parts, count / parts] };
  const add = rowsCall("scatter_rows", lines, { axis: 1, shape: [parts, size] });
  return {
    scratch: [{ shape: [parts, size], dtype: "f32" }],
    calls: [
      fillCall(3, parts * size, 0),
      { ...add, operands: [0, 1, 3] },
      columnsCall({ entry: "sum_columns_f32", operands: [3, 2], divisor: 1 }, {
        width: size,
        chunk: parts,
        reduced: evenly([parts], size),
        kept: evenly([], 0),
      }),
    ],
  };
}

/** Elements along one axis by index. Operands: x and the index. */
export const gather: Kernel<GatherParams> = {
  name: "gather",
  outputs([x, index], { axis }) {
    checkGather(`gather along axis ${axis}`, x!.shape, index!, axis);
    return [{ shape: index!.shape, dtype: x!.dtype }];
  },
  reference([x, index], [y], { axis }) {
    const size = x!.shape[axis]!, stride = stridesOf(x!.shape)[axis]!;
    lineStarts(index!, x!.shape, axis).forEach((start, i) => {
      y!.data[i] = x!.data[start + clampIndex(index!.data[i]!, size) * stride]!;
    });
  },
  webgpu([x, index], [y], { axis }) {
    if (sizeOf(y!.shape) === 0) return NOTHING;
    return {
      dispatches: [perElement({
        size: sizeOf(y!.shape),
        declarations: declare([["x", x!], ["index", index!], ["y", y!]], 2),
        operands: [0, 1, 2],
        body: `${unravel("i", "at", index!.shape)}
  let from${axis} = ${clampedIndex(index!, "index[i]", x!.shape[axis]!)};
${x!.shape.map((_, a) => a === axis ? "" : `  let from${a} = at${a};`).join("\n")}
  y[i] = x[${ravel("from", stridesOf(x!.shape))}];`,
      })],
    };
  },
  cpu: ([x, index], [y], { axis }) => {
    if (sizeOf(y!.shape) === 0) return { calls: [] };
    return { calls: [rowsCall("gather_rows", index!, { shape: x!.shape, axis })] };
  },
  flops: () => 0,
};

/**
 * The way back of gather: zeros of `shape`, to which g is added where the index says, for three
 * axes and axis 1 y[i, index[i, j, k], k] += g[i, j, k]. Operands: g and the index, of one shape.
 */
export const scatterAdd: Kernel<ScatterAddParams> = {
  name: "scatterAdd",
  outputs([g, index], { axis, shape }) {
    checkGather(`add along axis ${axis}`, shape, index!, axis);
    const { dtype } = g!;
    if (isFloat(dtype)) return [{ shape, dtype }];
    throw new DTypeError(
      `Cannot add by index numbers of type ${dtype}: the type must be f32 or f64`,
    );
  },
  reference([g, index], [y], { axis }) {
    const size = y!.shape[axis]!, stride = stridesOf(y!.shape)[axis]!;
    const sums = new Float64Array(y!.data.length);
    lineStarts(index!, y!.shape, axis).forEach((start, i) => {
      sums[start + clampIndex(index!.data[i]!, size) * stride]! += g!.data[i]!;
    });
    y!.data.set(sums);
  },
  webgpu([g, index], [y], { axis, shape }) {
    const strides = stridesOf(index!.shape);
    const outside = index!.shape.flatMap((size, a) => {
      return a !== axis && size < shape[a]! ? [`at${a} >= ${u32(size)}`] : [];
    });
    return lineSumsProgram({
      g: g!,
      index: index!,
      y: y!,
      length: index!.shape[axis]!,
      stride: strides[axis]!,
      axisSize: shape[axis]!,
      locate: `${unravel("i", "at", shape)}
${outside.length === 0 ? "" : `  if (${outside.join(" || ")}) { y[i] = 0.0; return; }`}
  let place = at${axis};
  let base = ${ravel("at", strides.map((stride, a) => a === axis ? 0 : stride))};`,
      gradient: `base + j * ${u32(strides[axis]!)}`,
    });
  },
  cpu: ([, index], [y], params) => scatterCpu(index!, y!, params),
  flops: ([g]) => sizeOf(g!.shape),
};
