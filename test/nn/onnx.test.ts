import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ExportError } from "../../src/errors.ts";
import {
  BatchNorm2d,
  Conv2d,
  exportOnnx,
  Flatten,
  GlobalAvgPool2d,
  Linear,
  loadModel,
  type ModelName,
  models,
  type Module,
  readSafetensors,
  ReLU,
  saveModel,
  Sequential,
} from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { cat, ones, rand, type Tensor, tensor } from "../../src/tensor/mod.ts";
import { VERSION } from "../../src/version.ts";
import { cpu, reference as device, webgpu } from "../support/devices.ts";
import { isA, rejects, says } from "../support/errors.ts";
import { floatsOf, type ReadGraph, readOnnx } from "../support/onnx_reader.ts";
import { checkpointOf } from "./model_fixture.ts";
import { Fn, tinyNet } from "./onnx_networks.ts";

const test = suite("onnx");

async function graphOf(model: Module, inputShape: readonly [number, number, number]) {
  return readOnnx(await exportOnnx(model, { inputShape })).graph;
}

function counted({ nodes }: ReadGraph): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { op } of nodes) counts[op] = (counts[op] ?? 0) + 1;
  return counts;
}

const pooled = { GlobalAveragePool: 1, Flatten: 1, Gemm: 1 };
const normalized = { Sub: 1, Div: 1 };

/** Nodes of each model: as many as it has layers, no Transpose, a bias is no Add. */
const NODES: Readonly<Record<ModelName, Record<string, number>>> = {
  smallCnn: { Conv: 2, Relu: 3, Flatten: 1, Gemm: 2 },
  vgg: { ...normalized, Conv: 6, BatchNormalization: 6, Relu: 6, MaxPool: 3, ...pooled },
  resnet8: { ...normalized, Conv: 9, BatchNormalization: 9, Relu: 7, Add: 3, ...pooled },
  resnet20: { ...normalized, Conv: 21, BatchNormalization: 21, Relu: 19, Add: 9, ...pooled },
  resnet18: { ...normalized, Conv: 20, BatchNormalization: 20, Relu: 17, Add: 8, ...pooled },
  inception: {
    ...normalized,
    Conv: 19,
    BatchNormalization: 19,
    Relu: 19,
    MaxPool: 2,
    Concat: 10,
    ...pooled,
  },
  densenet: {
    ...normalized,
    Conv: 39,
    BatchNormalization: 39,
    Relu: 39,
    Concat: 18,
    AveragePool: 2,
    ...pooled,
  },
};

for (const name of Object.keys(NODES) as ModelName[]) {
  test(`the graph of ${name} has a node per operation and PyTorch's tensors`, async () => {
    using model = models[name].create({ random: new RandomStream(1), device: cpu });
    // Images may be smaller than those of the data, where the mean over the image follows.
    const side = name === "smallCnn" ? 28 : 8, channels = name === "smallCnn" ? 1 : 3;
    const graph = await graphOf(model, [side, side, channels]);
    assert.equal(counted(graph), NODES[name]);
    assert.equal(graph.inputs, [{ name: "image", shape: ["N", channels, side, side] }]);
    assert.equal(graph.outputs, [{ name: "logits", shape: ["N", 10] }]);
    const stored = readSafetensors(await saveModel(model)).tensors;
    const wanted = [...stored].filter(([name]) => !name.endsWith("num_batches_tracked"));
    assert.is(graph.initializers.length, wanted.length);
    for (const one of graph.initializers) {
      const { shape, data } = stored.get(one.name)!;
      // What belongs to the pixels stands before their axes: [C, 1, 1].
      const around = one.name.startsWith("normalize.") ? [1, 1] : [];
      assert.equal(one.shape, [...shape, ...around], one.name);
      assert.equal(floatsOf(one), data, one.name);
    }
    assertConnected(graph);
  });
}

/** Every name has one maker, which comes before all who read it. */
function assertConnected({ nodes, initializers, inputs, outputs }: ReadGraph): void {
  const known = new Set([...inputs, ...initializers].map(({ name }) => name));
  assert.is(known.size, inputs.length + initializers.length);
  for (const node of nodes) {
    for (const input of node.inputs) assert.ok(known.has(input), `${node.name} reads ${input}`);
    assert.is(node.outputs.length, 1);
    assert.not(known.has(node.outputs[0]!), node.name);
    known.add(node.outputs[0]!);
  }
  assert.is(new Set(nodes.map(({ name }) => name)).size, nodes.length);
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  assert.ok([...known].every((name) => read.has(name) || name === outputs[0]!.name));
  assert.is(nodes.at(-1)!.outputs[0], outputs[0]!.name);
}

test("layers keep their settings", async () => {
  const random = new RandomStream(1);
  const [{ nodes }, tiny] = await Promise.all([
    graphOf(
      new Sequential(
        new Conv2d(4, 6, [3, 1], {
          random,
          device,
          stride: [2, 1],
          padding: [1, 0],
          dilation: [1, 2],
          groups: 2,
        }),
        new GlobalAvgPool2d(),
      ),
      [5, 4, 4],
    ),
    graphOf(tinyNet(device), [4, 5, 2]),
  ]);
  assert.equal(nodes[0], {
    name: "0",
    op: "Conv",
    inputs: ["image", "0.weight", "0.bias"],
    outputs: ["0"],
    attributes: {
      dilations: [1, 2],
      group: 2,
      kernel_shape: [3, 1],
      pads: [1, 0, 1, 0],
      strides: [2, 1],
    },
  });
  assert.equal(tiny.nodes[1], {
    name: "1",
    op: "BatchNormalization",
    inputs: ["0", "1.weight", "1.bias", "1.running_mean", "1.running_var"],
    outputs: ["1"],
    attributes: { epsilon: 0.25 },
  });
  assert.equal(tiny.nodes.at(-1), {
    name: "4",
    op: "Gemm",
    inputs: ["flatten", "4.weight", "4.bias"],
    outputs: ["logits"],
    attributes: { transB: 1 },
  });
});

test("a file tells its versions, who made it, and what people noted", async () => {
  const metadata = { data: "digits", note: "ä = 1" };
  const bytes = await exportOnnx(tinyNet(device), { inputShape: [4, 5, 2], metadata });
  const { irVersion, producer, opsets, metadata: read } = readOnnx(bytes);
  assert.equal([irVersion, producer, opsets], [8, ["tapegrad", VERSION], [["", 17]]]);
  assert.equal(read, metadata);
});

/** FNV-1a of bytes, 32 bits. */
function hashOf(bytes: Uint8Array): string {
  let hash = 2166136261;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 16777619);
  return (hash >>> 0).toString(16);
}

test("equal models give equal bytes, on every device and in every run", async () => {
  const files = await Promise.all([device, cpu, ...webgpu ? [webgpu] : []].map(async (where) => {
    const model = tinyNet(where);
    loadModel(model, checkpointOf(model));
    return await exportOnnx(model, { inputShape: [4, 5, 2], metadata: { a: "1", b: "2" } });
  }));
  for (const file of files) assert.equal(file, files[0]);
  const { graphBytes } = readOnnx(files[0]!);
  assert.equal([graphBytes.length, hashOf(graphBytes)], [1848, "7f016bd5"]);
});

/** All that a model is: values, modes, gradients, leaves of the tape. */
async function stateOf(model: Module) {
  const parameters = [...model.parameters().values()];
  return {
    bytes: await saveModel(model),
    modes: [...model.modules().values()].map(({ training }) => training),
    leaves: parameters.map(({ node }) => node),
    gradients: parameters.map(({ grad }) => grad),
    numbers: await Promise.all(
      parameters.flatMap((it) => it.grad === null ? [] : [it.grad.data()]),
    ),
    observer: device.observer,
    tensors: device.ledger.buffers,
  };
}

/** A model in the middle of training, with one part in evaluation. */
function trained(...more: readonly Module[]): Sequential {
  const options = { random: new RandomStream(1), device };
  const frozen = new BatchNorm2d(3, { device }), norm = new BatchNorm2d(3, { device });
  const model = new Sequential(
    new Conv2d(2, 3, 3, options),
    norm,
    frozen,
    new ReLU(),
    ...more,
    new Flatten(),
    new Linear(12, 4, options),
  );
  frozen.eval();
  model.forward(rand([2, 4, 4, 2], { random: new RandomStream(2), device })).sum().backward();
  return model;
}

test("a model stays as it was, whether it can be exported or not", async () => {
  const flip = new Fn(device, (x) => x.flip(1));
  for (const model of [trained(), trained(flip)]) {
    const before = await stateOf(model);
    assert.ok(before.modes.includes(false) && before.modes.includes(true));
    assert.ok(before.gradients.some((grad) => grad !== null));
    const exported = exportOnnx(model, { inputShape: [4, 4, 2] });
    if (!model.layers.includes(flip)) await exported;
    else await rejects(exported, isA(ExportError, /^Cannot export flip/));
    const after = await stateOf(model);
    assert.equal(after.bytes, before.bytes);
    assert.equal(after.modes, before.modes);
    assert.equal(after.numbers, before.numbers);
    for (const what of ["leaves", "gradients"] as const) {
      assert.ok(after[what].every((it, i) => it === before[what][i]), what);
    }
    assert.is(after.observer, undefined);
    assert.is(after.tensors, before.tensors, "buffers");
  }
});

const pool = (x: Tensor): Tensor => x.mean([1, 2]);

const REFUSED: readonly (readonly [string, (x: Tensor, w: Tensor) => Tensor, RegExp])[] = [
  ["slices", (x) => pool(x.slice(3, 0, 1)), /^Cannot export slice of \[N, 4, 4, 2\] to ONNX: /],
  [
    "compares",
    (x) => pool(x.gt(0.5)),
    /^Cannot export gt of \[N, 4, 4, 2\] and \[\] to ONNX: it has no/,
  ],
  ["mixes images", (x) => x.sub(x.mean(0)).mean([1, 2]), /^Cannot export mean .*leave out axis 0/],
  ["joins images", (x) => pool(cat([x, x], 0)), /^Cannot export cat of \[N, 4, 4, 2\] and/],
  ["moves axes", (x) => pool(x.permute([0, 2, 1, 3])), /^Cannot export permute/],
  [
    "cuts images",
    (x) => x.reshape([2, 4, 2, 4]).max([1, 2]),
    /^Cannot export reshape of \[N, 4, 4/,
  ],
  ["cuts rows", (x) => x.reshape([4, 16]), /^Cannot export reshape of \[N, 4, 4, 2\] to/],
  ["returns an image", (x, w) => x.mul(w), /result has shape \[2, 4, 4, 2\] for 2 images/],
  ["returns a flattened image", (x) => x.flatten().relu(), /no flattened image/],
  ["returns weights", (_x, w) => w.reshape([2, 1]).mul(1), /result has shape \[2, 1\]/],
  [
    "adds rows to images",
    (x) => pool(x.maxPool2d({ kernelSize: 2 }).add(pool(x))),
    /^Cannot export add of \[N, 2, 2, 2\] a/,
  ],
  [
    "has numbers of its own for each image",
    (x) => pool(x.mul(ones([2, 1, 1, 1], { device }))),
    /^Cannot export mul of \[N, 4, 4, 2\] and \[2, 1, 1, 1\] to ONNX: what is not made of/,
  ],
  [
    "makes weights of images",
    (x) => pool(x).matmul(pool(x), { transposeB: true }),
    /^Cannot export matmul of \[N, 2\] and \[N, 2\] to ONNX: it must be of rows/,
  ],
  [
    "normalizes by the batch",
    (x, w) => pool(x.batchNorm(w, w)),
    /^Cannot export batchNormTraining of \[N, 4, 4, 2\] and \[2\] and \[2\] to ONNX/,
  ],
  [
    "moves its statistics",
    (x, w) => {
      const mean = tensor([0, 0], { device }), variance = tensor([1, 1], { device });
      return pool(x.batchNorm(w, w, { running: { mean, variance, momentum: 0.1 } }));
    },
    /^Cannot run batchNormRunning, which overwrites state, while a model is exported to ONNX/,
  ],
  [
    "reads",
    (x) => {
      void x.data().catch(() => undefined);
      return pool(x);
    },
    /^Cannot read a tensor while a model is exported to ONNX: its graph could not repeat that/,
  ],
];

for (const [what, fn, message] of REFUSED) {
  test(`a model that ${what} is refused`, async () => {
    const exported = exportOnnx(new Fn(device, fn), { inputShape: [4, 4, 2] });
    await rejects(exported, isA(ExportError, message));
  });
}

test("an operation without translation is told with those that have one", async () => {
  const model = new Fn(device, (x) => pool(x.flip(1)));
  await rejects(exportOnnx(model, { inputShape: [4, 4, 2] }), (error) => {
    return /operations must be of conv2d, matmul, batchNorm, .*, relu, .*clamp$/.test(
      error.message,
    );
  });
});

test("the size of images is checked", async () => {
  for (const inputShape of [[4, 4, 0], [4, 4.5, 2]] as const) {
    await rejects(
      exportOnnx(tinyNet(device), { inputShape }),
      says(
        RangeError,
        `Cannot export Sequential to ONNX: inputShape is [${inputShape.join(", ")}], it must be ` +
          "height, width and channels",
      ),
    );
  }
});

test("what the result does not need is left out", async () => {
  const model = new Fn(device, (x, w) => {
    x.slice(1, 0, 1).sum();
    return pool(x.mul(w));
  });
  const { nodes } = await graphOf(model, [4, 4, 2]);
  assert.equal(nodes.map(({ op }) => op), ["Mul", "GlobalAveragePool", "Flatten"]);
});

test("a bias is an addition of its own where the sum before it is used too", async () => {
  const model = new Fn(device, (x, w) => {
    const y = x.mean([1, 2]).matmul(w.reshape([2, 1]));
    return y.add(w.sum().reshape([1])).mul(y);
  });
  const { nodes } = await graphOf(model, [4, 4, 2]);
  assert.equal(nodes.slice(2).map(({ op, inputs }) => [op, inputs.length]), [
    ["Gemm", 2],
    ["Add", 2],
    ["Mul", 2],
  ]);
});

test("an image of one place, or of one channel, is a row in the same order", async () => {
  const place = new Fn(device, (x, w) => x.maxPool2d({ kernelSize: 4 }).flatten().mul(w));
  const channel = new Fn(device, (x, w) => x.sum(3, { keepAxes: true }).flatten().mul(w.mean()));
  const graphs = await Promise.all([place, channel].map((model) => graphOf(model, [4, 4, 2])));
  assert.equal(graphs.map(({ outputs: [logits] }) => logits!.shape), [["N", 2], ["N", 16]]);
  assert.equal(graphs[0]!.nodes.map(({ op }) => op), ["MaxPool", "Flatten", "Mul"]);
});

test("a tensor used in two orders has two names, used twice in one it has one", async () => {
  const model = new Fn(device, (x, w) => x.mul(w).mul(w).mean([1, 2]).mul(w));
  const { nodes, initializers } = await graphOf(model, [4, 4, 2]);
  assert.equal(initializers.map(({ name, shape }) => [name, shape]), [
    ["weight", [2, 1, 1]],
    ["weight_2", [2]],
  ]);
  assert.equal(nodes.map(({ inputs }) => inputs[1]), [
    "weight",
    "weight",
    undefined,
    undefined,
    "weight_2",
  ]);
});

test.run();
