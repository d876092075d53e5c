import { suite } from "uvu";
import { adam, amsgrad, sgd, sgdMomentum } from "../../src/kernels/mod.ts";
import { assertCpu, uniform } from "../support/cpu.ts";
import { host } from "../support/parity.ts";

const test = suite("optimisers on the cpu");

const SIZES = [0, 1, 3, 5, 64, 1000, 50_001];

test("sgd() and sgdMomentum() equal the reference", async () => {
  const scalars = host([4], [0.1, 0.01, 0.9, 1]), near = { rtol: 1e-6, atol: 1e-7 };
  for (const size of SIZES) {
    const [g, p, v] = [1, 2, 3].map((seed) => uniform([size], seed));
    const inputs = [g!, scalars];
    await assertCpu(sgd, { inputs, params: undefined, state: [p!] }, near);
    for (const nesterov of [false, true]) {
      await assertCpu(sgdMomentum, { inputs, params: { nesterov }, state: [p!, v!] }, near);
    }
  }
});

test("adam() and amsgrad() equal the reference", async () => {
  const scalars = host([9], [0.01, 1.1, 0.999, 0.01, 0.9, 0.1, 0.999, 0.001, 1e-8]);
  const near = { rtol: 2e-6, atol: 1e-6 };
  for (const size of SIZES) {
    const [g, p, mean] = [1, 2, 3].map((seed) => uniform([size], seed));
    const [square, largest] = [4, 5].map((seed) => uniform([size], seed, [0, 1]));
    const inputs = [g!, scalars], state = [p!, mean!, square!];
    await assertCpu(adam, { inputs, params: undefined, state }, near);
    await assertCpu(amsgrad, { inputs, params: undefined, state: [...state, largest!] }, near);
  }
});

test.run();
