// Bugs that other engines have had on GPUs, one test each, on every backend. What has a test elsewhere:
// more than 65,535 workgroups (webgpu_device), buffers beyond the limits (webgpu_faults), chosen kernels
// that are wrong (tuner), adapters that tell nothing of themselves (choices), one pass per step
// (webgpu_dispatches), devices one after the other (webgpu_faults), processes that do not end
// (webgpu_exit).

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { dataset } from "../../src/data/mod.ts";
import { GradientError } from "../../src/errors.ts";
import { conv2d, conv2dInputGrad, conv2dWeightGrad, matmul } from "../../src/kernels/mod.ts";
import { Adam, Flatten, Linear, Sequential } from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { tidy } from "../../src/scope.ts";
import { capture, rand, randn, type Tensor, tensor, zeros } from "../../src/tensor/mod.ts";
import { fit } from "../../src/train/mod.ts";
import type { Device } from "../../src/backend/mod.ts";
import {
  assertClose,
  cpu,
  forEachDevice,
  hasWebGpu,
  openWebGpu,
  webgpu,
} from "../support/devices.ts";
import { isA, rejects } from "../support/errors.ts";
import { shaderFigures } from "../../src/backend/profile/shader.ts";

async function valuesOf(result: Tensor): Promise<number[]> {
  return Array.from(await result.data() as Float32Array);
}

forEachDevice((device, label) => {
  const test = suite(`known bugs, ${label}`);
  const of = (values: readonly number[]) => tensor([...values], { device });

  test("NaN and infinities are told by their bits (compilers may assume that there are none)", async () => {
    const values = [NaN, Infinity, -Infinity, 2 ** 127, 2 ** -126, 0, -1];
    assert.equal(await valuesOf(of(values).isFinite().cast("f32")), [0, 0, 0, 1, 1, 1, 1]);
    assert.equal(await valuesOf(of(values).reshape([7, 1]).transpose().flatten(0)), values);
  });

  test("a loss that is not finite stops training, though max(NaN, 0) may hide it", async () => {
    const random = new RandomStream(1);
    const model = new Sequential(new Flatten(), new Linear(4, 2, { random, device }));
    const pixels = Uint8Array.from({ length: 64 }, (_, i) => i * 4);
    const labels = Uint8Array.from({ length: 16 }, (_, i) => i % 2);
    const data = dataset({
      name: "gradient",
      imageShape: [2, 2, 1],
      classes: ["a", "b"],
      pixels,
      labels,
    });
    for (const { buffer } of model.parameters().values()) {
      device.write(buffer, new Float32Array(buffer.size).fill(NaN));
    }
    const optimizer = new Adam(model.parameters());
    await rejects(
      fit(model, data, { optimizer, epochs: 1, random, batchSize: 4 }),
      isA(GradientError, /^Cannot go on training: the loss is (NaN|-?Infinity)/),
    );
  });

  test("functions do not overflow on their way to finite values", async () => {
    const far = of([-1e4, -200, -90, 90, 200, 1e4]);
    assert.equal(await valuesOf(far.tanh()), [-1, -1, -1, 1, 1, 1]);
    assertClose(await valuesOf(far.sigmoid()), [0, 0, 0, 1, 1, 1], { atol: 1e-30 });
    assertClose(await valuesOf(far.softplus()), [0, 0, 0, 90, 200, 1e4], { atol: 1e-30 });
    assertClose(await valuesOf(far.silu()), [0, 0, 0, 90, 200, 1e4], { atol: 1e-30 });
    assertClose(await valuesOf(far.gelu()), [0, 0, 0, 90, 200, 1e4], { atol: 1e-30 });
    const logits = tensor([[1e4, -1e4, 0]], { device }),
      labels = tensor(Int32Array.of(1), { device });
    assertClose(await valuesOf(logits.crossEntropy(labels)), [2e4]);
    assert.equal(await valuesOf(logits.softmax().flatten(0)), [1, 0, 0]);
  });

  test("powers of small and of negative numbers (pow is exp2(y log2(x)) on GPUs)", async () => {
    const x = [-3, -0.5, 0, 1e-20, 2];
    assertClose(await valuesOf(of(x).pow(2)), x.map((it) => it ** 2));
    assertClose(await valuesOf(of(x).pow(3)), x.map((it) => it ** 3));
    assertClose(await valuesOf(of(x).pow(-1)), x.map((it) => it ** -1), { rtol: 1e-5 });
    assertClose(await valuesOf(of(x.slice(2)).pow(0.5)), x.slice(2).map(Math.sqrt), {
      atol: 1e-12,
    });
    assert.equal(await valuesOf(of(x).pow(0)), [1, 1, 1, 1, 1]);
  });

  test("functions keep the accuracy that WGSL promises", async () => {
    const line = Array.from({ length: 400 }, (_, i) => (i - 200) / 20);
    const near = (got: readonly number[], want: (x: number) => number, at: readonly number[]) => ({
      within(rtol: (x: number) => number, atol = 0): void {
        at.forEach((x, i) => {
          const far = Math.abs(got[i]! - want(x)), most = rtol(x) * Math.abs(want(x)) + atol;
          assert.ok(far <= most, `at ${x}: off by ${far}, at most ${most}`);
        });
      },
    });
    const ulp = 2 ** -22, positive = line.filter((x) => x > 0);
    near(await valuesOf(of(line).exp()), Math.exp, line).within((x) => (3 + 2 * Math.abs(x)) * ulp);
    near(await valuesOf(of(positive).log()), Math.log, positive).within(() => 3 * ulp, 2 ** -21);
    near(await valuesOf(of(positive).rsqrt()), (x) => 1 / Math.sqrt(x), positive)
      .within(() => 2 * ulp);
    near(await valuesOf(of(line).tanh()), Math.tanh, line).within(() => 8 * ulp, 1e-5);
    const circle = line.filter((x) => Math.abs(x) <= Math.PI);
    near(await valuesOf(of(circle).sin()), Math.sin, circle).within(() => 0, 2 ** -11);
    near(await valuesOf(of(circle).cos()), Math.cos, circle).within(() => 0, 2 ** -11);
    near(await valuesOf(of(positive).reciprocal()), (x) => 1 / x, positive).within(() => 3 * ulp);
  });

  test("long sums stay accurate without compensation, which compilers remove", async () => {
    const many = 2 ** 20, values = new Float32Array(many).fill(0.1);
    const [sum] = await valuesOf(tensor(values, { device }).sum());
    assertClose([sum!], [many * Math.fround(0.1)], { rtol: 2e-6 });
  });

  test("every image of a batch is right, not only the first", async () => {
    const random = new RandomStream(3);
    const images = rand([5, 7, 6, 3], { random, device }),
      w = randn([3, 3, 3, 4], { random, device });
    const whole = await valuesOf(images.conv2d(w, { padding: 1 }).flatten(0));
    const size = whole.length / 5;
    for (let n = 0; n < 5; n++) {
      const one = images.slice(0, n, n + 1).conv2d(w, { padding: 1 });
      assertClose(
        whole.slice(n * size, (n + 1) * size),
        await valuesOf(one.flatten(0)),
        {},
        `${n}`,
      );
    }
  });

  test("a replay reads its own arguments, not those of the time before", async () => {
    const random = new RandomStream(4), w = randn([6, 5], { random, device });
    const f = (x: Tensor) => x.matmul(w).tanh().sum(1);
    const step = capture((x: Tensor) => f(x));
    for (let i = 0; i < 6; i++) {
      const x = randn([3, 6], { random, device });
      assert.equal(await valuesOf(step(x)), await valuesOf(f(x)), `call ${i}`);
    }
    assert.ok(step.replays >= 3);
    step.dispose();
  });

  test.run();
});

const test = suite("known bugs of GPUs");

/** Sizes with 1, primes, and multiples of 4 and not. */
const SIZES = [1, 2, 3, 4, 5, 7, 8, 11, 13, 16, 17, 31, 33, 64, 67];

if (hasWebGpu) {
  test("shapes at random give what the cpu gives", async () => {
    const random = new RandomStream(77);
    const pick = () => SIZES[Math.floor(random.uniform(1)[0]! * SIZES.length)]!;
    const compare = async (what: string, f: (device: Device) => Tensor): Promise<void> => {
      const { step } = random, results: number[][] = [];
      for (const device of [webgpu!, cpu]) {
        random.step = step;
        results.push(await valuesOf(tidy(() => f(device).flatten(0))));
      }
      assertClose(results[0]!, results[1]!, { rtol: 1e-4, atol: 1e-4 }, what);
    };
    for (let i = 0; i < 12; i++) {
      const [m, k, n, batch] = [pick(), pick(), pick(), 1 + i % 3];
      await compare(`${batch}x${m}x${k} by ${k}x${n}`, (device) => {
        return randn([batch, m, k], { random, device }).matmul(randn([k, n], { random, device }));
      });
      const [h, w, c] = [pick(), pick(), Math.min(pick(), 17)];
      await compare(`convolution of ${batch}x${h}x${w}x${c}`, (device) => {
        const x = randn([batch, h, w, c], { random, device });
        return x.conv2d(randn([3, 3, c, 5], { random, device }), { padding: 1, stride: 1 + i % 2 });
      });
      await compare(`sums of ${m}x${k}x${n}`, (device) => {
        return randn([m, k, n], { random, device }).sum(i % 3);
      });
    }
  });

  test("buffers beyond the default 128 MiB work where the adapter has them", async () => {
    const device = await openWebGpu(), size = 33_554_433;
    const x = zeros([size], { device });
    assert.equal(await valuesOf(x.add(1).slice(0, size - 2).flatten(0)), [1, 1]);
    device.close();
  });
}

test("shaders stay small: workgroup memory by default limits, and text that compiles quickly", () => {
  const f32 = (...shape: number[]) => ({ shape, dtype: "f32" as const });
  const params = { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 } as const;
  const x = f32(64, 32, 32, 64), w = f32(3, 3, 64, 64);
  const plain = { transposeA: false, transposeB: false };
  const sides = [16, 64, 1024, 4096];
  const programs = [
    ...conv2d.candidates!([x, w], conv2d.outputs([x, w], params), params),
    ...conv2dInputGrad.candidates!([x, w], [x], { ...params, size: [32, 32] }),
    ...conv2dWeightGrad.candidates!([x, x], [w], { ...params, kernelSize: [3, 3] }),
    ...sides.flatMap((side) => {
      const inputs = [f32(side, 512), f32(512, side)];
      return matmul.candidates!(inputs, matmul.outputs(inputs, plain), plain);
    }),
  ];
  assert.ok(programs.length > 30);
  for (const { name, program } of programs) {
    for (const { code } of program().dispatches) {
      assert.ok(shaderFigures(code).workgroupBytes! <= 16384, name);
      assert.ok(code.split(";").length < 2000, `${name}: ${code.split(";").length} statements`);
      // Widths of subgroups differ between adapters and even between kernels of one.
      assert.not.match(code, /subgroup|enable |requires /, name);
    }
  }
});

test.run();
