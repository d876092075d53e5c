/**
 * Operations with weights.
 *
 * @module
 */
import type { Operand } from "../../backend/mod.ts";
import type { BatchNormParams, Conv2dParams, MatmulParams } from "../../kernels/mod.ts";
import { convolutionOrder, linearOrder, sameOrder } from "../checkpoint/layout.ts";
import type { Translation } from "./nodes.ts";
import { beside } from "./order.ts";

/** Conv. Its bias comes with the addition that follows. */
export const convolution: Translation<Conv2dParams> = (graph, call) => {
  const [images, weights] = call.inputs as readonly [Operand, Operand];
  const x = graph.value(images);
  if (x === undefined || graph.value(weights) !== undefined) {
    return graph.refuse(call, "weights must not be made of the images");
  }
  const { stride, padding, dilation, groups } = call.params;
  const attributes = {
    dilations: { ints: dilation },
    group: { int: groups },
    kernel_shape: { ints: weights.shape.slice(0, 2) },
    pads: { ints: [...padding, ...padding] },
    strides: { ints: stride },
  };
  const inputs = [x.name, graph.constant(weights, convolutionOrder(weights.shape))];
  return { name: graph.add({ op: "Conv", inputs, attributes }), shape: call.output.shape };
};

/** Gemm, with weights as PyTorch has them. Its bias comes with the addition that follows. */
export const linear: Translation<MatmulParams> = (graph, call) => {
  const [rows, weights] = call.inputs as readonly [Operand, Operand];
  const { transposeA, transposeB } = call.params;
  const x = graph.value(rows);
  const isRows = rows.shape.length === 2 && weights.shape.length === 2 && !transposeA;
  if (x === undefined || !isRows || graph.value(weights) !== undefined) {
    return graph.refuse(
      call,
      "it must be of rows [N, K] by weights that are not made of the images",
    );
  }
  const [out, size] = weights.shape as readonly [number, number];
  const order = !transposeB
    ? linearOrder(weights.shape, x.channels)
    : x.channels === undefined
    ? sameOrder(weights.shape)
    : { shape: [out, size], view: [out, size / x.channels, x.channels], axes: [0, 2, 1] };
  const inputs = [x.name, graph.constant(weights, order)];
  const attributes = { transB: { int: 1 } };
  return { name: graph.add({ op: "Gemm", inputs, attributes }), shape: call.output.shape };
};

/** BatchNormalization by statistics that are there. */
export const normalization: Translation<BatchNormParams> = (graph, call) => {
  const [images, ...perChannel] = call.inputs as readonly [Operand, ...Operand[]];
  const x = graph.value(images), rank = images.shape.length;
  if (x === undefined || perChannel.some((one) => graph.value(one) !== undefined)) {
    return graph.refuse(call, "scale, shift and statistics must not be made of the images");
  }
  if (rank !== 2 && rank !== 4) graph.refuse(call, "it must be of images or of rows");
  const constants = perChannel.map((one) => {
    const order = x.channels === undefined ? sameOrder(one.shape) : beside(x, one.shape)!;
    return graph.constant(one, order);
  });
  const inputs = [x.name, ...constants];
  const attributes = { epsilon: { float: call.params.epsilon } };
  const name = graph.add({ op: "BatchNormalization", inputs, attributes });
  return { ...x, name };
};
