/**
 * How each operation becomes nodes of ONNX: one line per kernel, by its name.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import type { ElementwiseName, Kernel } from "../../kernels/mod.ts";
import type { Graph } from "./graph.ts";
import { convolution, linear, normalization } from "./layers.ts";
import { addition, between, bounded, leaky, pairwise, unary } from "./elementwise.ts";
import { averagePooling, concatenation, maximumPooling, reduction, softmax } from "./images.ts";
import type { Value } from "./order.ts";
import type { TracedCall } from "./trace.ts";

/** Adds the nodes of a call; gives its result. */
export type Translation<P = unknown> = (graph: Graph, call: TracedCall<P>) => Value;

// deno-lint-ignore no-explicit-any
type AnyTranslation = Translation<any>;

function line<P>(
  kernel: Kernel<P>,
  translation: Translation<P>,
): readonly [string, AnyTranslation] {
  return [kernel.name, translation];
}

function elementwise(
  name: ElementwiseName,
  translation: Translation,
): readonly [string, AnyTranslation] {
  return [name, translation];
}

/** Translations by the name of the kernel. */
export const TRANSLATIONS: ReadonlyMap<string, AnyTranslation> = new Map([
  line(kernels.conv2d, convolution),
  line(kernels.matmul, linear),
  line(kernels.batchNorm, normalization),
  line(kernels.maxPool2d, maximumPooling),
  line(kernels.avgPool2d, averagePooling),
  line(kernels.cat, concatenation),
  line(kernels.softmax, softmax("Softmax")),
  line(kernels.logSoftmax, softmax("LogSoftmax")),
  line(kernels.sum, reduction("ReduceSum")),
  line(kernels.mean, reduction("ReduceMean")),
  line(kernels.max, reduction("ReduceMax")),
  line(kernels.min, reduction("ReduceMin")),
  elementwise("neg", unary("Neg")),
  elementwise("abs", unary("Abs")),
  elementwise("sign", unary("Sign")),
  elementwise("floor", unary("Floor")),
  elementwise("ceil", unary("Ceil")),
  elementwise("round", unary("Round")),
  elementwise("exp", unary("Exp")),
  elementwise("log", unary("Log")),
  elementwise("sqrt", unary("Sqrt")),
  elementwise("rsqrt", unary("Sqrt", "Reciprocal")),
  elementwise("reciprocal", unary("Reciprocal")),
  elementwise("sin", unary("Sin")),
  elementwise("cos", unary("Cos")),
  elementwise("tanh", unary("Tanh")),
  elementwise("sigmoid", unary("Sigmoid")),
  elementwise("softplus", unary("Softplus")),
  elementwise("relu", unary("Relu")),
  elementwise("elu", unary("Elu")),
  elementwise("square", between("Mul", (x) => [x, x])),
  elementwise(
    "silu",
    between("Mul", (x, graph) => {
      return [x, graph.add({ op: "Sigmoid", inputs: [x] })];
    }),
  ),
  elementwise("add", addition),
  elementwise("sub", pairwise("Sub")),
  elementwise("mul", pairwise("Mul")),
  elementwise("div", pairwise("Div")),
  elementwise("pow", pairwise("Pow")),
  elementwise("maximum", pairwise("Max")),
  elementwise("minimum", pairwise("Min")),
  elementwise("leakyRelu", leaky),
  elementwise("clamp", bounded),
]);

/** Adds the nodes of a call. Throws ExportError for what has no translation. */
export function translate(graph: Graph, call: TracedCall): Value {
  const translation = TRANSLATIONS.get(call.kernel);
  if (translation !== undefined) return translation(graph, call);
  const known = [...TRANSLATIONS.keys()].join(", ");
  return graph.refuse(call, `it has no translation, operations must be of ${known}`);
}
