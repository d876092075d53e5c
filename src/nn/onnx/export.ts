/**
 * A model as the bytes of an ONNX file, for runtimes elsewhere.
 *
 * @module
 */
import { ExportError } from "../../errors.ts";
import { formatShape } from "../../shape.ts";
import { VERSION } from "../../version.ts";
import { layoutOf } from "../checkpoint/layout.ts";
import type { Module } from "../module.ts";
import { Graph } from "./graph.ts";
import type { OnnxNode } from "./messages.ts";
import { translate } from "./nodes.ts";
import type { Value } from "./order.ts";
import { trace } from "./trace.ts";
import { writeOnnx } from "./write.ts";

/**
 * ONNX 1.12 of June 2022. All operators here are at most of version 15, where BatchNormalization
 * changed last; later sets turn attributes that are fixed here into inputs, and runtimes that
 * people have installed may not know them.
 */
const OPSET = 17, IR_VERSION = 8;

const INPUT = "image", OUTPUT = "logits", BATCH_NAME = "N";

/** Settings of `exportOnnx`. */
export interface OnnxOptions {
  /** One image, [H, W, channels]. */
  readonly inputShape: readonly [height: number, width: number, channels: number];
  /** Strings for people, kept in the file. Default: none. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The model in evaluation as an ONNX file (opset 17): input `image` [N, channels, H, W], 32-bit
 * floats with pixels in [0, 1] and any N; output `logits` [N, classes]. Images are channels first
 * there and nothing is transposed: weights are rearranged, under the names and in the layouts of
 * `saveModel`. Equal models give equal bytes.
 *
 * One forward is run on black images and translated, so a model of one's own can be exported as
 * well, as far as it does the same whatever the pixels are. The model stays as it was.
 *
 * @example
 * ```ts
 * import { exportOnnx, init, RandomStream, smallCnn } from "tapegrad";
 * await init({ device: "cpu" });
 * const model = smallCnn({ random: new RandomStream(1) });
 * const bytes = await exportOnnx(model, { inputShape: [28, 28, 1], metadata: { data: "digits" } });
 * bytes.length > 4 * model.parameterCount(); // true: weights, and what is done with them
 * ```
 * @throws ExportError naming the operation that has no translation, or that mixes images.
 */
export async function exportOnnx(model: Module, options: OnnxOptions): Promise<Uint8Array> {
  const { inputShape, metadata = {} } = options;
  const act = `Cannot export ${model.constructor.name} to ONNX`;
  if (inputShape.length !== 3 || !inputShape.every((size) => Number.isInteger(size) && size > 0)) {
    throw new RangeError(
      `${act}: inputShape is ${formatShape(inputShape)}, it must be height, width and channels`,
    );
  }
  const [height, width, channels] = inputShape;
  const traced = await trace(model, inputShape);
  const { input, output, calls } = traced;
  const names = new Map([...layoutOf(model).places].map(([name, { tensor }]) => {
    return [tensor.buffer, name] as const;
  }));
  const graph = new Graph(traced, names, [INPUT, OUTPUT, BATCH_NAME]);
  graph.define(input.buffer, { name: INPUT, shape: input.shape });
  for (const call of calls) graph.define(call.output.buffer, translate(graph, call));
  const last = graph.value(output), [batch, classes] = output.shape;
  const isLogits = output.shape.length === 2 && batch === input.shape[0];
  if (last === undefined || !isLogits || last.channels !== undefined) {
    throw new ExportError(
      `${act}: its result has shape ${formatShape(output.shape)} for ${
        input.shape[0]
      } images, it ` +
        "must be logits [N, classes] that are made of the images and no flattened image",
    );
  }
  return writeOnnx({
    irVersion: IR_VERSION,
    opset: OPSET,
    producer: ["tapegrad", VERSION],
    metadata,
    graph: {
      name: "network",
      nodes: renamed(graph.nodes, last),
      initializers: graph.initializers,
      inputs: [{ name: INPUT, shape: [BATCH_NAME, channels, height, width] }],
      outputs: [{ name: OUTPUT, shape: [BATCH_NAME, classes!] }],
    },
  });
}

/** The nodes with another name for the result. It is no image, so a node has made it. */
function renamed(nodes: readonly OnnxNode[], { name }: Value): OnnxNode[] {
  const other = (it: string): string => it === name ? OUTPUT : it;
  return nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map(other),
    output: other(node.output),
  }));
}
