import { type AdapterOptions, type FoundAdapter, requestDevice } from "./adapter.ts";
import { WebGpuDevice } from "./device.ts";

/** Opens a device on an adapter. An adapter opens one device. */
export async function openAdapter(
  found: FoundAdapter,
  { kernelsFor = "adapter" }: AdapterOptions = {},
): Promise<WebGpuDevice> {
  const gpu = await requestDevice(found);
  return new WebGpuDevice(gpu, { ...found, waits: kernelsFor === "gpu" || !found.software });
}
