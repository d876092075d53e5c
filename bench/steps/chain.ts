// Chains of small kernels: what the host does for each.

import type { Device } from "../../src/backend/mod.ts";
import { tidy } from "../../src/scope.ts";
import type { Tensor } from "../../src/tensor/mod.ts";
import { type Data, place, type PlacedStep } from "../harness/mod.ts";

/** How many operations a chain has. */
export const LENGTH: number = 100;

/** x = next(x, y), a hundred times. */
export function chain(
  [first, other]: readonly [Data, Data],
  next: (x: Tensor, y: Tensor) => Tensor,
): (device: Device) => PlacedStep {
  return (device) => {
    const start = place(first, device), y = place(other, device);
    const step = () =>
      tidy(() => {
        let x = start;
        for (let i = 0; i < LENGTH; i++) x = next(x, y);
        return x;
      });
    return { step, holds: [start, y] };
  };
}
