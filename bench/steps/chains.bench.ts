import type { Device } from "../../src/backend/mod.ts";
import { tidy } from "../../src/scope.ts";
import type { Shape } from "../../src/shape.ts";
import type { Tensor } from "../../src/tensor/mod.ts";
import { benchStep, place, type PlacedStep, uniform } from "../harness/mod.ts";

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

/** A hundred calls of an operation, each on the result of the one before. */
function chain(shape: Shape, next: (x: Tensor, y: Tensor) => Tensor): (device: Device) => PlacedStep {
  return (device) => {
    const x = place(uniform(shape, 1), device), y = place(uniform(shape, 2), device);
    const step = () =>
      tidy(() => {
        let result = x;
        for (let i = 0; i < 100; i++) result = next(result, y);
        return result;
      });
    return { step, holds: [x, y] };
  };
}

benchStep("CHAIN", {
  about: "100 dependent additions of 64 numbers: what the host does for a kernel",
  flops: 100 * 64,
  tolerance: { rtol: 1e-5, atol: 1e-5 },
  make: chain([64], (x, y) => x.add(y)),
});

// The numbers come near 0 on the way.
benchStep("CHAIN_mm", {
  about: "100 dependent products of matrices 8x8",
  flops: 100 * 2 * 8 ** 3,
  tolerance: { rtol: 1e-3, atol: 1e-5 },
  make: chain([8, 8], (x, y) => x.matmul(y)),
});
