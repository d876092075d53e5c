/**
 * The cpu device: kernels in WebAssembly with SIMD, on as many threads as the machine has. All
 * tensors lie in one shared memory; a call is done when it returns. Kernels without a twin here run
 * in plain TypeScript on the same memory, see FALLBACKS.
 *
 * @module
 */
import type { DType, TypedArray } from "../../dtype.ts";
import { BackendError, DisposedError, DTypeError } from "../../errors.ts";
import type { HostOperand, Kernel, Spec } from "../../kernels/mod.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import { DeviceBuffer } from "../buffer.ts";
import type { Device, Operand } from "../device.ts";
import { Ledger } from "../ledger.ts";
import { Crew } from "./crew.ts";
import { Heap } from "./heap.ts";
import { ARGUMENTS, heapStart, MOST_PAGES, PAGE } from "./layout.ts";
import type { KernelModule } from "./module.ts";
import { type Plan, Plans } from "./plans.ts";

/** Bytes of an element: all types here take four. */
const WORD = 4;

/** Where the elements of a buffer lie. */
interface Block {
  readonly address: number;
  free: boolean;
}

const VIEWS = { f32: Float32Array, i32: Int32Array, u32: Uint32Array } as const;

/** How to open it. */
export interface CpuOptions {
  /** Most bytes of all tensors together. Default 4 GiB, which is what addresses reach. */
  readonly maxBytes?: number;
  /** Why this device was taken and no other, for people. */
  readonly reason?: string | undefined;
}

/** Runs kernels in WebAssembly. */
export class CpuDevice implements Device {
  readonly backend = "cpu";
  readonly description: string;
  readonly dtypes: readonly DType[] = ["f32", "i32", "u32"];
  readonly ledger: Ledger = new Ledger();
  /** Threads that work on a call. */
  readonly threads: number;
  readonly #module: KernelModule;
  readonly #crew: Crew;
  readonly #heap: Heap;
  readonly #plans: Plans;
  #words: Int32Array;

  constructor(module: KernelModule, threads: number, options: CpuOptions = {}) {
    const { maxBytes = MOST_PAGES * PAGE, reason } = options;
    this.threads = threads;
    this.#module = module;
    this.#crew = new Crew(module, threads);
    this.#heap = new Heap(module.memory, heapStart(threads), maxBytes);
    this.#plans = new Plans(module);
    this.#words = new Int32Array(module.memory.buffer, ARGUMENTS, 1024);
    const what = `WebAssembly ${module.build}, ${threads} thread${threads === 1 ? "" : "s"}`;
    this.description = reason === undefined ? what : `${what} (${reason})`;
  }

  upload(data: TypedArray, dtype: DType): DeviceBuffer {
    if (!this.dtypes.includes(dtype)) {
      throw new DTypeError(
        `Cannot upload ${dtype} elements to the cpu device: it holds ${this.dtypes.join(", ")}, ` +
          "use the reference device",
      );
    }
    const buffer = this.#allocate({ shape: [data.length], dtype });
    this.#view(buffer).set(data);
    return buffer;
  }

  write(buffer: DeviceBuffer, data: TypedArray): void {
    this.#view(buffer).set(data);
    buffer.touch();
  }

  run<P>(
    kernel: Kernel<P>,
    inputs: readonly Operand[],
    params: P,
    updates: readonly Operand[] = [],
  ): readonly Operand[] {
    const plan = this.#plans.get(kernel, inputs, params);
    const outputs = plan.outputs.map((spec, i): Operand => {
      const updated = updates[i];
      if (updated === undefined) return { ...spec, buffer: this.#allocate(spec) };
      updated.buffer.touch();
      return updated;
    });
    if (plan.calls === undefined) this.#fallBack(kernel, inputs, outputs, params);
    else this.#execute(plan, inputs, outputs);
    this.ledger.call(kernel.name);
    return outputs;
  }

  #execute(plan: Plan, inputs: readonly Operand[], outputs: readonly Operand[]): void {
    const scratch = plan.scratchBytes.map((bytes) => this.#heap.take(bytes, "scratch"));
    const addresses = [...inputs, ...outputs].map(({ buffer }) => this.#address(buffer));
    addresses.push(...scratch);
    const words = this.#words;
    try {
      for (const { entry, operands, words: given, tasks } of plan.calls!) {
        let at = 0;
        for (const operand of operands) words[at++] = addresses[operand]!;
        for (const word of given) words[at++] = word;
        this.#crew.run(entry, ARGUMENTS, tasks);
      }
    } finally {
      scratch.forEach((address, i) => this.#heap.give(address, plan.scratchBytes[i]!));
    }
  }

  /** Runs the reference twin on the memory. */
  #fallBack<P>(
    kernel: Kernel<P>,
    inputs: readonly Operand[],
    outputs: readonly Operand[],
    params: P,
  ): void {
    const host = ({ shape, dtype, buffer }: Operand): HostOperand => {
      return { shape, dtype, data: this.#view(buffer) };
    };
    for (const { buffer } of outputs.slice(kernel.updates ?? 0)) this.#view(buffer).fill(0);
    kernel.reference(inputs.map(host), outputs.map(host), params);
    this.ledger.count(`fallback ${kernel.name}`);
  }

  read(buffers: readonly DeviceBuffer[]): Promise<TypedArray[]> {
    this.ledger.readbacks++;
    return Promise.resolve(buffers.map((buffer) => this.#view(buffer).slice()));
  }

  sync(): Promise<void> {
    return Promise.resolve();
  }

  pace(): Promise<void> {
    return Promise.resolve();
  }

  free(buffer: DeviceBuffer): void {
    const block = buffer.handle as Block;
    block.free = true;
    this.#heap.give(block.address, buffer.size * WORD);
    this.ledger.give(buffer.size * WORD);
    this.ledger.pooledBytes = this.#heap.freeBytes;
  }

  close(): void {
    this.#crew.close();
  }

  #allocate({ shape, dtype }: Spec): DeviceBuffer {
    const size = sizeOf(shape);
    const what = `a tensor of shape ${formatShape(shape)}`;
    const block: Block = { address: this.#heap.take(size * WORD, what), free: false };
    this.ledger.take(size * WORD);
    return new DeviceBuffer(this, dtype, size, block);
  }

  #address(buffer: DeviceBuffer): number {
    if (buffer.device !== this) {
      throw new BackendError(
        `Cannot use a buffer of another device (${buffer.device.description}) on ` +
          `${this.description}: all operands must live on one device, use to(device)`,
      );
    }
    const block = buffer.handle as Block;
    if (!block.free) return block.address;
    throw new DisposedError("Cannot use a buffer that was already freed: keep() it while in use");
  }

  #view(buffer: DeviceBuffer): TypedArray {
    const View = VIEWS[buffer.dtype as keyof typeof VIEWS];
    return new View(this.#module.memory.buffer, this.#address(buffer), buffer.size) as TypedArray;
  }
}
