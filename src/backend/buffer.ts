/**
 * A buffer: elements on a device, shared by reference count. Views (reshape, detach, what the tape
 * saves) hold the same buffer; the last one to let go gives it back to the device.
 *
 * @module
 */
import type { DType } from "../dtype.ts";
import type { Device } from "./device.ts";

/** Elements on a device. */
export class DeviceBuffer {
  /** The device that holds the elements. */
  readonly device: Device;
  /** Element type. */
  readonly dtype: DType;
  /** Number of elements. */
  readonly size: number;
  /** The device's own handle: a typed array, a GPUBuffer. */
  readonly handle: unknown;
  /** Goes up with every write, so that the tape notices stale values. */
  version = 0;
  /** The buffer whose elements it shows, if it is a share of another. */
  readonly root: DeviceBuffer | undefined;
  /** Smallest and largest element, where the host knows them: labels, indices. */
  bounds: readonly [number, number] | undefined;
  /** Whether the elements never change: steps that are captured may count on them. */
  isConstant = false;
  #references = 1;

  /** Made by devices only; the first reference belongs to the caller. */
  constructor(
    device: Device,
    dtype: DType,
    size: number,
    handle: unknown,
    root?: DeviceBuffer,
  ) {
    this.root = (root?.root ?? root)?.retain();
    this.device = device;
    this.dtype = dtype;
    this.size = size;
    this.handle = handle;
  }

  /** Notes that its elements were overwritten. */
  touch(): void {
    this.version++;
    this.bounds = undefined;
  }

  /** One more holder. */
  retain(): this {
    this.#references++;
    return this;
  }

  /** One holder less. */
  release(): void {
    if (--this.#references > 0) return;
    if (this.root === undefined) this.device.free(this);
    else this.root.release();
  }

  /** Whether nobody holds it any more. */
  get isReleased(): boolean {
    return this.#references <= 0;
  }
}
