import { type AdapterOptions, type FoundAdapter, requestDevice } from "./adapter.ts";
import { Choices } from "./choices/choices.ts";
import { loadTuned } from "./choices/store.ts";
import { WebGpuDevice } from "./device.ts";

/** Opens a device on an adapter. An adapter opens one device. */
export async function openAdapter(
  found: FoundAdapter,
  { kernelsFor = "adapter" }: AdapterOptions = {},
): Promise<WebGpuDevice> {
  const { id } = found;
  const choices = kernelsFor === "gpu"
    ? new Choices({ key: `${id.key} | kernels for a GPU`, kind: "unknown" })
    : new Choices(id, await loadTuned(id.key));
  return new WebGpuDevice(await requestDevice(found), { ...found, choices });
}
