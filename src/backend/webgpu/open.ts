import { type FoundAdapter, requestDevice } from "./adapter.ts";
import { WebGpuDevice } from "./device.ts";

/** Opens a device on an adapter. An adapter opens one device. */
export async function openAdapter(found: FoundAdapter): Promise<WebGpuDevice> {
  return new WebGpuDevice(await requestDevice(found), found);
}
