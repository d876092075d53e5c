// Convolutions 3x3 by way of Winograd's transforms: that src/kernels/conv2d/cpu_winograd.as.ts keeps
// what it says about rounding, and that an image does not notice its batch.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Device } from "../../src/backend/mod.ts";
import type { DType, TypedArray } from "../../src/dtype.ts";
import { WINOGRAD } from "../../src/kernels/conv2d/cpu_winograd.ts";
import { conv2d, conv2dInputGrad, conv2dWeightGrad, type Kernel } from "../../src/kernels/mod.ts";
import { BatchNorm2d, Conv2d, GlobalAvgPool2d, Linear, Module, SGD } from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { tidy } from "../../src/scope.ts";
import { sizeOf } from "../../src/shape.ts";
import { type Tensor, tensor } from "../../src/tensor/mod.ts";
import { outputsOn } from "../support/cpu.ts";
import { assertClose, cpu, reference } from "../support/devices.ts";
import { build, integers, numbers } from "../support/numbers.ts";
import { host } from "../support/parity.ts";

const test = suite("conv2d by way of Winograd's transforms");

type Four = readonly [number, number, number, number];
type Numbers = (count: number, seed: number) => number[];

/** A convolution that keeps height and width: images x, weights w, the gradient g of the result. */
interface Case {
  readonly shapes: { readonly x: Four; readonly w: Four; readonly g: Four };
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly g: readonly number[];
}

/** The result and both gradients. */
interface Results {
  readonly y: TypedArray;
  readonly dx: TypedArray;
  readonly dw: TypedArray;
}

function caseOf([N, H, W, I, O]: readonly number[], [x, w, g]: readonly Numbers[]): Case {
  const shapes = { x: [N!, H!, W!, I!], w: [3, 3, I!, O!], g: [N!, H!, W!, O!] } as const;
  return {
    shapes,
    x: x!(sizeOf(shapes.x), 1),
    w: w!(sizeOf(shapes.w), 2),
    g: g!(sizeOf(shapes.g), 3),
  };
}

const plain = { stride: [1, 1], dilation: [1, 1], groups: 1 } as const;

async function resultsOn(device: Device, of: Case, dtype: DType = "f32"): Promise<Results> {
  const [KH, KW] = of.shapes.w, [, H, W] = of.shapes.x;
  const params = { ...plain, padding: [(KH - 1) / 2, (KW - 1) / 2] } as const;
  const x = host(of.shapes.x, of.x, dtype), w = host(of.shapes.w, of.w, dtype);
  const g = host(of.shapes.g, of.g, dtype);
  async function run<P>(kernel: Kernel<P>, inputs: typeof x[], params: P): Promise<TypedArray> {
    return (await outputsOn(device, kernel, { inputs, params }))[0]!.data;
  }
  return {
    y: await run(conv2d, [x, w], params),
    dx: await run(conv2dInputGrad, [g, w], { ...params, size: [H, W] }),
    dw: await run(conv2dWeightGrad, [x, g], { ...params, kernelSize: [KH, KW] }),
  };
}

/** By direct sums: weights in a ring of zeros are 5x5, for which there are no transforms. */
async function directly(of: Case): Promise<Results> {
  const [, , I, O] = of.shapes.w, shape: Four = [5, 5, I, O];
  const tapOf = (i: number, j: number): number => {
    return i % 4 === 0 || j % 4 === 0 ? -1 : (i - 1) * 3 + j - 1;
  };
  const w = build(shape, ([i, j, c, o]) => {
    const tap = tapOf(i!, j!);
    return tap < 0 ? 0 : of.w[(tap * I + c!) * O + o!]!;
  });
  const { y, dx, dw } = await resultsOn(cpu, { ...of, shapes: { ...of.shapes, w: shape }, w });
  const inner = dw.filter((_, k) => {
    const tap = Math.floor(k / (I * O));
    return tapOf(Math.floor(tap / 5), tap % 5) >= 0;
  });
  return { y, dx, dw: inner };
}

/** Root mean square of numbers, or of differences. */
function meanSquare(a: TypedArray, b?: TypedArray): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - (b?.[i] ?? 0)) ** 2;
  return Math.sqrt(sum / a.length);
}

const normal: Numbers = (count, seed) => {
  const u = new RandomStream(seed).uniform(2 * count);
  return Array.from({ length: count }, (_, i) => {
    return Math.sqrt(-2 * Math.log(1 - u[2 * i]!)) * Math.cos(2 * Math.PI * u[2 * i + 1]!);
  });
};
const positive: Numbers = (count, seed) => normal(count, seed).map((v) => Math.max(v, 0));
const offset: Numbers = (count, seed) => normal(count, seed).map((v) => 100 + v);
const heavy: Numbers = (count, seed) => normal(count, seed).map((v) => Math.sinh(3 * v));
const signs: Numbers = (count, seed) => numbers(count, seed).map(Math.sign);
const sparse: Numbers = (count, seed) => {
  const which = integers(count, 10, seed + 1);
  return normal(count, seed).map((value, i) => which[i] === 0 ? value : 0);
};
/** Channels, of which there are `channels`, from 1e-3 to 1e3. */
function scaled(channels: number): Numbers {
  return (count, seed) => {
    return normal(count, seed).map((value, i) => value * 10 ** (6 * (i % channels) / channels - 3));
  };
}

const SHAPES = [[4, 16, 16, 8, 8], [2, 14, 14, 16, 32], [5, 11, 18, 12, 20], [4, 8, 8, 64, 64]];

test("rounding is 4 times that of direct sums at most, 12 times where most numbers are 0", async () => {
  for (const shape of SHAPES) {
    const kinds: readonly (readonly [factor: number, numbers: readonly Numbers[]])[] = [
      [4, [numbers, numbers, numbers]],
      [4, [positive, normal, normal]],
      [4, [offset, normal, offset]],
      [4, [scaled(shape[3]!), normal, normal]],
      [12, [sparse, normal, sparse]],
      // Direct sums of these are exact.
      [Infinity, [signs, signs, signs]],
    ];
    for (const [factor, kind] of kinds) {
      const of = caseOf(shape, kind), exact = await resultsOn(reference, of, "f64");
      const got = await resultsOn(cpu, of), direct = await directly(of);
      for (const name of ["y", "dx", "dw"] as const) {
        const error = meanSquare(got[name], exact[name]);
        const ratio = error / meanSquare(direct[name], exact[name]);
        const share = error / meanSquare(exact[name]);
        const what = `${name} of ${shape}, kind ${kinds.findIndex(([, k]) => k === kind)}`;
        assert.ok(ratio <= factor, `${what}: ${ratio} times the error of direct sums`);
        assert.ok(share <= 2e-6, `${what}: an error of ${share}`);
        // Equal ones would mean that nothing was transformed.
        assert.ok(ratio !== 1, `${what}: the same as by direct sums`);
      }
    }
  }
});

/** The largest magnitude in the 6x6 pixels that each tile of `of` sees, by pixel of the result. */
function largestOfTiles([N, H, W, C]: Four, data: readonly number[]): number[] {
  const across = Math.ceil(W / 4), down = Math.ceil(H / 4);
  const largest = new Array<number>(N * down * across).fill(0);
  data.forEach((value, i) => {
    const pixel = Math.floor(i / C), x = pixel % W, y = Math.floor(pixel / W) % H;
    const n = Math.floor(pixel / (W * H));
    // Tile t sees the pixels from 4t - 1 to 4t + 4.
    for (let row = Math.max(0, Math.ceil((y - 4) / 4)); row < down && 4 * row - 1 <= y; row++) {
      for (let column = Math.max(0, Math.ceil((x - 4) / 4)); column < across; column++) {
        if (4 * column - 1 > x) break;
        const tile = (n * down + row) * across + column;
        largest[tile] = Math.max(largest[tile]!, Math.abs(value));
      }
    }
  });
  return build([N, H, W], ([n, y, x]) => {
    return largest[(n! * down + Math.floor(y! / 4)) * across + Math.floor(x! / 4)]!;
  });
}

test("no error is above 2e-6 of a tile's largest number times the sum of weights", async () => {
  for (const shape of SHAPES) {
    for (const kind of [[heavy, heavy, heavy], [sparse, sparse, sparse], [signs, signs, heavy]]) {
      const of = caseOf(shape, kind), exact = await resultsOn(reference, of, "f64");
      const got = await resultsOn(cpu, of), [, , I, O] = of.shapes.w;
      const sumOf = { y: new Float64Array(O), dx: new Float64Array(I) };
      of.w.forEach((value, i) => {
        sumOf.y[i % O]! += Math.abs(value);
        sumOf.dx[Math.floor(i / O) % I]! += Math.abs(value);
      });
      for (const [name, from] of [["y", "x"], ["dx", "g"]] as const) {
        const largest = largestOfTiles(of.shapes[from], of[from]), sums = sumOf[name];
        exact[name].forEach((wanted, i) => {
          const c = i % sums.length, scale = largest[(i - c) / sums.length]! * sums[c]!;
          const error = Math.abs(got[name][i]! - wanted);
          assert.ok(error <= 2e-6 * scale, `${name} of ${shape} at ${i}: ${error / scale}`);
        });
      }
    }
  }
});

test("tiles of zeros give zeros", async () => {
  const of = caseOf([1, 8, 8, 8, 12], [() => new Array(512).fill(0), normal, normal]);
  const { y, dx, dw } = await resultsOn(cpu, of);
  assert.ok(y.every((value) => value === 0) && dw.every((value) => value === 0));
  assert.ok(dx.some((value) => value !== 0));
});

test("an image gives the same bits alone and in a batch", async () => {
  for (
    const [N, H, W, I, O] of [[7, 14, 14, 16, 32], [9, 8, 8, 8, 12], [5, 7, 9, 12, 8]] as const
  ) {
    const of = caseOf([N, H, W, I, O], [normal, normal, normal]);
    const all = await resultsOn(cpu, of);
    for (let n = 0; n < N; n++) {
      const [fromX, toX] = [n, n + 1].map((k) => k * H * W * I);
      const [fromG, toG] = [n, n + 1].map((k) => k * H * W * O);
      const shapes = { ...of.shapes, x: [1, H, W, I], g: [1, H, W, O] } as const;
      const x = of.x.slice(fromX, toX), g = of.g.slice(fromG, toG);
      const one = await resultsOn(cpu, { ...of, shapes, x, g });
      assert.equal(one.y, all.y.slice(fromG, toG));
      assert.equal(one.dx, all.dx.slice(fromX, toX));
    }
  }
});

test("which convolutions are transformed does not depend on the batch", () => {
  const kindOf = (N: number, [H, W, I, O]: readonly number[]): unknown => {
    const spec = (shape: readonly number[]) => ({ shape, dtype: "f32" } as const);
    const specs = [spec([N, H!, W!, I!]), spec([3, 3, I!, O!])];
    const params = { ...plain, padding: [1, 1] } as const, outputs = conv2d.outputs(specs, params);
    return conv2d.cpu!(specs, outputs, params)!.calls[0]!.words[0];
  };
  for (const N of [1, 2, 64]) {
    for (const shape of [[4, 4, 64, 64], [14, 14, 16, 32], [32, 32, 8, 8]]) {
      assert.is(kindOf(N, shape), WINOGRAD);
    }
    // Tiles that are mostly empty; few channels; channels that do not come in fours.
    for (const shape of [[5, 5, 64, 64], [32, 32, 3, 16], [32, 32, 10, 16]]) {
      assert.is.not(kindOf(N, shape), WINOGRAD);
    }
  }
});

/** A residual network whose convolutions but the first are transformed. */
class SmallResNet extends Module {
  readonly first: Conv2d;
  readonly second: Conv2d;
  readonly third: Conv2d;
  readonly norms: readonly BatchNorm2d[];
  readonly last: Linear;

  constructor(device: Device) {
    super();
    const where = { random: new RandomStream(3), device }, same = { ...where, padding: 1 };
    this.first = new Conv2d(3, 8, 3, same);
    this.second = new Conv2d(8, 8, 3, same);
    this.third = new Conv2d(8, 16, 3, same);
    this.norms = [8, 8, 16].map((channels) => new BatchNorm2d(channels, { device }));
    this.last = new Linear(16, 4, where);
  }

  override forward(images: Tensor): Tensor {
    const x = this.norms[0]!.forward(this.first.forward(images)).relu();
    const y = this.norms[1]!.forward(this.second.forward(x)).add(x).relu();
    const z = this.norms[2]!.forward(this.third.forward(y)).relu();
    return this.last.forward(new GlobalAvgPool2d().forward(z).reshape([-1, 16]));
  }
}

/** The losses of 50 steps on 12 images 8x8 in 4 classes. */
async function lossesOn(device: Device): Promise<number[]> {
  const model = new SmallResNet(device);
  const images = tensor(
    numbers(12 * 8 * 8 * 3, 5).map((value, i) => {
      return value + 0.5 * Math.sin(i * (1 + Math.floor(i / 192) % 4));
    }),
    { shape: [12, 8, 8, 3], device },
  );
  const labels = tensor(Array.from({ length: 12 }, (_, i) => i % 4), { dtype: "i32", device });
  const optimizer = new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
  const losses: number[] = [];
  for (let step = 0; step < 50; step++) {
    const loss = tidy(() => {
      optimizer.zeroGrad();
      const loss = model.forward(images).crossEntropy(labels);
      loss.backward();
      optimizer.step();
      return loss.detach();
    });
    losses.push(await loss.item());
  }
  return losses;
}

test("a residual network learns with the losses that direct sums in f64 give, to 1e-4", async () => {
  const got = await lossesOn(cpu), wanted = await lossesOn(reference);
  assert.ok(wanted[49]! < wanted[0]! / 5, `it learns: ${wanted[0]} to ${wanted[49]}`);
  assertClose(got, wanted, { rtol: 0, atol: 1e-4 }, "losses");
});

test.run();
