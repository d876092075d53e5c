import { tidy } from "../../src/scope.ts";
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

benchStep("CHAIN", {
  about: "100 dependent additions of 64 numbers: what the host does for a kernel",
  flops: 100 * 64,
  tolerance: { rtol: 1e-5, atol: 1e-5 },
  make: chain([uniform([64], 1), uniform([64], 2)], (x, y) => x.add(y)),
});

// The numbers come near 0 on the way.
benchStep("CHAIN_mm", {
  about: "100 dependent products of matrices 8x8",
  flops: 100 * 2 * 8 ** 3,
  tolerance: { rtol: 1e-3, atol: 1e-5 },
  make: chain([uniform([8, 8], 1), uniform([8, 8], 2)], (x, y) => x.matmul(y)),
});
