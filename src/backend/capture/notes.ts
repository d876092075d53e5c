/**
 * Notes of one step: every kernel call that a device ran for it, and where each operand came from.
 * Two notes of the same step are compared before one is replayed, see compare.ts.
 *
 * @module
 */
import type { DType, TypedArray } from "../../dtype.ts";
import { BackendError } from "../../errors.ts";
import type { Kernel, Spec } from "../../kernels/mod.ts";
import type { DeviceBuffer } from "../buffer.ts";
import type { Device, Observer, Operand } from "../device.ts";
import { copyPlain } from "../plain.ts";

/** Writes the numbers of this step; they differ from step to step. */
export type Fill = (into: TypedArray) => void;

/** Where the elements of an operand come from. */
export type Origin =
  /** What the step is given anew every time. */
  | { readonly kind: "argument"; readonly index: number }
  /** A buffer from before the step: parameters, their state. */
  | { readonly kind: "outside" }
  /** Uploaded in the step. */
  | { readonly kind: "constant"; readonly data: TypedArray }
  /** Uploaded in the step, other numbers each time. */
  | { readonly kind: "host"; readonly fill: Fill; readonly data: TypedArray }
  /** Result number `output` of call number `call`. */
  | { readonly kind: "made"; readonly call: number; readonly output: number };

/** A buffer that the step reads or writes. */
export interface Value {
  readonly origin: Origin;
  readonly buffer: DeviceBuffer;
}

/** A value, in the shape in which a call takes it. */
export interface ValueOperand extends Spec {
  /** Its place in the list of values. */
  readonly value: number;
}

/** A kernel call. A value that is both input and output, or an output twice, is updated in place. */
export interface NotedCall {
  // deno-lint-ignore no-explicit-any
  readonly kernel: Kernel<any>;
  readonly params: unknown;
  readonly inputs: readonly ValueOperand[];
  readonly outputs: readonly ValueOperand[];
}

/** Notes down what a device does. Holds the buffers that the step found or uploaded. */
export class Notes implements Observer {
  readonly calls: NotedCall[] = [];
  readonly values: Value[] = [];
  /** What was asked for and cannot be repeated. */
  refused: BackendError | undefined;
  readonly #places: Map<DeviceBuffer, number> = new Map();
  readonly #held: DeviceBuffer[] = [];

  /** `args` are what the step is given. */
  constructor(args: readonly DeviceBuffer[]) {
    args.forEach((buffer, index) => {
      if (!this.#places.has(buffer)) this.#add(buffer, { kind: "argument", index });
    });
  }

  ran<P>(
    kernel: Kernel<P>,
    inputs: readonly Operand[],
    outputs: readonly Operand[],
    params: P,
  ): void {
    const call = this.calls.length;
    const read = inputs.map((operand) => operandOf(this.placeOf(operand.buffer), operand));
    const written = outputs.map((operand, output) => {
      const place = output < (kernel.updates ?? 0)
        ? this.#updatable(kernel.name, operand.buffer)
        : this.#add(operand.buffer, { kind: "made", call, output });
      return operandOf(place, operand);
    });
    this.calls.push({ kernel, params: copyPlain(params), inputs: read, outputs: written });
  }

  uploaded(buffer: DeviceBuffer, data: TypedArray): void {
    this.#add(this.#hold(buffer), { kind: "constant", data: data.slice() });
  }

  /** Says that an upload has other numbers in every step. */
  refilled(buffer: DeviceBuffer, fill: Fill, data: TypedArray): void {
    this.values[this.placeOf(buffer)] = { buffer, origin: { kind: "host", fill, data } };
  }

  refuse(act: string): never {
    this.refused = new BackendError(
      `Cannot ${act} in a captured function: it would not happen again in a replay, ` +
        "return the tensor and do it outside",
    );
    throw this.refused;
  }

  /** The place of a buffer among the values; one that was not seen before is from outside. */
  placeOf(buffer: DeviceBuffer): number {
    return this.#places.get(buffer) ?? this.#add(this.#hold(buffer), { kind: "outside" });
  }

  /** Lets go of everything. */
  release(): void {
    for (const buffer of this.#held.splice(0)) buffer.release();
  }

  #updatable(kernel: string, buffer: DeviceBuffer): number {
    const place = this.placeOf(buffer);
    if (this.values[place]!.origin.kind !== "argument") return place;
    throw new BackendError(
      `Cannot run ${kernel} in place on an argument of a captured function: a replay works on a ` +
        "copy of it, return the result instead",
      { kernel },
    );
  }

  #hold(buffer: DeviceBuffer): DeviceBuffer {
    this.#held.push(buffer.retain());
    return buffer;
  }

  #add(buffer: DeviceBuffer, origin: Origin): number {
    const place = this.values.push({ buffer, origin }) - 1;
    this.#places.set(buffer, place);
    return place;
  }
}

function operandOf(
  value: number,
  { shape, dtype }: { readonly shape: readonly number[]; readonly dtype: DType },
): ValueOperand {
  return { value, shape: [...shape], dtype };
}

/** Runs `fn` while `notes` are taken of what the device does. */
export function noting<T>(device: Device, notes: Notes, fn: () => T): T {
  device.observer = notes;
  try {
    const result = fn();
    // It may have gone into a promise that nobody looks at.
    if (notes.refused !== undefined) throw notes.refused;
    return result;
  } finally {
    device.observer = undefined;
  }
}
