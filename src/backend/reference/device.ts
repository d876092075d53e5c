/**
 * The reference device: kernels in plain TypeScript on typed arrays, done when the call returns.
 * It is the specification that the other backends are checked against.
 *
 * @module
 */
import { allocate, bytesPer, type DType, DTYPES, type TypedArray } from "../../dtype.ts";
import { BackendError, DisposedError } from "../../errors.ts";
import type { HostOperand, Kernel, Spec } from "../../kernels/mod.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import { DeviceBuffer } from "../buffer.ts";
import type { BoundCall, Device, Observer, Operand, PreparedCalls } from "../device.ts";
import { Ledger } from "../ledger.ts";
import { checkUpdates } from "../updates.ts";
import { oneByOne } from "../capture/one_by_one.ts";

/** Runs kernels in plain TypeScript. */
export class ReferenceDevice implements Device {
  readonly backend = "reference";
  readonly description: string;
  readonly dtypes: readonly DType[] = DTYPES;
  readonly ledger: Ledger = new Ledger();
  readonly contracts = false;
  readonly finishes = false;
  readonly sharing = "beside";
  observer: Observer | undefined;
  readonly isLost = false;
  readonly generation = 0;

  /** `reason` tells people why this device was taken and no other. */
  constructor(reason?: string) {
    const what = "plain TypeScript, one thread";
    this.description = reason === undefined ? what : `${what} (${reason})`;
  }

  upload(data: TypedArray, dtype: DType): DeviceBuffer {
    const buffer = this.#buffer(dtype, data.slice());
    this.observer?.uploaded(buffer, data);
    return buffer;
  }

  allocate(spec: Spec): DeviceBuffer {
    try {
      return this.#buffer(spec.dtype, allocate(spec.dtype, sizeOf(spec.shape)));
    } catch (cause) {
      throw new BackendError(
        `Cannot allocate a tensor of shape ${formatShape(spec.shape)}: ` +
          `${
            sizeOf(spec.shape) * bytesPer(spec.dtype)
          } bytes are more than the host gives (${cause})`,
      );
    }
  }

  reserve(bytes: number): DeviceBuffer {
    return this.allocate({ shape: [Math.ceil(bytes / 4)], dtype: "u32" });
  }

  share(buffer: DeviceBuffer, { shape, dtype }: Spec, offset: number = 0): DeviceBuffer {
    const elements = elementsOf(buffer), memory = elements.buffer as ArrayBuffer;
    const size = sizeOf(shape), begin = elements.byteOffset + offset;
    const View = allocate(dtype, 0).constructor as new (
      memory: ArrayBuffer,
      offset: number,
      size: number,
    ) => TypedArray;
    return new DeviceBuffer(this, dtype, size, new View(memory, begin, size), buffer);
  }

  write(buffer: DeviceBuffer, data: TypedArray): void {
    this.observer?.refuse("write to a tensor");
    elementsOf(buffer).set(data);
    buffer.touch();
  }

  copy(from: DeviceBuffer, to: DeviceBuffer): void {
    elementsOf(to).set(elementsOf(from));
    to.touch();
  }

  prepare(calls: readonly BoundCall[], args: readonly DeviceBuffer[]): PreparedCalls {
    return oneByOne(this, calls, args);
  }

  run<P>(
    kernel: Kernel<P>,
    inputs: readonly Operand[],
    params: P,
    updates: readonly Operand[] = [],
  ): readonly Operand[] {
    const specs = kernel.outputs(inputs, params);
    checkUpdates(kernel, updates.length, specs.length);
    const outputs = specs.map((spec, i): Operand => {
      const updated = updates[i];
      if (updated === undefined) return { ...spec, buffer: this.allocate(spec) };
      updated.buffer.touch();
      // Twins count on zeros in what they do not update.
      if (i >= (kernel.updates ?? 0)) elementsOf(updated.buffer).fill(0);
      return updated;
    });
    kernel.reference(inputs.map(toHost), outputs.map(toHost), params);
    this.ledger.call(kernel.name);
    this.observer?.ran(kernel, inputs, outputs, params);
    return outputs;
  }

  read(buffers: readonly DeviceBuffer[]): Promise<TypedArray[]> {
    this.observer?.refuse("read a tensor");
    this.ledger.readbacks++;
    return Promise.resolve(buffers.map((buffer) => elementsOf(buffer).slice()));
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
    this.ledger.give(buffer.size * bytesPer(buffer.dtype));
  }

  close(): void {}

  #buffer(dtype: DType, data: TypedArray): DeviceBuffer {
    this.ledger.take(data.byteLength);
    return new DeviceBuffer(this, dtype, data.length, data);
  }
}

function elementsOf(buffer: DeviceBuffer): TypedArray {
  if (buffer.device instanceof ReferenceDevice) return buffer.handle as TypedArray;
  throw new DisposedError(
    `Cannot read a buffer of the ${buffer.device.backend} device on reference`,
  );
}

function toHost({ shape, dtype, buffer }: Operand): HostOperand {
  return { shape, dtype, data: elementsOf(buffer) };
}
