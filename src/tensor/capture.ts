/**
 * Capture: a function of tensors is noted while it runs, and replayed from then on: the same
 * kernels in the same order, without tape, tensors or tidying. Results are equal bit for bit.
 *
 * @module
 */
import {
  type Device,
  type DeviceBuffer,
  firstDifference,
  Notes,
  noting,
  Replay,
} from "../backend/mod.ts";
import type { DType } from "../dtype.ts";
import { BackendError, GradientError } from "../errors.ts";
import { keep, type Scoped, tidy, track } from "../scope.ts";
import { sameShape, type Shape } from "../shape.ts";
import { GradientNotes, notingGradients, rebindings } from "./capture_notes.ts";
import { currentDevice } from "./default_device.ts";
import { Tensor } from "./tensor.ts";

/** How often a function may run before two runs in a row must have been equal. */
const PATIENCE = 5;

/** How to capture. */
export interface CaptureOptions {
  /**
   * Give the same tensors every time, overwritten by the next call: no copies, and nothing is
   * allocated in a replay. Default false: each call gives tensors of the caller's own.
   */
  readonly reuse?: boolean;
}

/** A function that is replayed once it is known. */
export interface Captured<A extends readonly Tensor[], R> extends Scoped {
  /** Runs it, or replays it. */
  (...args: A): R;
  /** How many calls were replayed so far. */
  readonly replays: number;
  /** Forgets what is noted; the next call runs the function again. */
  reset(): void;
  /** Gives back what replays hold. */
  dispose(): void;
}

/** What is known of a function for arguments of certain shapes. */
interface Entry {
  readonly specs: readonly { readonly shape: Shape; readonly dtype: DType }[];
  readonly bounds: readonly (readonly [number, number] | undefined)[];
  readonly rebindings: number;
  /** That of the device: after a loss all is noted anew. */
  readonly generation: number;
  runs: number;
  notes: Notes | undefined;
  replay: Ready | undefined;
}

/** A replay, and how its buffers become what the function returns. */
interface Ready {
  readonly replay: Replay;
  /** What it returns when results are reused. */
  readonly result: unknown;
  readonly tensors: readonly Tensor[];
  readonly gradients: readonly { readonly leaf: Tensor; readonly buffer: DeviceBuffer }[];
}

/**
 * Captures a function of tensors. The first calls for arguments of certain shapes run it and note
 * what it does; once two calls in a row did the same, further calls replay the notes.
 *
 * The function must do the same kernels every time and must not wait. Everything that it reads from
 * the host is fixed: modes of layers, options, numbers; what changes from call to call is an
 * argument, is updated in place (parameters, state), or comes from `hostValues` (random numbers,
 * rates of optimisers). Gradients that it leaves in `grad` must be dropped inside of it first.
 *
 * @example
 * ```ts
 * import { capture, ones, RandomStream, SGD, smallCnn, tensor } from "tapegrad";
 * import type { Tensor } from "tapegrad";
 * const model = smallCnn({ random: new RandomStream(1) });
 * const optimizer = new SGD(model.parameters(), { lr: 0.1 });
 * const step = capture((images: Tensor, labels: Tensor) => {
 *   optimizer.zeroGrad();
 *   const loss = model.forward(images).crossEntropy(labels);
 *   loss.backward();
 *   optimizer.step();
 *   return loss.detach();
 * });
 * const images = ones([2, 28, 28, 1]), labels = tensor(Int32Array.of(3, 7));
 * for (let i = 0; i < 4; i++) step(images, labels);
 * step.replays; // 2
 * step.dispose();
 * ```
 * @throws BackendError when the function does not the same twice, waits, or writes to a tensor;
 * GradientError when a result is on the tape, or gradients from before are added to.
 */
export function capture<A extends readonly Tensor[], R>(
  fn: (...args: A) => R,
  options: CaptureOptions = {},
): Captured<A, R> {
  const entries: Entry[] = [];
  let replays = 0;
  function call(...args: A): R {
    const device = args[0]?.device ?? currentDevice();
    // Within another capture it is a part of that one.
    if (device.observer !== undefined) return fn(...args);
    const entry = entryFor(entries, args, device.generation);
    if (entry.replay === undefined) {
      try {
        return note(device, entry, fn, args);
      } catch (error) {
        forget(entry);
        entries.splice(entries.indexOf(entry), 1);
        throw error;
      }
    }
    replays++;
    return replay(device, entry.replay, args, options.reuse ?? false) as R;
  }
  function reset(): void {
    entries.splice(0).forEach(forget);
  }
  const captured = Object.assign(call, { reset, dispose: reset, replays: 0 });
  Object.defineProperty(captured, "replays", { get: () => replays });
  track(captured);
  return captured;
}

/** The entry for these arguments; one that is out of date is replaced. */
function entryFor(entries: Entry[], args: readonly Tensor[], generation: number): Entry {
  let found = 0;
  while (found < entries.length && !fits(entries[found]!, args)) found++;
  const old = entries[found];
  if (old?.generation === generation && isCurrent(old, args)) return old;
  const entry: Entry = {
    specs: args.map(({ shape, dtype }) => ({ shape, dtype })),
    bounds: args.map(({ buffer: { bounds } }, i) => joined(old?.bounds[i], bounds)),
    rebindings: rebindings(),
    generation,
    runs: 0,
    notes: undefined,
    replay: undefined,
  };
  if (old === undefined) entries.push(entry);
  else {
    forget(old);
    entries[found] = entry;
  }
  return entry;
}

/** Whether the arguments have the shapes and types of an entry. Replays allocate nothing here. */
function fits({ specs }: Entry, args: readonly Tensor[]): boolean {
  if (specs.length !== args.length) return false;
  for (let i = 0; i < specs.length; i++) {
    const { shape, dtype } = specs[i]!;
    if (dtype !== args[i]!.dtype || !sameShape(shape, args[i]!.shape)) return false;
  }
  return true;
}

/** Whether no tensor was rebound, and checks of labels and indices would pass again. */
function isCurrent({ bounds, rebindings: before }: Entry, args: readonly Tensor[]): boolean {
  if (before !== rebindings()) return false;
  for (let i = 0; i < args.length; i++) {
    const known = bounds[i], now = args[i]!.buffer.bounds;
    if (now !== undefined && (known === undefined || now[0] < known[0] || now[1] > known[1])) {
      return false;
    }
  }
  return true;
}

type Bounds = readonly [number, number] | undefined;

function joined(a: Bounds, b: Bounds): Bounds {
  if (a === undefined || b === undefined) return b;
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}

function forget({ notes, replay }: Entry): void {
  notes?.release();
  replay?.replay.release();
  for (const tensor of replay?.tensors ?? []) tensor.dispose();
}

/** Runs the function, notes what it does, and makes a replay of it when that was done before. */
function note<A extends readonly Tensor[], R>(
  device: Device,
  entry: Entry,
  fn: (...args: A) => R,
  args: A,
): R {
  const gradients = new GradientNotes();
  return tidy(() => {
    // Handles of their own, so that arguments are told from the same tensors seen from outside.
    const own = args.map((arg, i) => shareOf(arg, entry.bounds[i]));
    const notes = new Notes(own.map(({ buffer }) => buffer));
    try {
      const result = noting(device, notes, () => {
        return notingGradients(gradients, () => tidy(() => fn(...own as readonly Tensor[] as A)));
      });
      settle(device, entry, { notes, gradients, result });
      return result;
    } catch (error) {
      notes.release();
      throw error;
    }
  });
}

function shareOf(arg: Tensor, bounds: Bounds): Tensor {
  if (arg.requiresGrad) {
    throw new GradientError(
      "Cannot give a captured function an argument that requires a gradient: set requiresGrad " +
        "on x.detach() inside of it",
    );
  }
  const { buffer, shape, dtype, device } = arg;
  const share = new Tensor(device.share(buffer, { shape, dtype }), shape);
  share.buffer.bounds = bounds;
  return share;
}

interface Run {
  readonly notes: Notes;
  readonly gradients: GradientNotes;
  readonly result: unknown;
}

/** Makes a replay when the notes are those of the time before. */
function settle(device: Device, entry: Entry, { notes, gradients, result }: Run): void {
  const results = tensorsIn(result);
  if (results.some(({ node }) => node !== null)) {
    throw new GradientError(
      "Cannot return a tensor on the tape from a captured function: call backward() inside of " +
        "it and return detach(), or use noGrad()",
    );
  }
  const difference = entry.notes === undefined ? "" : firstDifference(entry.notes, notes);
  entry.notes?.release();
  entry.notes = undefined;
  if (difference !== undefined) {
    entry.notes = notes;
    if (++entry.runs < PATIENCE) return;
    throw new BackendError(
      `Cannot capture a function that does not the same twice: after ${PATIENCE} runs, ` +
        `${difference} (in fit and evaluate: capture: false)`,
    );
  }
  const kept = [...gradients.touched].flatMap((leaf) => {
    return leaf.isDisposed || leaf.grad === null ? [] : [{ leaf, buffer: leaf.grad.buffer }];
  });
  const returned = new Set(results.map(({ buffer }) => buffer));
  const stored = notes.values.flatMap(({ origin, buffer }) => {
    return origin.kind === "made" && !buffer.isReleased && !returned.has(buffer) ? [buffer] : [];
  });
  const replay = new Replay(device, notes, {
    results,
    kept: [...new Set([...stored, ...kept.map(({ buffer }) => buffer)])],
  });
  const tensors = replay.results.map((buffer, i) => {
    return keep(new Tensor(buffer.retain(), results[i]!.shape));
  });
  let next = 0;
  entry.replay = {
    replay,
    tensors,
    result: mapTensors(result, () => tensors[next++]!),
    gradients: kept,
  };
}

function replay(device: Device, ready: Ready, args: readonly Tensor[], reuse: boolean): unknown {
  const own = reuse ? undefined : ready.tensors.map(emptyLike);
  if (!reuse || !anyResult(args, ready)) {
    ready.replay.run(args, own?.map(({ buffer }) => buffer));
  } else {
    // The run writes where it would still have to read.
    tidy(() => ready.replay.run(args.map((arg) => isResult(arg, ready) ? copyOf(arg) : arg)));
  }
  for (let i = 0; i < ready.gradients.length; i++) {
    const { leaf, buffer } = ready.gradients[i]!;
    if (leaf.grad?.buffer === buffer || leaf.isDisposed) continue;
    leaf.grad?.dispose();
    leaf.grad = keep(new Tensor(buffer.retain(), leaf.shape));
  }
  if (own === undefined) return ready.result;
  let next = 0;
  return mapTensors(ready.result, ({ buffer }) => {
    const tensor = own[next]!;
    // Arguments, parameters and what is returned twice are not made in the run.
    if (!ready.replay.placeable[next++]) device.copy(buffer, tensor.buffer);
    return tensor;
  });
}

/** Whether a tensor is what the run before returned. */
function isResult({ buffer }: Tensor, { tensors }: Ready): boolean {
  for (let i = 0; i < tensors.length; i++) if (tensors[i]!.buffer === buffer) return true;
  return false;
}

/** Allocates nothing. */
function anyResult(args: readonly Tensor[], ready: Ready): boolean {
  for (let i = 0; i < args.length; i++) if (isResult(args[i]!, ready)) return true;
  return false;
}

function emptyLike({ device, shape, dtype }: Tensor): Tensor {
  return new Tensor(device.allocate({ shape, dtype }), shape);
}

function copyOf(tensor: Tensor): Tensor {
  const copy = emptyLike(tensor);
  tensor.device.copy(tensor.buffer, copy.buffer);
  return copy;
}

function tensorsIn(value: unknown): Tensor[] {
  const found: Tensor[] = [];
  mapTensors(value, (tensor) => {
    found.push(tensor);
    return tensor;
  });
  return found;
}

/** The same arrays and records with every tensor exchanged. */
function mapTensors(value: unknown, map: (tensor: Tensor) => Tensor): unknown {
  if (value instanceof Tensor) return map(value);
  if (Array.isArray(value)) return value.map((item) => mapTensors(item, map));
  if (typeof value !== "object" || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapTensors(item, map)]),
  );
}
