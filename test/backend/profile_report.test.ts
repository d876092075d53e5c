// The kernel report: figures of shaders and operands, each worked out by hand.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type Gpu,
  GPUS,
  type KernelCall,
  kernelReport,
  predictSeconds,
  profile,
} from "../../src/backend/mod.ts";
import { blocksOf } from "../../src/backend/profile/blocks.ts";
import { shaderFigures } from "../../src/backend/profile/shader.ts";
import { layoutOf, namesOf } from "../../src/backend/profile/shader_types.ts";
import type { DType } from "../../src/dtype.ts";
import { elementwise, matmul, sgd, sum } from "../../src/kernels/mod.ts";
import type { Spec } from "../../src/kernels/mod.ts";
import { SGD, smallCnn } from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { tidy } from "../../src/scope.ts";
import { rand, tensor } from "../../src/tensor/mod.ts";
import { reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";

const test = suite("kernelReport");

const spec = (shape: readonly number[], dtype: DType = "f32"): Spec => ({ shape, dtype });
const product = (inputs: readonly [Spec, Spec], transposeA = false): KernelCall => {
  const params = { transposeA, transposeB: false };
  return { kernel: matmul, inputs, outputs: matmul.outputs(inputs, params), params };
};
/** 1 TFLOP/s, 100 GB/s, 8 units. */
const GPU: Gpu = { name: "made up", peakFlops: 1e12, bandwidth: 1e11, units: 8, source: "here" };

test("kernelReport() counts operations, bytes and their ratio", () => {
  const [row] = kernelReport([product([spec([512, 256]), spec([256, 128])])]);
  assert.is(row!.kernel, "matmul");
  assert.is(row!.shapes, "[512, 256] [256, 128] -> [512, 128]");
  assert.is(row!.flops, 2 * 512 * 256 * 128);
  assert.is(row!.bytes, 4 * (512 * 256 + 256 * 128 + 512 * 128));
  assert.is(row!.flopsPerByte, row!.flops / (row!.bytes + row!.scratchBytes));
});

test("kernelReport() counts what is updated twice, and scratch twice", () => {
  const inputs = [spec([10]), spec([4])], outputs = [spec([10])];
  const scratched = spec([1 << 16]);
  const reduced = sum.outputs([scratched], { axes: [0], keepAxes: false });
  const [update, total] = kernelReport([
    { kernel: sgd, inputs, outputs, params: undefined },
    { kernel: sum, inputs: [scratched], outputs: reduced, params: { axes: [0], keepAxes: false } },
  ]);
  assert.is(update!.bytes, 4 * (10 + 4 + 2 * 10));
  const { scratch = [] } = sum.webgpu([scratched], reduced, { axes: [0], keepAxes: false });
  assert.is(total!.bytes, 4 * ((1 << 16) + 1));
  assert.is(total!.scratchBytes, 2 * 4 * scratch.reduce((all, { shape }) => all + shape[0]!, 0));
  assert.is(total!.dispatches.length, scratch.length + 1);
});

test("kernelReport() tells edge waste of shaders with one invocation per element", () => {
  const call = (size: number): KernelCall => {
    return {
      kernel: elementwise.exp,
      inputs: [spec([size])],
      outputs: [spec([size])],
      params: undefined,
    };
  };
  const [even, odd] = kernelReport([call(128), call(65)]);
  assert.equal(even!.dispatches, [{
    workgroups: 2,
    workgroupSize: 64,
    edgeWaste: 1,
    workgroupBytes: 0,
    fmaPerSharedRead: null,
  }]);
  assert.is(odd!.dispatches[0]!.edgeWaste, 128 / 65);
});

test("kernelReport() has no row of dispatches where nothing is computed", () => {
  const inputs = [spec([0])], outputs = [spec([0])];
  const [row] = kernelReport([{ kernel: elementwise.exp, inputs, outputs, params: undefined }]);
  assert.equal(row!.dispatches, []);
  assert.is(row!.flopsPerByte, 0);
  assert.ok(Object.values(row!.predictedSeconds).every((seconds) => seconds === 0));
});

test("kernelReport() predicts the time that the roofline gives by hand", () => {
  const call = product([spec([1024, 1024]), spec([1024, 1024])]);
  const [row] = kernelReport([call], [GPU, { ...GPU, name: "no memory", bandwidth: 1e6 }]);
  assert.ok(Math.max(...row!.dispatches.map(({ workgroups }) => workgroups)) >= GPU.units);
  // 2 x 1024^3 operations at 0.65 x 1e12 per second; 12 MiB and scratch at 0.75 x 1e6.
  assert.is(row!.predictedSeconds["made up"], 2147483648 / 0.65e12);
  assert.is(row!.predictedSeconds["no memory"], (12582912 + row!.scratchBytes) / 0.75e6);
});

test("predictSeconds() counts idle units, and a least time per dispatch", () => {
  const work = { flops: 6.5e9, bytes: 0, dispatches: 1, workgroups: 2 };
  assert.is(predictSeconds(work, GPU), 6.5e9 / (0.65e12 / 4));
  assert.is(predictSeconds({ ...work, workgroups: 800 }, GPU), 0.01);
  assert.is(predictSeconds({ ...work, flops: 1, dispatches: 3 }, GPU), 12e-6);
  assert.is(predictSeconds({ ...work, dispatches: 0 }, GPU), 0);
});

test("GPUS have a source each, and balances that real ones have", () => {
  for (const { name, peakFlops, bandwidth, units, source } of GPUS) {
    assert.ok(source.length > 20, name);
    const balance = peakFlops / bandwidth;
    assert.ok(balance > 15 && balance < 120 && units >= 6, `${name}: ${balance} FLOP per byte`);
  }
});

test("kernelReport() refuses f64", () => {
  const inputs = [spec([4], "f64")];
  const call: KernelCall = { kernel: elementwise.exp, inputs, outputs: inputs, params: undefined };
  assert.throws(() => kernelReport([call]), isA(Error, /f64/));
});

test("kernelReport() understands every kernel of a training step", async () => {
  const random = new RandomStream(1);
  const model = smallCnn({ random, device: reference });
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  const x = rand([3, 28, 28, 1], { random, device: reference });
  const labels = tensor([1, 2, 3], { dtype: "i32", device: reference });
  const { calls } = await profile(reference, () =>
    tidy(() => {
      optimizer.zeroGrad();
      model.forward(x).crossEntropy(labels).backward();
      optimizer.step();
    }), { warmup: 1, steps: 1 });
  const rows = kernelReport(calls);
  assert.ok(rows.length > 20);
  for (const { kernel, dispatches, predictedSeconds } of rows) {
    for (const { workgroupSize, workgroupBytes, edgeWaste } of dispatches) {
      assert.ok(workgroupSize! >= 1 && workgroupSize! <= 256, `${kernel}: ${workgroupSize}`);
      assert.ok(workgroupBytes! >= 0 && workgroupBytes! <= 16384, `${kernel}: ${workgroupBytes}`);
      assert.ok(edgeWaste === null || edgeWaste >= 1, `${kernel}: ${edgeWaste}`);
    }
    assert.equal(Object.keys(predictedSeconds), GPUS.map(({ name }) => name));
  }
  for (const held of [optimizer, model, x, labels]) held.dispose();
});

const TILED = `
alias T = vec4f;
const DEPTH = 8u;
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> c: array<vec4f>;
var<workgroup> left: array<T, DEPTH * 4>;
var<workgroup> right: array<f32, 32>; // not array<f32, 99>

fn store(m: u32, value: vec4f) {
  if (m < 33u) { c[m] = value; }
}

@compute @workgroup_size(8, DEPTH)
fn main(@builtin(local_invocation_index) local: u32) {
  var c0 = vec4f(); var c1 = T();
  for (var base = 0u; base < 64u; base += 8u) {
    left[local] = a[base * 4u + local];
    workgroupBarrier();
    for (var k = 0u; k < 8u; k++) {
      let row = left[k * 4u + local];
      let number = right[k];
      c0 += row.x * row;
      c1 = fma(vec4f(number), row, c1);
    }
    workgroupBarrier();
  }
  store(local, c0);
  store(local + 64u, c1);
}`;

test("a shader's figures are read from its text", () => {
  assert.equal(shaderFigures(TILED), {
    workgroupSize: 64,
    workgroupBytes: 32 * 16 + 32 * 4,
    elementsPerInvocation: 8,
    // Two products of vec4f, for five numbers read.
    fmaPerSharedRead: 8 / 5,
  });
});

test("a shader's stores do not count where a loop or a choice decides", () => {
  const elements = (body: string): number | undefined =>
    shaderFigures(`
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) i: u32) { ${body} }`).elementsPerInvocation;
  assert.is(elements("y[i] = 1.0;"), 1);
  assert.is(elements("if (i >= 9u) { return; } y[i] = 1.0; y[i + 1u] = 2.0;"), 2);
  assert.is(elements("if (i < 9u && i < 7u) { y[i] = 1.0; }"), 1);
  assert.is(elements("if (i == 0u) { y[i] = 1.0; }"), undefined);
  assert.is(elements("for (var k = 0u; k < 9u; k++) { y[k] = 1.0; }"), undefined);
  assert.is(elements("let x = y[i];"), undefined);
  // One way or the other, if both write as much.
  assert.is(elements("if (i < 9u) { y[i] = 1.0; return; } y[i] = 2.0;"), 1);
  assert.is(
    elements("if (i < 9u) { y[i] = 1.0; return; } y[i] = 2.0; y[i + 1u] = 3.0;"),
    undefined,
  );
});

test("multiply-adds are counted in numbers, without those of places", () => {
  const ratio = (body: string): number | undefined =>
    shaderFigures(`
var<workgroup> s: array<f32, 64>;
var<workgroup> v: array<vec4f, 64>;
@compute @workgroup_size(64)
fn main() { var sum = 0.0; var at = 0u; for (var k = 0u; k < 8u; k++) { ${body} } }`)
      .fmaPerSharedRead;
  assert.is(ratio("sum += s[k] * s[k + 1u];"), 1 / 2);
  assert.is(ratio("sum = sum + s[k * 3u] * 2.0;"), 1);
  assert.is(ratio("sum += dot(v[k], v[k + 1u]);"), 4 / 8);
  assert.is(ratio("sum += v[k].x * v[k].y + 1.0;"), 1 / 2);
  assert.is(ratio("sum += s[k] * 2.0; s[k + 1u] = sum; v[k].x = sum;"), 1);
  assert.is(ratio("at += k * 4u; sum = s[k];"), undefined);
  assert.is(ratio("sum = max(sum, s[k]);"), undefined);
  assert.is(ratio("s[k] = 2.0 * sum;"), undefined);
});

test("types take the bytes that WGSL gives them", () => {
  const names = namesOf(
    blocksOf("struct Pair { value: vec3f, at: u32, flag: f32 } alias P = Pair;"),
  );
  const size = (type: string): number | undefined => layoutOf(type, names)?.size;
  assert.equal(["f32", "vec2<f32>", "vec3f", "atomic<u32>", "vec2h"].map(size), [4, 8, 12, 4, 4]);
  assert.is(size("array<vec3f, 5>"), 80);
  assert.is(size("Pair"), 32);
  assert.is(size("array<array<P, 2>, 3>"), 192);
  assert.is(size("mystery"), undefined);
  assert.is(size("array<f32, SOME>"), undefined);
});

test.run();
