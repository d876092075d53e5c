/**
 * Watching a device: which kernels it is asked to run, eagerly or in prepared lists, and how many
 * bytes go to it and come back. An observer cannot tell: a captured function that meets one runs
 * eagerly instead of being replayed.
 *
 * @module
 */
import { bytesPer } from "../../dtype.ts";
import type { Kernel, Spec } from "../../kernels/mod.ts";
import type { Device, Operand } from "../device.ts";

/** A kernel with the shapes and parameters of one call. */
export interface KernelCall {
  /** What ran. */
  // deno-lint-ignore no-explicit-any
  readonly kernel: Kernel<any>;
  /** What it read. */
  readonly inputs: readonly Spec[];
  /** What it wrote; what it updated comes first. */
  readonly outputs: readonly Spec[];
  /** What was fixed for the call. */
  readonly params: unknown;
}

/** What was seen since the last `clear()`. */
export interface Watch {
  /** Kernel calls in the order in which they were asked for. */
  readonly calls: readonly KernelCall[];
  /** Bytes uploaded or overwritten from the host. */
  readonly bytesWritten: number;
  /** Bytes read back. */
  readonly bytesRead: number;
  /** Forgets what was seen. */
  clear(): void;
  /** Stops watching. What was seen stays. */
  stop(): void;
}

/** Starts to watch a device. Lists that were prepared before are not seen. */
export function watch(device: Device): Watch {
  const calls: KernelCall[] = [];
  const bytes = { written: 0, read: 0 };
  let watching = true;
  // A backend may run a prepared list through run(), one call after the other.
  let replaying = false;

  const run = device.run.bind(device);
  const prepare = device.prepare.bind(device);
  const upload = device.upload.bind(device);
  const write = device.write.bind(device);
  const read = device.read.bind(device);
  const unhook = [
    hook(device, "run", (kernel, inputs, params, updates) => {
      const outputs = run(kernel, inputs, params, updates);
      if (!replaying) calls.push(callOf(kernel, inputs, outputs, params));
      return outputs;
    }),
    hook(device, "prepare", (bound, args) => {
      const prepared = prepare(bound, args);
      const listed = prepared.calls.map(({ kernel, inputs, outputs, params }) => {
        return callOf(kernel, inputs, outputs, params);
      });
      return {
        calls: prepared.calls,
        run(given) {
          replaying = true;
          try {
            prepared.run(given);
          } finally {
            replaying = false;
          }
          if (watching) calls.push(...listed);
        },
        release: () => prepared.release(),
      };
    }),
    hook(device, "upload", (data, dtype) => {
      bytes.written += data.byteLength;
      return upload(data, dtype);
    }),
    hook(device, "write", (buffer, data) => {
      bytes.written += data.byteLength;
      write(buffer, data);
    }),
    hook(device, "read", (buffers) => {
      for (const { size, dtype } of buffers) bytes.read += size * bytesPer(dtype);
      return read(buffers);
    }),
  ];
  return {
    calls,
    get bytesWritten() {
      return bytes.written;
    },
    get bytesRead() {
      return bytes.read;
    },
    clear() {
      calls.length = bytes.written = bytes.read = 0;
    },
    stop() {
      watching = false;
      // Latest first: engines then take the object back to the form that it had.
      for (const undo of unhook.splice(0).reverse()) undo();
    },
  };
}

/** Puts a method over that of the device; returns what takes it away again. */
function hook<K extends "run" | "prepare" | "upload" | "write" | "read">(
  device: Device,
  name: K,
  method: Device[K],
): () => void {
  const own = Object.getOwnPropertyDescriptor(device, name);
  Object.defineProperty(device, name, { value: method, configurable: true, writable: true });
  return () => {
    if (own === undefined) Reflect.deleteProperty(device, name);
    else Object.defineProperty(device, name, own);
  };
}

function callOf<P>(
  kernel: Kernel<P>,
  inputs: readonly Operand[],
  outputs: readonly Operand[],
  params: P,
): KernelCall {
  const specOf = ({ shape, dtype }: Operand): Spec => ({ shape, dtype });
  return { kernel, inputs: inputs.map(specOf), outputs: outputs.map(specOf), params };
}
