/**
 * The devices that are timed: those that this machine has.
 *
 * @module
 */
import { CpuDevice, type Device, openDevice, WebGpuDevice } from "../../src/backend/mod.ts";
import { BackendError } from "../../src/errors.ts";
import type { Limits } from "../machine/share.ts";
import { measureGpu } from "../machine/webgpu.ts";

/** A device in the tables. */
export interface BenchDevice {
  /** Its backend; a software adapter says so, since its times say nothing about a GPU. */
  readonly name: string;
  readonly device: Device;
  /** Threads of a cpu device, whose rates are compared with what the machine can do. */
  readonly threads?: number;
  /** What it can do, where that was measured with the device itself: on WebGPU. */
  readonly limits?: Limits | undefined;
  /** Operations of the largest work that it gets. */
  readonly limit: number;
  /** Share of the time for a work that it gets. Default 1. */
  readonly patience?: number;
}

/** What was opened, and why the rest was not. */
export interface Opened {
  readonly reference: Device;
  readonly devices: readonly BenchDevice[];
  readonly missing: readonly string[];
}

/** About ten seconds a call on a device that runs on the CPU without SIMD. */
const SLOW = 5e9;

/** Opens the devices. A software adapter counts only where it is asked for. */
export async function openDevices(
  options: { readonly only: string | undefined; readonly software: boolean },
): Promise<Opened> {
  const { only, software } = options;
  const reference = await openDevice("reference");
  // Slow, and there to be compared with: a rough figure will do.
  const plain = { name: "reference", device: reference, limit: SLOW, patience: 0.25 };
  const devices: BenchDevice[] = [plain];
  const missing: string[] = [];
  const cpus = only === undefined || only === "cpu" ? await openCpus() : [];
  if (typeof cpus === "string") missing.push(cpus);
  else devices.push(...cpus);
  const webgpu = only === undefined || only === "webgpu" ? await openGpu(software) : undefined;
  if (typeof webgpu === "string") missing.push(webgpu);
  else if (webgpu !== undefined) devices.push(webgpu);
  const wanted = devices.filter(({ device }) => (only ?? device.backend) === device.backend);
  return { reference, devices: wanted, missing };
}

/** The cpu device with one thread, and with one thread per processor. */
async function openCpus(): Promise<readonly BenchDevice[] | string> {
  const all = await openDevice("cpu");
  if (!(all instanceof CpuDevice)) return `cpu: ${all.description}`;
  const { threads } = all;
  const many = { name: `cpu, ${threads} threads`, device: all, threads, limit: Infinity };
  const single = threads === 1 ? all : await openDevice("cpu", { threads: 1 });
  const one = { name: "cpu, 1 thread", device: single, threads: 1, limit: Infinity };
  return threads === 1 ? [one] : [one, many];
}

async function openGpu(software: boolean): Promise<BenchDevice | string> {
  const device = await openDevice("webgpu").catch((error: unknown) => {
    if (error instanceof BackendError) return `webgpu: ${error.message}`;
    throw error;
  });
  if (!(device instanceof WebGpuDevice)) return typeof device === "string" ? device : "";
  if (!device.software) return { name: "webgpu", device, limit: Infinity };
  if (software) return { name: "webgpu, software", device, limit: SLOW };
  device.close();
  return `webgpu: there is only ${device.description}, --software times it`;
}

/** The same devices, and what the WebGPU device among them can do. Takes about a second. */
export async function withLimits(devices: readonly BenchDevice[]): Promise<BenchDevice[]> {
  return await Promise.all(devices.map(async (it): Promise<BenchDevice> => {
    const { device } = it;
    return device.backend === "webgpu" ? { ...it, limits: await measureGpu(device) } : it;
  }));
}
