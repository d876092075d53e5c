/**
 * The whole stack in one walk: from numbers on a device, floor by floor, to an attack. Each floor
 * says which kernels it ran, so that nothing stays hidden.
 *
 * Run: npx tsx --conditions=source examples/tour.ts
 */
import { explain, fgsm, format, init, rand, RandomStream, tensor, tidy } from "tapegrad";
import { Adam, Conv2d, Flatten, Linear, ReLU, Sequential } from "tapegrad";

// 1. A device holds numbers and runs kernels. Its ledger counts both.
const device = await init({ device: "reference" });
const { ledger } = device;
console.log(device.backend, device.dtypes.join(" ")); // reference f32 f64 i32 u32

/** The kernels that ran since the last call, with how often. */
function ran(): string {
  const counts = [...ledger.calls].map(([name, count]) => count > 1 ? `${count} ${name}` : name);
  ledger.calls.clear();
  return counts.join(", ");
}

// 2. A tensor is a shape over a buffer. A method runs a kernel and returns; only reading waits.
const a = tensor([[1, 2], [3, 4]]);
console.log(await format(a.matmul(a)));
console.log(ran()); // matmul

// 3. A tensor that requires a gradient puts what is done with it on a tape: rule, shapes, and what
// the way back will read. Here matmul saves its constant operand only.
const w = tensor([[1], [-1]], { requiresGrad: true });
const loss = a.matmul(w).square().sum();
console.log(explain(loss).table);
console.log(ran()); // matmul, square, sum

// 4. The walk back is made of the same kernels: dw = aᵀ (2 a w). No gradient of a is computed.
loss.backward();
console.log(await format(w.grad!));
console.log(ran());

// 5. Layers are plain objects with tensors in their fields. Images are [N, H, W, C].
const random = new RandomStream(1);
const model = new Sequential(
  new Conv2d(1, 4, 3, { random, stride: 2, padding: 1 }),
  new ReLU(),
  new Flatten(),
  new Linear(4 * 4 * 4, 2, { random }),
);
const images = rand([3, 8, 8, 1], { random });
const labels = tensor([0, 1, 0], { dtype: "i32" });
ran();
console.log([...model.parameters().keys()].join(" ")); // 0.weight 0.bias 3.weight 3.bias
console.log(model.forward(images).shape, ran());

// 6. A training step: forward, backward, one update. tidy() gives every tensor between back.
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
for (let step = 0; step < 3; step++) {
  const value = tidy(() => {
    const loss = model.forward(images).crossEntropy(labels);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss.detach();
  });
  console.log(`step ${step}: loss ${(await value.item()).toFixed(3)}, ${ledger.buffers} buffers`);
  value.dispose();
}
console.log(ran());

// 7. An attack differentiates with respect to the images. Weights are constants to it: the walk
// back passes conv2dInputGrad and never conv2dWeightGrad.
const attack = await fgsm(model, images, labels, { eps: 0.1 });
console.log(attack.images.shape, attack.distance.linf.every((d) => d <= 0.1 + 1e-6)); // [ 3, 8, 8, 1 ] true
const kernels = ran();
console.log(/conv2dInputGrad/.test(kernels), /WeightGrad/.test(kernels)); // true false
