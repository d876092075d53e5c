/**
 * Tensors, the tape behind a result, and two ways to ask for a gradient. The last step does what
 * one should do with every gradient: doubt it, and compare it with difference quotients.
 *
 * Run: npx tsx --conditions=source examples/02_tensors_and_gradients.ts
 */
import { explain, format, grad, gradcheck, init, type Tensor, tensor } from "tapegrad";

await init({ device: "reference" });

// Two points and the weights of a tiny layer. Only what requires a gradient is recorded.
const points = tensor([[1, 2], [3, -1]]);
const weights = tensor([[0.5, -0.25], [0.1, 0.3]], { requiresGrad: true });
const bias = tensor([0.1, 0], { requiresGrad: true });

const hidden = points.matmul(weights).add(bias); // the bias broadcasts over both rows
const loss = hidden.tanh().square().mean();
console.log(hidden.shape, (await loss.item()).toFixed(6)); // [ 2, 2 ] 0.496152

// The tape: one line per applied rule, inputs before results. tanh saves its own result, because
// its derivative 1 - y² is cheapest from there; add saves nothing.
console.log(explain(loss).table);

// Walk it back. Each leaf gets its gradient; what the tape saved is freed on the way.
loss.backward();
console.log(weights.grad!.shape, bias.grad!.shape); // [ 2, 2 ] [ 2 ]
console.log(await format(bias.grad!));

// The same as a function of functions: grad(f) is the derivative of f, and so on.
const cube = (x: Tensor): Tensor => x.pow(3).sum();
const x = tensor([1, 2]);
console.log(await grad(cube)(x).data()); // Float32Array(2) [ 3, 12 ]
console.log(await grad((y) => grad(cube)(y).sum())(x).data()); // Float32Array(2) [ 6, 12 ]

// Doubt: f64 operands, every element of every input moved both ways, and the same once more for
// the derivative of the gradient. It throws with the element that differs.
const w = tensor([[0.5, -0.25], [0.1, 0.3]], { dtype: "f64", requiresGrad: true });
const p = tensor([[1, 2], [3, -1]], { dtype: "f64" });
await gradcheck((w) => p.matmul(w).tanh().square().mean(), [w], { order: 2 });
console.log("right to second order"); // right to second order
