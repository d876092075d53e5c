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
  /** Goes up with every write, so that the tape notices stale values. */
  version = 0;
  /** Smallest and largest element, where the host knows them: labels, indices. */
  bounds: readonly [number, number] | undefined;
  /** Whether the elements never change: steps that are captured may count on them. */
  isConstant = false;
  #handle: unknown;
  #root: DeviceBuffer | undefined;
  #references = 1;
  #shares = 0;

  /** Made by devices only; the first reference belongs to the caller. */
  constructor(
    device: Device,
    dtype: DType,
    size: number,
    handle: unknown,
    root?: DeviceBuffer,
  ) {
    this.#root = (root?.root ?? root)?.retain();
    if (this.#root !== undefined) this.#root.#shares++;
    this.device = device;
    this.dtype = dtype;
    this.size = size;
    this.#handle = handle;
  }

  /** The device's own handle: a typed array, a view of a GPUBuffer. */
  get handle(): unknown {
    return this.#handle;
  }

  /** The buffer whose elements it shows, if it is a share of another. */
  get root(): DeviceBuffer | undefined {
    return this.#root;
  }

  /** Whether other buffers show its elements, so that these cannot go elsewhere. */
  get isShared(): boolean {
    return this.#shares > 0;
  }

  /** Becomes a share of another buffer, to which its device has moved the elements. */
  moveInto(root: DeviceBuffer, handle: unknown): void {
    this.#root = root.retain();
    root.#shares++;
    this.#handle = handle;
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
    if (this.#root === undefined) {
      this.device.free(this);
      return;
    }
    this.#root.#shares--;
    this.#root.release();
  }

  /** Whether nobody holds it any more. */
  get isReleased(): boolean {
    return this.#references <= 0;
  }
}
