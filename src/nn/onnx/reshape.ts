/**
 * Other shapes over the same elements. No kernel runs for them, so they show where a buffer is read
 * in another shape than it was made in.
 *
 * @module
 */
import { ExportError } from "../../errors.ts";
import { formatShape, type Shape } from "../../shape.ts";
import type { Graph } from "./graph.ts";
import { flattened, isImage, isPlain, type Value } from "./order.ts";

/** A value in another shape. Throws ExportError where elements would have to move. */
export function reshaped(graph: Graph, value: Value, shape: Shape): Value {
  const { name, shape: from } = value;
  const channels = isImage(value) ? from[3]! : value.channels;
  if (shape[0] === from[0] && isImage(value) && shape.length === 2) {
    const axis = { axis: { int: 1 } };
    const flat = graph.add({ op: "Flatten", inputs: [name], attributes: axis });
    return { name: flat, shape, ...flattened(shape[1]!, from[3]!) };
  }
  const isSame = isPlain(value) && isPlain({ shape });
  if (shape[0] !== from[0] || !isSame && !(isImage({ shape }) && channels === shape[3])) {
    const [before, after] = [from, shape].map((it) => formatShape(it).replace(/^\[\d+/, "[N"));
    throw new ExportError(
      `Cannot export reshape of ${before} to ${after} to ONNX: N must stay in front, and each ` +
        "place of an image must keep its channels, in an image or in a row",
    );
  }
  const [, ...rest] = isImage({ shape }) ? [0, 3, 1, 2].map((axis) => shape[axis]!) : shape;
  // 0 keeps the size that is there, whatever N is.
  const sizes = graph.wholeNumbers("shape", [0, ...rest]);
  return { name: graph.add({ op: "Reshape", inputs: [name, sizes] }), shape };
}
