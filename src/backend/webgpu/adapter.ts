/**
 * Finding an adapter, telling software from hardware, and opening a GPUDevice with what kernels
 * can use of it.
 *
 * @module
 */
import { ENGINE, REMEDY, requestGpu } from "#platform";
import { BackendError } from "../../errors.ts";
import { type AdapterId, keyOf, kindOf } from "./choices/adapters.ts";

/** Which adapter to ask for. */
export interface AdapterOptions {
  /** On machines with two GPUs. Default "high-performance". */
  readonly powerPreference?: "high-performance" | "low-power";
  /**
   * What kernels are chosen for. "gpu" chooses what a GPU that nobody knows would run, to count and
   * to test it; on a software adapter it is slow. Default "adapter", by what is known of it and what
   * `tune` measured on it.
   */
  readonly kernelsFor?: "adapter" | "gpu";
}

/** An adapter that was found. */
export interface FoundAdapter {
  readonly adapter: GPUAdapter;
  /** Whether it runs on the CPU. */
  readonly software: boolean;
  /** What it is, for people. */
  readonly description: string;
  /** What it is, for choosing kernels. */
  readonly id: AdapterId;
}

/** Software renderers, by what they say of themselves. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b|\bcpu\b/i;

const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
] as const;

const FEATURES: readonly GPUFeatureName[] = ["shader-f16", "subgroups", "timestamp-query"];

/** Asks the platform for an adapter. Throws BackendError that says what was tried. */
export async function findAdapter(options: AdapterOptions = {}): Promise<FoundAdapter> {
  const gpu = await requestGpu();
  const adapter = await gpu.requestAdapter({
    powerPreference: options.powerPreference ?? "high-performance",
  });
  if (adapter === null) {
    throw new BackendError(
      `Cannot open a WebGPU device: ${ENGINE} found no adapter, ${REMEDY} or open "cpu"`,
    );
  }
  // Old Safari and Deno lack info or some of its fields; some report the flag on the adapter.
  const info = (adapter.info ?? {}) as Partial<GPUAdapterInfo>;
  const flags = adapter as { readonly isFallbackAdapter?: boolean };
  const words = [info.vendor, info.architecture, info.device, info.description].join(" ");
  const software = info.isFallbackAdapter === true || flags.isFallbackAdapter === true ||
    SOFTWARE.test(words);
  const limits = LIMITS.map((name) => adapter.limits[name] ?? 0);
  const id = { key: keyOf(info, { engine: ENGINE, limits }), kind: kindOf(info, software) };
  return { adapter, software, description: describe(info, software), id };
}

/** Vendors and devices are words on Dawn and PCI numbers on wgpu; numbers tell people nothing. */
function describe(info: Partial<GPUAdapterInfo>, software: boolean): string {
  const isWord = (text: string | undefined): boolean => !!text && !/^(0x)?[0-9a-f]*$/i.test(text);
  const kind = [info.vendor, info.architecture].filter(isWord).join(" ");
  const name = [info.description, info.device].find(isWord);
  const what = [kind, name].filter(Boolean).join(": ") || "unnamed GPU";
  return `${what} (${ENGINE}${software ? ", software adapter" : ""})`;
}

/** Opens the adapter with its largest buffers and the optional features that kernels know. */
export async function requestDevice({ adapter, description }: FoundAdapter): Promise<GPUDevice> {
  const requiredLimits: Record<string, number> = {};
  for (const name of LIMITS) {
    const limit = adapter.limits[name];
    if (limit !== undefined) requiredLimits[name] = limit;
  }
  const requiredFeatures = FEATURES.filter((name) => adapter.features.has(name));
  try {
    return await adapter.requestDevice({ label: "tapegrad", requiredFeatures, requiredLimits });
  } catch (error) {
    throw new BackendError(
      `Cannot open a WebGPU device: ${description} refused (${error}), ` +
        'update its driver or open "cpu"',
    );
  }
}
