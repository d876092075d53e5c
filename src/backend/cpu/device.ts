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
import type { BoundCall, Device, Observer, Operand, PreparedCalls } from "../device.ts";
import { Ledger } from "../ledger.ts";
import { checkUpdates } from "../updates.ts";
import { CpuCalls } from "./calls.ts";
import { Crew } from "./crew.ts";
import { Heap } from "./heap.ts";
import { ARGUMENTS, heapStart, MOST_PAGES, PAGE } from "./layout.ts";
import type { KernelModule } from "./module.ts";
import { type Plan, Plans } from "./plans.ts";
import { Views } from "./views.ts";

/** Bytes of an element: all types here take four. */
const WORD = 4;

/** Memory that was taken. */
interface Block {
  free: boolean;
}

/** Where the elements of a buffer lie, and in whose memory. */
interface Place {
  readonly block: Block;
  readonly address: number;
}

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
  readonly contracts = false;
  readonly finishes = false;
  readonly sharing = "beside";
  observer: Observer | undefined;
  readonly isLost = false;
  readonly generation = 0;
  /** Threads that work on a call. */
  readonly threads: number;
  readonly #crew: Crew;
  readonly #heap: Heap;
  readonly #plans: Plans;
  readonly #views: Views;

  constructor(module: KernelModule, threads: number, options: CpuOptions = {}) {
    const { maxBytes = MOST_PAGES * PAGE, reason } = options;
    this.threads = threads;
    this.#crew = new Crew(module, threads);
    this.#heap = new Heap(module.memory, heapStart(threads), maxBytes);
    this.#plans = new Plans(module);
    this.#views = new Views(module.memory);
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
    const buffer = this.allocate({ shape: [data.length], dtype });
    this.#view(buffer).set(data);
    this.observer?.uploaded(buffer, data);
    return buffer;
  }

  allocate({ shape, dtype }: Spec): DeviceBuffer {
    const size = sizeOf(shape);
    const what = `a tensor of shape ${formatShape(shape)}`;
    const address = this.#heap.take(size * WORD, what);
    const place: Place = { block: { free: false }, address };
    this.ledger.take(size * WORD);
    return new DeviceBuffer(this, dtype, size, place);
  }

  reserve(bytes: number): DeviceBuffer {
    return this.allocate({ shape: [Math.ceil(bytes / WORD)], dtype: "u32" });
  }

  share(buffer: DeviceBuffer, { shape, dtype }: Spec, offset: number = 0): DeviceBuffer {
    const address = this.#address(buffer) + offset, { block } = buffer.handle as Place;
    const place: Place = { block, address };
    return new DeviceBuffer(this, dtype, sizeOf(shape), place, buffer);
  }

  write(buffer: DeviceBuffer, data: TypedArray): void {
    this.observer?.refuse("write to a tensor");
    this.#views.as(buffer.dtype).set(data, this.#address(buffer) / WORD);
    buffer.touch();
  }

  copy(from: DeviceBuffer, to: DeviceBuffer): void {
    const source = this.#address(from), target = this.#address(to);
    this.#views.bytes.copyWithin(target, source, source + from.size * WORD);
    to.touch();
  }

  prepare(calls: readonly BoundCall[], args: readonly DeviceBuffer[]): PreparedCalls {
    return new CpuCalls({ calls, args }, {
      crew: this.#crew,
      heap: this.#heap,
      ledger: this.ledger,
      views: this.#views,
      planOf: ({ kernel, inputs, params }) => this.#plans.get(kernel, inputs, params),
      addressOf: (buffer) => this.#address(buffer),
      fallBack: ({ kernel, inputs, outputs, params }) => {
        this.#fallBack(kernel, inputs, outputs, params);
      },
    });
  }

  run<P>(
    kernel: Kernel<P>,
    inputs: readonly Operand[],
    params: P,
    updates: readonly Operand[] = [],
  ): readonly Operand[] {
    const plan = this.#plans.get(kernel, inputs, params);
    checkUpdates(kernel, updates.length, plan.outputs.length);
    const outputs = plan.outputs.map((spec, i): Operand => {
      const updated = updates[i];
      if (updated === undefined) return { ...spec, buffer: this.allocate(spec) };
      updated.buffer.touch();
      return updated;
    });
    if (plan.calls === undefined) this.#fallBack(kernel, inputs, outputs, params);
    else this.#execute(plan, inputs, outputs);
    this.ledger.call(kernel.name);
    this.observer?.ran(kernel, inputs, outputs, params);
    return outputs;
  }

  #execute(plan: Plan, inputs: readonly Operand[], outputs: readonly Operand[]): void {
    const scratch = plan.scratchBytes.map((bytes) => this.#heap.take(bytes, "scratch"));
    const addresses = [...inputs, ...outputs].map(({ buffer }) => this.#address(buffer));
    addresses.push(...scratch);
    const words = this.#views.as("i32");
    try {
      for (const { entry, operands, words: given, tasks } of plan.calls!) {
        let at = ARGUMENTS / WORD;
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
    this.observer?.refuse("read a tensor");
    this.ledger.readbacks++;
    return Promise.resolve(buffers.map((buffer) => this.#view(buffer).slice()));
  }

  sync(): Promise<void> {
    return Promise.resolve();
  }

  pace(): Promise<void> {
    return Promise.resolve();
  }

  restore(): Promise<void> {
    return Promise.resolve();
  }

  free(buffer: DeviceBuffer): void {
    const { block, address } = buffer.handle as Place;
    block.free = true;
    this.#heap.give(address, buffer.size * WORD);
    this.ledger.give(buffer.size * WORD);
    this.ledger.pooledBytes = this.#heap.freeBytes;
  }

  close(): void {
    this.#crew.close();
  }

  #address(buffer: DeviceBuffer): number {
    if (buffer.device !== this) {
      throw new BackendError(
        `Cannot use a buffer of another device (${buffer.device.description}) on ` +
          `${this.description}: all operands must live on one device, use to(device)`,
      );
    }
    const { block, address } = buffer.handle as Place;
    if (!block.free) return address;
    throw new DisposedError("Cannot use a buffer that was already freed: keep() it while in use");
  }

  #view(buffer: DeviceBuffer): TypedArray {
    const begin = this.#address(buffer) / WORD;
    return this.#views.as(buffer.dtype).subarray(begin, begin + buffer.size) as TypedArray;
  }
}
