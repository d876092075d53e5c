// Chains of small kernels: what the host does for each.

import type { Device } from "../../src/backend/mod.ts";
import { tidy } from "../../src/scope.ts";
import { capture, type Tensor } from "../../src/tensor/mod.ts";
import { type Data, place, type PlacedStep } from "../harness/mod.ts";

/** How many operations a chain has. */
export const LENGTH: number = 100;

/** How to run a chain. */
export interface ChainOptions {
  /** Whether it is replayed. Default false: kernel by kernel. */
  readonly captured?: boolean;
}

/** x = next(x, y), a hundred times. */
export function chain(
  [first, other]: readonly [Data, Data],
  next: (x: Tensor, y: Tensor) => Tensor,
  { captured = false }: ChainOptions = {},
): (device: Device) => PlacedStep {
  return (device) => {
    const start = place(first, device), y = place(other, device);
    const all = (x: Tensor, y: Tensor): Tensor =>
      tidy(() => {
        for (let i = 0; i < LENGTH; i++) x = next(x, y);
        return x;
      });
    const replayed = capture(all);
    const run = captured ? replayed : all;
    return { step: () => run(start, y), holds: [replayed, start, y] };
  };
}
