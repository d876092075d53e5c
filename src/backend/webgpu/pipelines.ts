/**
 * Compute pipelines by shader text, under bind group layouts shared by all shaders with the same
 * bindings, so that bind groups serve every pipeline of a layout.
 *
 * @module
 */
import { BackendError } from "../../errors.ts";
import type { Ledger } from "../ledger.ts";
import { COMPUTE } from "./constants.ts";
import type { Faults } from "./faults.ts";

/** Bindings of a shader: how many, and which of them are only read. */
export interface Layout {
  readonly id: number;
  readonly groups: GPUBindGroupLayout;
}

/** What pipelines need of their device. */
interface Host {
  readonly device: GPUDevice;
  readonly faults: Faults;
}

/** A shader that is compiled, or on the way there. */
export class Pipeline {
  /** Name of its kernel. */
  readonly kernel: string;
  readonly layout: Layout;
  /** Null while it is being compiled. */
  gpu: GPUComputePipeline | null = null;
  /** Resolves when `gpu` is there. */
  readonly compiled: Promise<void>;
  /** Why it cannot run, once that is known. */
  error: BackendError | undefined;
  readonly #code: string;
  readonly #host: Host;

  constructor(kernel: string, code: string, layout: Layout, host: Host) {
    this.kernel = kernel;
    this.layout = layout;
    this.#code = code;
    this.#host = host;
    this.compiled = this.#start();
  }

  /** Compiles it here and now, unless it is ready. */
  compile(): void {
    if (this.gpu !== null) return;
    const { device, faults } = this.#host, { kernel } = this, code = this.#code;
    device.pushErrorScope("validation");
    const descriptor = this.#describe();
    this.gpu = device.createComputePipeline(descriptor);
    faults.watch(device.popErrorScope(), async (error) => {
      const detail = await compilationErrors(descriptor.compute.module) || error.message;
      this.error = new BackendError(
        `Cannot compile kernel ${kernel} for WebGPU: ${detail.trim()}`,
        { kernel, code },
      );
      return this.error;
    });
  }

  async #start(): Promise<void> {
    const { device } = this.#host;
    // Deno had no such method for long.
    if (device.createComputePipelineAsync === undefined) return this.compile();
    try {
      device.pushErrorScope("validation");
      const descriptor = this.#describe();
      device.popErrorScope().catch(() => {});
      const made = await device.createComputePipelineAsync(descriptor);
      this.gpu ??= made;
    } catch {
      // The other call tells what is wrong with it.
      this.compile();
    }
  }

  #describe(): GPUComputePipelineDescriptor {
    const { kernel: label, layout: { groups } } = this, { device } = this.#host;
    return {
      label,
      // One for each pipeline: wgpu learns how large a shader's bindings must be only where the
      // layout changes, and would check those of the pipeline before.
      layout: device.createPipelineLayout({ bindGroupLayouts: [groups] }),
      compute: {
        module: device.createShaderModule({ label, code: this.#code }),
        entryPoint: "main",
      },
    };
  }
}

/** Makes and keeps pipelines. */
export class Pipelines {
  readonly #host: Host;
  readonly #ledger: Ledger;
  readonly #layouts: Map<string, Layout> = new Map();
  readonly #pipelines: Map<string, Pipeline> = new Map();

  constructor(device: GPUDevice, faults: Faults, ledger: Ledger) {
    this.#host = { device, faults };
    this.#ledger = ledger;
  }

  /** The pipeline of this text. `readOnly` tells for every binding whether it is only read. */
  get(kernel: string, code: string, readOnly: readonly boolean[]): Pipeline {
    const layout = this.#layout(kernel, readOnly);
    const key = `${layout.id} ${code}`;
    let pipeline = this.#pipelines.get(key);
    if (pipeline === undefined) {
      this.#ledger.count("pipelines");
      pipeline = new Pipeline(kernel, code, layout, this.#host);
      this.#pipelines.set(key, pipeline);
    }
    return pipeline;
  }

  /** Forgets all pipelines. */
  clear(): void {
    this.#pipelines.clear();
  }

  #layout(kernel: string, readOnly: readonly boolean[]): Layout {
    const key = readOnly.map((only) => only ? "r" : "w").join("");
    const known = this.#layouts.get(key);
    if (known !== undefined) return known;
    const { device } = this.#host, most = device.limits.maxStorageBuffersPerShaderStage;
    if (readOnly.length > most) {
      throw new BackendError(
        `Cannot run ${kernel}: its dispatch binds ${readOnly.length} buffers, ` +
          `this device takes at most ${most}`,
        { kernel },
      );
    }
    const groups = device.createBindGroupLayout({
      label: key,
      entries: readOnly.map((only, binding) => ({
        binding,
        visibility: COMPUTE,
        buffer: { type: only ? "read-only-storage" : "storage" },
      })),
    });
    const layout = { id: this.#layouts.size, groups };
    this.#layouts.set(key, layout);
    return layout;
  }
}

/** The compiler's errors with line and column, or "" when it has none or cannot tell. */
async function compilationErrors(module: GPUShaderModule): Promise<string> {
  try {
    const { messages } = await module.getCompilationInfo();
    return messages.filter((message) => message.type === "error")
      .map((message) => `${message.lineNum}:${message.linePos} ${message.message.trim()}`)
      .join("; ");
  } catch {
    return "";
  }
}
