/**
 * Second derivatives by walking the tape of a walk: Newton's method on a bent valley. A product of
 * the Hessian with a vector costs about two gradients and never builds the Hessian; here there are
 * but two unknowns, so two products give all of it.
 *
 * Run: npx tsx --conditions=source examples/07_second_order.ts
 */
import { grad, hvp, init, type Tensor, tensor } from "tapegrad";

await init({ device: "reference" });

/** Rosenbrock's valley, (1 - a)² + 100 (b - a²)², whose floor is at (1, 1). */
function valley(p: Tensor): Tensor {
  const a = p.slice(0, 0, 1), b = p.slice(0, 1, 2);
  return a.sub(1).square().add(b.sub(a.square()).square().mul(100)).sum();
}

const vector = (values: readonly number[]): Tensor => tensor(values, { dtype: "f64" });

/** Solves H d = g for two unknowns; H comes as its rows, one after the other. */
function solve([a, b, c, d]: readonly number[], [g, h]: readonly number[]): number[] {
  const determinant = a! * d! - b! * c!;
  return [(d! * g! - b! * h!) / determinant, (a! * h! - c! * g!) / determinant];
}

const slope = grad(valley);
let point = [-1.2, 1];
for (let step = 0; step <= 6; step++) {
  const p = vector(point);
  const g = Array.from(await slope(p).data());
  const [a, b] = point.map((value) => value.toFixed(6));
  console.log(`step ${step}: (${a}, ${b})  |gradient| ${Math.hypot(...g).toExponential(1)}`);
  // Rows of the Hessian: its products with the unit vectors.
  const hessian = await Promise.all([[1, 0], [0, 1]].map(async (unit) => {
    const [product] = hvp(valley, [p], [vector(unit)]);
    return Array.from(await product!.data());
  }));
  const move = solve(hessian.flat(), g);
  point = point.map((value, i) => value - move[i]!);
}
console.log(point.map((value) => value.toFixed(9)).join(" ")); // 1.000000000 1.000000000

// Gradient descent from the same place, with the largest step that does not fly out of the valley.
let p = vector([-1.2, 1]);
for (let step = 0; step < 1000; step++) p = p.sub(slope(p).mul(1e-3));
console.log(Array.from(await p.data(), (value) => value.toFixed(2)).join(" ")); // 0.33 0.10
