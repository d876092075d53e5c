/**
 * A training run as bytes: parameters, buffers, the optimiser's state and the position, so that a run
 * that was stopped goes on bit for bit. For a model to keep, see `saveModel`.
 *
 * @module
 */
import { CheckpointError } from "../errors.ts";
import {
  type Module,
  type Optimizer,
  readSafetensors,
  type WritableTensor,
  writeSafetensors,
} from "../nn/mod.ts";
import { tidy } from "../scope.ts";
import { type Tensor, tensor } from "../tensor/mod.ts";
import type { FitPosition } from "./position.ts";

const FORMAT = "tapegrad run 1";

/** What is saved beside tensors. */
interface Notes {
  readonly position: FitPosition;
  readonly optimizer: {
    readonly kind: string;
    readonly lr: number;
    readonly momentum: number;
    readonly steps: Readonly<Record<string, number>>;
  };
}

/**
 * The bytes of a run, a safetensors file in this engine's own layouts.
 *
 * @throws CheckpointError for tensors that are not f32.
 */
export async function saveRun(
  model: Module,
  optimizer: Optimizer,
  position: FitPosition,
): Promise<Uint8Array> {
  const { kind, lr, momentum, steps, tensors } = optimizer.stateDict();
  const notes: Notes = { position, optimizer: { kind, lr, momentum, steps } };
  const named = Object.entries(model.stateDict()).map(([name, it]) =>
    [`model.${name}`, it] as const
  );
  const state = Object.entries(tensors).map(([name, it]) => [`optimizer.${name}`, it] as const);
  const all: readonly (readonly [string, Tensor])[] = [...named, ...state];
  const other = all.find(([, { dtype }]) => dtype !== "f32");
  if (other !== undefined) {
    throw new CheckpointError(`Cannot save the run: ${other[0]} is ${other[1].dtype}, not f32`);
  }
  const [first] = all;
  const data = await first![1].device.read(all.map(([, { buffer }]) => buffer));
  const stored = all.map(([name, { shape }], i): [string, WritableTensor] => {
    return [name, { shape, data: data[i] as Float32Array }];
  });
  return writeSafetensors(new Map(stored), { format: FORMAT, run: JSON.stringify(notes) });
}

/**
 * Takes over a run that `saveRun` saved; returns where it was. All or nothing but for the optimiser,
 * which comes last.
 *
 * @throws CheckpointError when the bytes are not a run; ShapeError, DTypeError and TypeError when it is
 * that of another model or optimiser.
 */
export function loadRun(bytes: Uint8Array, model: Module, optimizer: Optimizer): FitPosition {
  const { metadata, tensors } = readSafetensors(bytes);
  const notes = notesOf(metadata);
  const device = [...model.parameters().values()][0]?.device;
  return tidy(() => {
    const under = (prefix: string): Record<string, Tensor> => {
      const own = [...tensors].filter(([name]) => name.startsWith(prefix));
      return Object.fromEntries(own.map(([name, { shape, data }]) => {
        const values = tensor(data as Float32Array, { shape, ...device && { device } });
        return [name.slice(prefix.length), values];
      }));
    };
    model.loadStateDict(under("model."));
    optimizer.loadStateDict({ ...notes.optimizer, tensors: under("optimizer.") });
    return notes.position;
  });
}

function notesOf({ format, run }: Readonly<Record<string, string>>): Notes {
  try {
    if (format !== FORMAT) throw new Error(`its format is ${format ?? "not told"}, not ${FORMAT}`);
    const notes = JSON.parse(run ?? "") as Notes;
    const { position: { step, history, sums, before, now = 0, layers }, optimizer: { steps } } =
      notes;
    const counts = [
      step,
      sums.seen,
      sums.steps,
      before,
      now,
      ...Object.values(layers),
      ...Object.values(steps),
    ];
    const valid = Array.isArray(history) &&
      counts.every((it) => Number.isSafeInteger(it) && it >= 0);
    if (!valid) throw new Error("its position is damaged");
    return notes;
  } catch (error) {
    throw new CheckpointError(`Cannot load the run: ${(error as Error).message}`);
  }
}
