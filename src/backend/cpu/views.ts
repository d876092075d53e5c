/**
 * Typed arrays on the whole memory. They are made anew when the memory has grown, and only then, so
 * that moving data allocates nothing.
 *
 * @module
 */
import type { DType } from "../../dtype.ts";

type View = Float32Array | Int32Array | Uint32Array;

/** The memory as typed arrays. */
export class Views {
  readonly #memory: WebAssembly.Memory;
  #of: ArrayBufferLike | undefined;
  #bytes = new Uint8Array();
  #views: Partial<Record<DType, View>> = {};

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  /** All of it as bytes. */
  get bytes(): Uint8Array {
    this.#renew();
    return this.#bytes;
  }

  /** All of it as elements of a type. */
  as(dtype: DType): View {
    this.#renew();
    return this.#views[dtype]!;
  }

  #renew(): void {
    const { buffer } = this.#memory;
    if (buffer === this.#of) return;
    this.#of = buffer;
    this.#bytes = new Uint8Array(buffer);
    this.#views = {
      f32: new Float32Array(buffer),
      i32: new Int32Array(buffer),
      u32: new Uint32Array(buffer),
    };
  }
}
