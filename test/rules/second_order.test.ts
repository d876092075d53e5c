import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hvp, valueAndGrad } from "../../src/autograd/mod.ts";
import type { DType } from "../../src/dtype.ts";
import { type Tensor, tensor } from "../../src/tensor/mod.ts";
import golden from "../fixtures/second_order.json" with { type: "json" };
import { assertClose, forEachDevice } from "../support/devices.ts";

const NAMES = ["x", "w1", "b1", "w2", "b2"] as const;
type Case = (typeof golden.cases)[number];

/** The nets of the fixture, as a function of all their numbers. */
function lossOf({ pool }: { readonly pool?: string }, labels: Tensor) {
  return (...[x, w1, b1, w2, b2]: readonly Tensor[]): Tensor => {
    function hidden(): Tensor {
      if (pool === undefined) return x!.matmul(w1!).add(b1!).tanh();
      const h = x!.conv2d(w1!, { padding: 1 }).add(b1!).relu();
      return (pool === "max" ? h.maxPool2d({ kernelSize: 2 }) : h.avgPool2d({ kernelSize: 2 }))
        .flatten();
    }
    return hidden().matmul(w2!).add(b2!).crossEntropy(labels);
  };
}

forEachDevice((device, label) => {
  const test = suite(`second order on ${label}`);

  function all(from: Case["inputs"], dtype: DType): Tensor[] {
    return NAMES.map((name) => {
      // The numbers of the fixture are those of f32, written short.
      const { data, shape } = from[name];
      return tensor(data.map(Math.fround), { shape, device, dtype });
    });
  }

  for (const dtype of device.dtypes.filter((dtype) => dtype.startsWith("f"))) {
    // Those of f64 were rounded to f32 in the fixture.
    const rtol = dtype === "f64" ? 1e-7 : 1e-4;
    for (const net of golden.cases) {
      test(`hvp() over all numbers of the net "${net.name}" in ${dtype}`, async () => {
        const labels = tensor(net.labels.data, { device, dtype: "i32" });
        const f = lossOf(net, labels);
        const inputs = all(net.inputs, dtype);
        const { value, gradients } = valueAndGrad(f)(...inputs);
        const products = hvp(f, inputs, all(net.vectors, dtype));
        assertClose([await value.item()], [net.loss], { rtol, atol: 0 }, "loss");
        for (const [i, name] of NAMES.entries()) {
          const pairs = [
            ["gradients", gradients[i]!, net.gradients[name]],
            ["products", products[i]!, net.products[name]],
          ] as const;
          for (const [what, got, want] of pairs) {
            assert.equal(got.shape, want.shape);
            const largest = Math.max(...want.data.map(Math.abs));
            const tolerance = { rtol, atol: rtol * largest };
            assertClose(await got.data(), want.data, tolerance, `${what} of ${name}`);
          }
        }
      });
    }
  }

  test.run();
});
