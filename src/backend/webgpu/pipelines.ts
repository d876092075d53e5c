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

/** A compiled shader. */
export interface Pipeline {
  readonly gpu: GPUComputePipeline;
  readonly layout: Layout;
  /** Why it cannot run, once that is known. */
  error: BackendError | undefined;
}

/** Makes and keeps pipelines. */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #faults: Faults;
  readonly #ledger: Ledger;
  readonly #layouts: Map<string, Layout> = new Map();
  readonly #pipelines: Map<string, Pipeline> = new Map();

  constructor(device: GPUDevice, faults: Faults, ledger: Ledger) {
    this.#device = device;
    this.#faults = faults;
    this.#ledger = ledger;
  }

  /** The pipeline of this text. `readOnly` tells for every binding whether it is only read. */
  get(kernel: string, code: string, readOnly: readonly boolean[]): Pipeline {
    const layout = this.#layout(kernel, readOnly);
    const key = `${layout.id} ${code}`;
    let pipeline = this.#pipelines.get(key);
    if (pipeline === undefined) {
      this.#pipelines.set(key, pipeline = this.#make(kernel, code, layout));
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
    const most = this.#device.limits.maxStorageBuffersPerShaderStage;
    if (readOnly.length > most) {
      throw new BackendError(
        `Cannot run ${kernel}: its dispatch binds ${readOnly.length} buffers, ` +
          `this device takes at most ${most}`,
        { kernel },
      );
    }
    const groups = this.#device.createBindGroupLayout({
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

  #make(kernel: string, code: string, layout: Layout): Pipeline {
    this.#ledger.count("pipelines");
    this.#device.pushErrorScope("validation");
    const module = this.#device.createShaderModule({ label: kernel, code });
    // The synchronous call: it exists everywhere, and the dispatch comes next anyway.
    const gpu = this.#device.createComputePipeline({
      label: kernel,
      // One for each pipeline: wgpu learns how large a shader's bindings must be only where the
      // layout changes, and would check those of the pipeline before.
      layout: this.#device.createPipelineLayout({ bindGroupLayouts: [layout.groups] }),
      compute: { module, entryPoint: "main" },
    });
    const pipeline: Pipeline = { gpu, layout, error: undefined };
    this.#faults.watch(this.#device.popErrorScope(), async (error) => {
      const detail = await compilationErrors(module) || error.message;
      pipeline.error = new BackendError(
        `Cannot compile kernel ${kernel} for WebGPU: ${detail.trim()}`,
        { kernel, code },
      );
      return pipeline.error;
    });
    return pipeline;
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
