/**
 * The whole stack in one walk, from numbers on a device to an attack, with what each floor adds.
 *
 * Run: npx tsx --conditions=source examples/tour.ts
 */
import { Adam, apply, explain, fgsm, format, init, rand, RandomStream, tensor } from "tapegrad";
import { Conv2d, Flatten, Linear, ReLU, Sequential, tidy } from "tapegrad";

// 1. A device holds numbers and runs kernels. Its ledger counts both.
const device = await init({ device: "reference" });
const { ledger } = device;
console.log(device.backend, device.dtypes); // reference [ 'f32', 'f64', 'i32', 'u32' ]

/** The kernels that ran since the last call. */
let before = new Map<string, number>();
function ran(): string {
  const counts = [...ledger.calls].map(([name, n]) => [name, n - (before.get(name) ?? 0)] as const);
  before = new Map(ledger.calls);
  return counts.filter(([, n]) => n > 0).map(([name, n]) => n > 1 ? `${n} ${name}` : name).join(", ");
}

// 2. A tensor is a shape over a buffer of the device. A method runs a kernel; nothing waits.
const a = tensor([[1, 2], [3, 4]]);
const product = a.matmul(a);
console.log(await format(product), ran());
