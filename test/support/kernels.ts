// Small kernels for tests of devices: they show what no kernel of the library shows in isolation.

import type { DType } from "../../src/dtype.ts";
import type { Kernel, Program } from "../../src/kernels/mod.ts";
import { sizeOf } from "../../src/shape.ts";
import type { Shape } from "../../src/shape.ts";

/** Declares f32 storage buffers; the first `reads` of them are read only. */
function bindings(names: readonly string[], reads: number): string {
  return names.map((name, i) => {
    const access = i < reads ? "read" : "read_write";
    return `@group(0) @binding(${i}) var<storage, ${access}> ${name}: array<f32>;`;
  }).join("\n");
}

/** A shader of 64 invocations per workgroup with `i` as the index. */
function shader(names: readonly string[], reads: number, body: string): string {
  return `${bindings(names, reads)}
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  ${body}
}`;
}

const unused = (): void => {
  throw new Error("This kernel runs on WebGPU only");
};

/** y = 2 x + 1 by way of a scratch buffer: two dispatches. */
export const viaScratch: Kernel = {
  name: "viaScratch",
  outputs: ([x]) => [x!],
  reference: unused,
  webgpu([x]): Program {
    const groups = [Math.ceil(sizeOf(x!.shape) / 64), 1, 1] as const;
    const guard = "if (i >= arrayLength(&x)) { return; }";
    return {
      scratch: [x!],
      dispatches: [
        {
          code: shader(["x", "t"], 1, `${guard} t[i] = 2.0 * x[i];`),
          operands: [0, 2],
          workgroups: groups,
        },
        {
          code: shader(
            ["t", "y"],
            0,
            "if (i >= arrayLength(&y)) { return; } y[i] = t[i] + 1.0;",
          ),
          operands: [2, 1],
          workgroups: groups,
        },
      ],
    };
  },
};

/** w = w + g, in place. */
export const accumulate: Kernel = {
  name: "accumulate",
  updates: 1,
  outputs: ([g]) => [g!],
  reference([g], [w]) {
    g!.data.forEach((value, i) => w!.data[i] = w!.data[i]! + value);
  },
  webgpu: ([g]) => ({
    dispatches: [{
      code: shader(["g", "w"], 1, "if (i < arrayLength(&w)) { w[i] = w[i] + g[i]; }"),
      operands: [0, 1],
      workgroups: [Math.ceil(sizeOf(g!.shape) / 64), 1, 1],
    }],
  }),
};

/** A kernel whose shader does not compile. */
export const broken: Kernel = {
  name: "broken",
  outputs: ([x]) => [x!],
  reference: unused,
  webgpu: () => ({
    dispatches: [{
      code: shader(["x", "y"], 1, "y[i] = no_such_thing(x[i]);"),
      operands: [0, 1],
      workgroups: [1, 1, 1],
    }],
  }),
};

/** Fills a shape with a number that is part of the parameters. */
export const filled: Kernel<{ readonly shape: Shape; readonly value: number }> = {
  name: "filled",
  outputs: (_, { shape }) => [{ shape, dtype: "f32" satisfies DType }],
  reference: (_, [y], { value }) => void y!.data.fill(value),
  webgpu: (_, [y], { value }) => ({
    dispatches: [{
      code: shader(
        ["y"],
        0,
        `for (var k = i; k < arrayLength(&y); k += 65536u) { y[k] = f32(${value}); }`,
      ),
      operands: [0],
      workgroups: [Math.min(1024, Math.ceil(sizeOf(y!.shape) / 64)), 1, 1],
    }],
  }),
};

/** How many elements the shader sees in its input. */
export const countElements: Kernel = {
  name: "countElements",
  outputs: () => [{ shape: [], dtype: "f32" }],
  reference: ([x], [y]) => void (y!.data[0] = x!.data.length),
  webgpu: () => ({
    dispatches: [{
      code: shader(["x", "y"], 1, "if (i == 0u) { y[0] = f32(arrayLength(&x)); }"),
      operands: [0, 1],
      workgroups: [1, 1, 1],
    }],
  }),
};

/** Asks for more workgroups than one dimension may have. */
export const tooManyWorkgroups: Kernel = {
  ...countElements,
  name: "tooManyWorkgroups",
  webgpu: (...call) => ({
    dispatches: countElements.webgpu(...call).dispatches.map((dispatch) => ({
      ...dispatch,
      workgroups: [65536, 1, 1],
    })),
  }),
};
