import { BackendError } from "../../errors.ts";
import { type AdapterOptions, findAdapter, type FoundAdapter, requestDevice } from "./adapter.ts";
import { Choices } from "./choices/choices.ts";
import { loadTuned } from "./choices/store.ts";
import { WebGpuDevice } from "./device.ts";

/** Opens a device on an adapter. An adapter opens one device. */
export async function openAdapter(
  found: FoundAdapter,
  options: AdapterOptions = {},
): Promise<WebGpuDevice> {
  const { id } = found, { kernelsFor = "adapter" } = options;
  const choices = kernelsFor === "gpu"
    ? new Choices({ key: `${id.key} | kernels for a GPU`, kind: "unknown" })
    : new Choices(id, await loadTuned(id.key));
  const reopen = () => reopenAdapter(found, options);
  return new WebGpuDevice(await requestDevice(found), { ...found, choices, reopen });
}

/**
 * Another GPUDevice on the same adapter, after the first was lost. Throws BackendError when there is
 * none, or one with other limits.
 */
export async function reopenAdapter(
  { id, description }: FoundAdapter,
  options: AdapterOptions = {},
): Promise<GPUDevice> {
  // The adapter of a lost device opens no other.
  const found = await findAdapter(options);
  if (found.id.key === id.key) return await requestDevice(found);
  throw new BackendError(
    `Cannot restore ${description}: the adapter is now ${found.description}, ` +
      "open it as another device and load a checkpoint",
  );
}
