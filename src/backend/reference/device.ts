/**
 * The reference device: kernels in plain TypeScript on typed arrays, done when the call returns.
 * It is the specification that the other backends are checked against.
 *
 * @module
 */
import { allocate, bytesPer, type DType, DTYPES, type TypedArray } from "../../dtype.ts";
import { BackendError, DisposedError } from "../../errors.ts";
import type { HostOperand, Kernel } from "../../kernels/mod.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import { DeviceBuffer } from "../buffer.ts";
import type { Device, Operand } from "../device.ts";
import { Ledger } from "../ledger.ts";

/** Runs kernels in plain TypeScript. */
export class ReferenceDevice implements Device {
  readonly backend = "reference";
  readonly description: string;
  readonly dtypes: readonly DType[] = DTYPES;
  readonly ledger: Ledger = new Ledger();

  /** `reason` tells people why this device was taken and no other. */
  constructor(reason?: string) {
    const what = "plain TypeScript, one thread";
    this.description = reason === undefined ? what : `${what} (${reason})`;
  }

  upload(data: TypedArray, dtype: DType): DeviceBuffer {
    return this.#buffer(dtype, data.slice());
  }

  write(buffer: DeviceBuffer, data: TypedArray): void {
    elementsOf(buffer).set(data);
    buffer.touch();
  }

  run<P>(
    kernel: Kernel<P>,
    inputs: readonly Operand[],
    params: P,
    updates: readonly Operand[] = [],
  ): readonly Operand[] {
    const outputs = kernel.outputs(inputs, params).map((spec, i): Operand => {
      const updated = updates[i];
      if (updated === undefined) return { ...spec, buffer: this.#allocate(spec) };
      updated.buffer.touch();
      return updated;
    });
    kernel.reference(inputs.map(toHost), outputs.map(toHost), params);
    this.ledger.call(kernel.name);
    return outputs;
  }

  read(buffers: readonly DeviceBuffer[]): Promise<TypedArray[]> {
    this.ledger.readbacks++;
    return Promise.resolve(buffers.map((buffer) => elementsOf(buffer).slice()));
  }

  sync(): Promise<void> {
    return Promise.resolve();
  }

  pace(): Promise<void> {
    return Promise.resolve();
  }

  free(buffer: DeviceBuffer): void {
    this.ledger.give(buffer.size * bytesPer(buffer.dtype));
  }

  close(): void {}

  #allocate(spec: { readonly shape: readonly number[]; readonly dtype: DType }): DeviceBuffer {
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
