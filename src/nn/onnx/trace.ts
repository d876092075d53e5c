/**
 * What a model does with images, heard from the device: every kernel call that depends on them.
 *
 * The device is asked and not the tape, because the tape notes only what a gradient passes through:
 * it holds no constants and leaves out what is piecewise constant, which would be taken for numbers.
 *
 * @module
 */
import { noGrad } from "../../autograd/mod.ts";
import type { Device, DeviceBuffer, Observer, Operand } from "../../backend/mod.ts";
import type { TypedArray } from "../../dtype.ts";
import { ExportError } from "../../errors.ts";
import type { Kernel } from "../../kernels/mod.ts";
import { tidy } from "../../scope.ts";
import type { Shape } from "../../shape.ts";
import { type Tensor, zeros } from "../../tensor/mod.ts";
import { layersApart } from "../layers/folded.ts";
import { withMode } from "../modes.ts";
import type { Module } from "../module.ts";

/** A kernel call. Its further outputs are for ways back. */
export interface TracedCall<P = unknown> {
  readonly kernel: string;
  readonly inputs: readonly Operand[];
  readonly output: Operand;
  readonly params: P;
}

/** One forward, from images to a result. */
export interface Trace {
  /** The images. */
  readonly input: Operand;
  /** The result. */
  readonly output: Operand;
  /** Calls that the result needs, in the order in which they ran. */
  readonly calls: readonly TracedCall[];
  /** Elements of what the calls read and the images do not decide. */
  readonly constants: ReadonlyMap<DeviceBuffer, TypedArray>;
}

/** How many images: not 1, which a size that has nothing to do with them often is. */
export const BATCH = 2;

/** Notes calls that depend on the images, and holds the other operands of these. */
class Listener implements Observer {
  readonly calls: TracedCall[] = [];
  readonly held = new Set<DeviceBuffer>();
  /** What happened that no graph can repeat. */
  problem: ExportError | undefined;
  readonly #made: Set<DeviceBuffer>;

  constructor(input: DeviceBuffer) {
    this.#made = new Set([input]);
  }

  ran<P>(
    kernel: Kernel<P>,
    inputs: readonly Operand[],
    outputs: readonly Operand[],
    params: P,
  ): void {
    if (kernel.updates) this.#note(`run ${kernel.name}, which overwrites state,`);
    if (!inputs.some(({ buffer }) => this.#made.has(buffer))) return;
    for (const { buffer } of inputs) {
      if (!this.#made.has(buffer) && !this.held.has(buffer)) this.held.add(buffer.retain());
    }
    for (const { buffer } of outputs) this.#made.add(buffer);
    this.calls.push({ kernel: kernel.name, inputs, output: outputs[0]!, params });
  }

  uploaded(): void {}

  refilled(): void {}

  refuse(act: string): never {
    throw this.#note(act);
  }

  /** Kept, because the error may go into a promise that nobody looks at. */
  #note(act: string): ExportError {
    this.problem ??= new ExportError(
      `Cannot ${act} while a model is exported to ONNX: its graph could not repeat that, ` +
        "in evaluation forward must do without it",
    );
    return this.problem;
  }
}

/** Only what the result needs. */
function needed(calls: readonly TracedCall[], output: DeviceBuffer): TracedCall[] {
  const wanted = new Set([output]);
  return [...calls].reverse().filter((call) => {
    if (!wanted.has(call.output.buffer)) return false;
    for (const { buffer } of call.inputs) wanted.add(buffer);
    return true;
  }).reverse();
}

/** Runs `fn` while the listener hears of what the device does. */
function heard<T>(device: Device, listener: Observer, fn: () => T): T {
  const before = device.observer;
  device.observer = listener;
  try {
    return fn();
  } finally {
    device.observer = before;
  }
}

/**
 * Runs a model on black images [N, H, W, C], in evaluation, off the tape and layer by layer: the graph
 * has the parameters as they are.
 */
export async function trace(model: Module, image: Shape): Promise<Trace> {
  const [own] = [...model.parameters().values(), ...model.buffers().values()];
  const x = zeros([BATCH, ...image], own === undefined ? {} : { device: own.device });
  const { device } = x, listener = new Listener(x.buffer);
  try {
    const [input, output] = tidy(() => {
      const forward = (): Tensor =>
        withMode(model, false, () => noGrad(() => layersApart(() => model.forward(x))));
      return [operandOf(x), operandOf(heard(device, listener, forward))] as const;
    });
    if (listener.problem !== undefined) throw listener.problem;
    const buffers = [...listener.held];
    const data = buffers.length === 0 ? [] : await device.read(buffers);
    const constants = new Map(buffers.map((buffer, i) => [buffer, data[i]!]));
    return { input, output, calls: needed(listener.calls, output.buffer), constants };
  } finally {
    x.dispose();
    for (const buffer of listener.held) buffer.release();
  }
}

function operandOf({ buffer, shape, dtype }: Tensor): Operand {
  return { buffer, shape, dtype };
}
