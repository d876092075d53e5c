/**
 * Functions of single elements, with broadcasting.
 *
 * @module
 */
import type { Operand } from "../../backend/mod.ts";
import { sameShape } from "../../shape.ts";
import { sameOrder } from "../checkpoint/layout.ts";
import type { Graph } from "./graph.ts";
import type { Translation } from "./nodes.ts";
import type { Value } from "./order.ts";
import type { TracedCall } from "./trace.ts";

/** The result of a call, in the order of what it was made of. */
function result(call: TracedCall, name: string, { channels }: Value): Value {
  return { name, shape: call.output.shape, ...channels === undefined ? {} : { channels } };
}

/** Operators of one operand, one after the other. */
export function unary(...ops: readonly string[]): Translation {
  return (graph, call) => {
    const x = graph.value(call.inputs[0]!)!;
    const name = ops.reduce((input, op) => graph.add({ op, inputs: [input] }), x.name);
    return result(call, name, x);
  };
}

/** An operator of two operands that are both made of one. */
export function between(
  op: string,
  operands: (x: string, graph: Graph) => readonly string[],
): Translation {
  return (graph, call) => {
    const x = graph.value(call.inputs[0]!)!;
    return result(call, graph.add({ op, inputs: operands(x.name, graph) }), x);
  };
}

/** An operator of two operands, of which at least one depends on the images. */
export function pairwise(op: string): Translation {
  return (graph, call) => {
    const [a, b] = call.inputs as readonly [Operand, Operand];
    const [x, y] = [graph.value(a), graph.value(b)];
    if (x !== undefined && y !== undefined) {
      const fits = x.shape.length === y.shape.length && x.channels === y.channels;
      if (!fits) graph.refuse(call, "both must be images, or both rows of one order");
      return result(call, graph.add({ op, inputs: [x.name, y.name] }), x);
    }
    const value = (x ?? y)!;
    const constant = graph.constantBeside(x === undefined ? a : b, value) ??
      graph.refuse(call, "what is not made of the images must be the same for each of them");
    const inputs = x === undefined ? [constant, value.name] : [value.name, constant];
    return result(call, graph.add({ op, inputs }), value);
  };
}

const plus = pairwise("Add");

/** The bias of a convolution or of a linear layer becomes an input of that node. */
export const addition: Translation = (graph, call) => {
  const [a, b] = call.inputs as readonly [Operand, Operand];
  const x = graph.value(a), isConstant = graph.value(b) === undefined;
  const maker = x && graph.maker(x), last = x?.shape.at(-1);
  const takesBias = maker !== undefined && ["Conv", "Gemm"].includes(maker.op) &&
    maker.inputs.length === 2 && graph.uses(a.buffer) === 1;
  if (x === undefined || !takesBias || !isConstant || !sameShape(b.shape, [last!])) {
    return plus(graph, call);
  }
  maker.inputs.push(graph.constant(b, sameOrder(b.shape)));
  return x;
};

/** x where x > 0, else a number times x. */
export const leaky: Translation = (graph, call) => {
  const [a, slope] = call.inputs as readonly [Operand, Operand];
  const x = graph.value(a), float = graph.number(slope);
  if (x === undefined || float === undefined) {
    return graph.refuse(call, "the slope must be one number");
  }
  const attributes = { alpha: { float } };
  return result(call, graph.add({ op: "LeakyRelu", inputs: [x.name], attributes }), x);
};

/** x held between two numbers. */
export const bounded: Translation = (graph, call) => {
  const [a, ...ends] = call.inputs as readonly [Operand, Operand, Operand];
  const x = graph.value(a);
  if (x === undefined || ends.some((end) => graph.number(end) === undefined)) {
    return graph.refuse(call, "both bounds must be one number");
  }
  const scalar = { shape: [], view: [], axes: [] };
  const bounds = ends.map((end) => graph.constant(end, scalar));
  return result(call, graph.add({ op: "Clip", inputs: [x.name, ...bounds] }), x);
};
