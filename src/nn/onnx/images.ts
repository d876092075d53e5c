/**
 * Operations that know where in an image they are.
 *
 * @module
 */
import type {
  AvgPoolParams,
  CatParams,
  PoolParams,
  ReduceParams,
  SoftmaxParams,
} from "../../kernels/mod.ts";
import type { OnnxAttribute } from "./messages.ts";
import type { Translation } from "./nodes.ts";
import { axisOf, isImage } from "./order.ts";

function windows({ kernelSize, stride, padding }: PoolParams): Record<string, OnnxAttribute> {
  return {
    kernel_shape: { ints: kernelSize },
    pads: { ints: [...padding, ...padding] },
    strides: { ints: stride },
  };
}

/** MaxPool. */
export const maximumPooling: Translation<PoolParams> = (graph, call) => {
  const { name } = graph.value(call.inputs[0]!)!;
  const fields = { op: "MaxPool", inputs: [name], attributes: windows(call.params) };
  return { name: graph.add(fields), shape: call.output.shape };
};

/** AveragePool. */
export const averagePooling: Translation<AvgPoolParams> = (graph, call) => {
  const { name } = graph.value(call.inputs[0]!)!;
  const counts = { count_include_pad: { int: Number(call.params.countIncludePad) } };
  const attributes = { ...counts, ...windows(call.params) };
  const fields = { op: "AveragePool", inputs: [name], attributes };
  return { name: graph.add(fields), shape: call.output.shape };
};

/** Concat. */
export const concatenation: Translation<CatParams> = (graph, call) => {
  const values = call.inputs.map((input) => graph.value(input));
  const inputs = values.map((value) => {
    const fits = value !== undefined && value.channels === undefined && call.params.axis > 0;
    if (fits) return value.name;
    return graph.refuse(call, "it must join what is made of the same images, not flattened ones");
  });
  const attributes = { axis: { int: axisOf(call.output, call.params.axis) } };
  return { name: graph.add({ op: "Concat", inputs, attributes }), shape: call.output.shape };
};

/** An operator along one axis that keeps the shape. */
export function softmax(op: "Softmax" | "LogSoftmax"): Translation<SoftmaxParams> {
  return (graph, call) => {
    const x = graph.value(call.inputs[0]!)!, { axis } = call.params;
    if (axis === 0) graph.refuse(call, "it must not mix the images, choose another axis");
    const attributes = { axis: { int: axisOf(x, axis) } };
    return { ...x, name: graph.add({ op, inputs: [x.name], attributes }) };
  };
}

/** What reductions are called. */
type Reduction = "ReduceSum" | "ReduceMean" | "ReduceMax" | "ReduceMin";

/** A reduction; the mean over height and width is a GlobalAveragePool. */
export function reduction(op: Reduction): Translation<ReduceParams> {
  return (graph, call) => {
    const x = graph.value(call.inputs[0]!)!, { axes, keepAxes } = call.params;
    const { shape } = call.output;
    if (axes.includes(0)) graph.refuse(call, "it must not mix the images, leave out axis 0");
    if (isImage(x) && `${axes}` === "1,2" && op === "ReduceMean") {
      const name = graph.add({ op: "GlobalAveragePool", inputs: [x.name] });
      if (keepAxes) return { name, shape };
      const attributes = { axis: { int: 1 } };
      return { name: graph.add({ op: "Flatten", inputs: [name], attributes }), shape };
    }
    // What stays of an image must be in the order that it has here: one axis, or height and width.
    if (isImage(x) && !keepAxes && axes.length === 1 && axes[0] !== 3) {
      graph.refuse(call, "channels would have to move, reduce them too or keep the axes");
    }
    const along = axes.map((axis) => axisOf(x, axis)).sort((a, b) => a - b);
    const inputs = [x.name], attributes: Record<string, OnnxAttribute> = {};
    // In opset 17 only the axes of sums are an input.
    if (op === "ReduceSum") inputs.push(graph.wholeNumbers("axes", along));
    else attributes["axes"] = { ints: along };
    attributes["keepdims"] = { int: Number(keepAxes) };
    return { name: graph.add({ op, inputs, attributes }), shape };
  };
}
