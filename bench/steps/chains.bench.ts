import { tidy } from "../../src/scope.ts";
import type { Tensor } from "../../src/tensor/mod.ts";
import { benchStep, place, uniform } from "../harness/mod.ts";
import { chain } from "./chain.ts";

const matrix = uniform([4096, 1024], 6);

benchStep("W6a", {
  about: "sum of tanh(2 x + 1) over the last axis of [4096, 1024]",
  flops: 4 * 4096 * 1024,
  bytes: 4 * (4096 * 1024 + 4096),
  tolerance: { rtol: 1e-5, atol: 1e-2 },
  make(device) {
    const x = place(matrix, device);
    return { step: () => tidy(() => x.mul(2).add(1).tanh().sum(-1)), holds: [x] };
  },
});

const sums = {
  about: "100 dependent additions of 64 numbers: what the host does for a kernel",
  flops: 100 * 64,
  tolerance: { rtol: 1e-5, atol: 1e-5 },
  compared: 4,
};
const vectors = [uniform([64], 1), uniform([64], 2)] as const;
const add = (x: Tensor, y: Tensor): Tensor => x.add(y);

benchStep("CHAIN", { ...sums, make: chain(vectors, add) });
benchStep("CHAIN captured", { ...sums, make: chain(vectors, add, { captured: true }) });

// The numbers come near 0 on the way.
const products = {
  about: "100 dependent products of matrices 8x8",
  flops: 100 * 2 * 8 ** 3,
  tolerance: { rtol: 1e-3, atol: 1e-5 },
  compared: 4,
};
const matrices = [uniform([8, 8], 1), uniform([8, 8], 2)] as const;
const multiply = (x: Tensor, y: Tensor): Tensor => x.matmul(y);

benchStep("CHAIN_mm", { ...products, make: chain(matrices, multiply) });
benchStep("CHAIN_mm captured", {
  ...products,
  make: chain(matrices, multiply, { captured: true }),
});
