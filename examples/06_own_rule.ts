/**
 * An operation of one's own, from the shader up: a kernel (what is computed, in TypeScript and in
 * WGSL), a rule (how a gradient passes back), and the check that tells whether both belong together.
 * The operation is swish: y = x s with s = 1 / (1 + e^-x), so dy/dx = y + s (1 - y).
 *
 * Run: npx tsx --conditions=source examples/06_own_rule.ts
 */
import {
  apply,
  explain,
  gradcheck,
  init,
  type Kernel,
  type Rule,
  type Tensor,
  tensor,
} from "tapegrad";

const kernel: Kernel<undefined> = {
  name: "swish",
  outputs: ([x]) => [x!],
  // The specification: plain TypeScript on typed arrays, f32 and f64.
  reference([x], [y]) {
    for (let i = 0; i < x!.data.length; i++) {
      y!.data[i] = x!.data[i]! / (1 + Math.exp(-x!.data[i]!));
    }
  },
  // The same as a compute shader, for these very shapes: the size is a constant in its text.
  webgpu([x]) {
    const size = x!.shape.reduce((a, b) => a * b, 1);
    const code = `
      @group(0) @binding(0) var<storage, read> x: array<f32>;
      @group(0) @binding(1) var<storage, read_write> y: array<f32>;
      @compute @workgroup_size(64)
      fn main(@builtin(global_invocation_id) id: vec3u) {
        if (id.x < ${size}u) { y[id.x] = x[id.x] / (1 + exp(-x[id.x])); }
      }`;
    return { dispatches: [{ code, operands: [0, 1], workgroups: [Math.ceil(size / 64), 1, 1] }] };
  },
};

const swish: Rule<readonly [x: Tensor]> = {
  name: "swish",
  forward: (run, inputs) => ({ output: run(kernel, inputs, undefined)[0]! }),
  saves: () => ({ inputs: [true], output: true }),
  // Written with Tensor's own methods: the derivative of the derivative comes for free.
  vjp({ inputs: [x], output: y, grad }) {
    const s = x.sigmoid();
    return [grad.mul(y.add(s.mul(y.neg().add(1))))];
  },
};

await init({ device: "reference" }); // in f32 it runs on any device: try "webgpu"
const x = tensor([-2, 0, 0.5, 3], { dtype: "f64", requiresGrad: true });
const y = apply(swish, [x], undefined);
const values = Array.from(await y.data(), (value) => value.toFixed(4));
console.log(values.join(" ")); // -0.2384 0.0000 0.3112 2.8577
console.log(explain(y.sum()).entries.map(({ rule }) => rule).join(" ")); // leaf swish sum

await gradcheck((x) => apply(swish, [x], undefined), [x], { order: 2 });
console.log("right to second order"); // right to second order

// A slip in the derivative does not get away.
const slip: typeof swish = { ...swish, vjp: ({ inputs: [x], grad }) => [grad.mul(x.sigmoid())] };
const caught = await gradcheck((x) => apply(slip, [x], undefined), [x]).catch((error) => error);
console.log(caught.name, caught.message.includes("difference")); // GradientError true
