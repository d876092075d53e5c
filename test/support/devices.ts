// The devices that suites run on: reference and cpu always, with one thread and with two, and WebGPU where the harness has put
// an adapter in place. They are opened once for all test files of a process.

import { type Device, openDevice, type WebGpuDevice } from "../../src/backend/mod.ts";
import { endings } from "./endings.ts";

const host = globalThis as typeof globalThis & {
  readonly TAPEGRAD_TEST_WEBGPU?: string;
  readonly process?: { readonly env: Readonly<Record<string, string | undefined>> };
};

/** Whether WebGPU is tested here: the harness says so, and then a missing adapter is a failure. */
export const hasWebGpu: boolean =
  (host.TAPEGRAD_TEST_WEBGPU ?? host.process?.env["TAPEGRAD_TEST_WEBGPU"]) === "1";

/** The reference device of all suites. */
export const reference: Device = await openDevice("reference");

/** The cpu device of all suites with the calling thread alone. */
export const cpuAlone: Device = await openDevice("cpu", { threads: 1 });

/** The cpu device of all suites with two threads, also where there is one processor. */
export const cpu: Device = await openDevice("cpu", { threads: 2 });

/** The WebGPU device of all suites. */
export const webgpu: WebGpuDevice | undefined = hasWebGpu ? await openWebGpu() : undefined;

// Dawn may crash when the process exits while the device still works.
if (webgpu !== undefined) endings.push(() => webgpu.sync());

/** A WebGPU device of one's own, to close or to break. */
export async function openWebGpu(): Promise<WebGpuDevice> {
  return await openDevice("webgpu") as WebGpuDevice;
}

/** Registers the same tests for every device. */
export function forEachDevice(register: (device: Device, label: string) => void): void {
  register(reference, "reference");
  register(cpuAlone, "cpu, 1 thread");
  register(cpu, "cpu, 2 threads");
  if (webgpu !== undefined) register(webgpu, "webgpu");
}

/** How far results may be from what is wanted: |got - want| <= atol + rtol * |want|. */
export interface Tolerance {
  readonly rtol?: number;
  readonly atol?: number;
}

/** Compares number by number. NaN equals NaN, and infinities must be the same. */
export function assertClose(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  { rtol = 1e-5, atol = 1e-6 }: Tolerance = {},
  what = "values",
): void {
  if (got.length !== want.length) {
    throw new Error(`${what}: got ${got.length} numbers, wanted ${want.length}`);
  }
  let worst = -1, most = 1;
  for (let i = 0; i < want.length; i++) {
    const a = got[i]!, b = want[i]!;
    if (Object.is(a, b) || a === b) continue;
    const excess = Math.abs(a - b) / (atol + rtol * Math.abs(b));
    if (excess <= most) continue;
    // NaN fails every comparison; nothing is worse.
    worst = i;
    most = Number.isNaN(excess) ? Infinity : excess;
  }
  if (worst < 0) return;
  throw new Error(
    `${what}: at index ${worst} got ${got[worst]}, wanted ${want[worst]}: ` +
      `${most.toPrecision(3)} times the tolerance (rtol ${rtol}, atol ${atol})`,
  );
}
