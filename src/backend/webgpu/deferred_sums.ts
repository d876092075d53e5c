/**
 * Sums of parts that can wait: where a call ends by adding up parts, and its results are read much
 * later, the sums of several calls are done in one dispatch: the gradients of all weights.
 *
 * @module
 */
import { sumSegments, type Target } from "../../kernels/mod.ts";
import type { DeviceBuffer } from "../buffer.ts";
import type { BoundCall } from "../device.ts";
import type { Call } from "./calls.ts";
import type { Pipeline } from "./pipelines.ts";
import type { Host } from "./plan.ts";
import { type Binding, PlannedCall } from "./planned_call.ts";
import type { BoundDispatch } from "./recorder.ts";
import type { View } from "./slot.ts";

/** Bindings begin at multiples of so many bytes. */
const ALIGNMENT = 256;
/** Bytes of parts that wait at most. */
const MOST_BYTES = 64 * 2 ** 20;
/** Buffers that a shader binds, but one for the parts. */
const MOST_TARGETS = 7;

/** One dispatch that adds up the parts of several calls. */
export interface MergedSums {
  readonly pipeline: Pipeline;
  readonly dispatch: BoundDispatch;
}

/** Parts that wait. */
interface Waiting {
  readonly call: Call;
  readonly outputs: readonly View[];
  /** Where its parts begin, in bytes. */
  readonly offset: number;
}

/** Whether a call ends by adding up the only scratch that it has. */
function canWait({ scratchBytes, steps }: Call): boolean {
  return steps.length === 2 && steps[1]!.sums !== undefined && scratchBytes.length === 1 &&
    scratchBytes[0]! <= MOST_BYTES;
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** The sums of a plan that wait. */
export class DeferredSums {
  readonly #host: Host;
  /** Where the parts lie; undefined where no call has any. */
  readonly #slab: DeviceBuffer | undefined;
  #waiting: Waiting[] = [];
  #end = 0;
  /** Where the parts of the call that was taken last begin. */
  #offset = 0;

  constructor(calls: readonly Call[], host: Host) {
    this.#host = host;
    const sizes = calls.filter(canWait).map(({ scratchBytes }) => aligned(scratchBytes[0]!));
    const bytes = Math.min(sizes.reduce((a, b) => a + b, 0), MOST_BYTES);
    this.#slab = bytes === 0 ? undefined : host.reserve(bytes);
  }

  /** The call without its sums, which are to wait; undefined where they cannot. */
  take(
    { kernel, inputs, params, outputs }: BoundCall,
    call: Call,
    binding: Binding,
  ): PlannedCall | undefined {
    const slab = this.#slab;
    if (slab === undefined || !canWait(call)) return undefined;
    // Where a run says where a result goes, it is made at once.
    if (outputs.some(({ buffer }) => binding.args.includes(buffer))) return undefined;
    const bytes = call.scratchBytes[0]!;
    if (this.#end + aligned(bytes) > slab.size * 4) this.#end = -1;
    const offset = this.#offset = Math.max(0, this.#end);
    const { slot } = binding.viewOf("plan", slab, slab.size * 4);
    const first = { ...call, steps: call.steps.slice(0, 1) };
    return new PlannedCall({ kernel, inputs, params, outputs }, first, {
      ...binding,
      scratchOf: () => slot.view(bytes, offset),
    });
  }

  /** What must be added up before this call: all, if it touches results, or needs the memory. */
  dueFor({ read, written }: PlannedCall): readonly MergedSums[] {
    const touches = [...read, ...written].some((view) => {
      return this.#waiting.some(({ outputs }) => outputs.some((output) => output.overlaps(view)));
    });
    return touches || this.#end < 0 ? this.rest() : [];
  }

  /** The sums of a call wait from now on. */
  defer({ outputs }: BoundCall, call: Call, { written }: PlannedCall): void {
    const offset = this.#offset;
    this.#waiting.push({ call, outputs: written.slice(0, outputs.length), offset });
    this.#end = offset + aligned(call.scratchBytes[0]!);
  }

  /** All that waits. */
  rest(): readonly MergedSums[] {
    const waiting = this.#waiting, merged: MergedSums[] = [];
    this.#waiting = [];
    this.#end = 0;
    let open: Waiting[] = [];
    for (const one of waiting) {
      if (targetsOf([...open, one]).length > MOST_TARGETS) {
        merged.push(this.#merge(open));
        open = [];
      }
      open.push(one);
    }
    return open.length === 0 ? merged : [...merged, this.#merge(open)];
  }

  /** Gives the memory back. */
  release(): void {
    this.#slab?.release();
  }

  #merge(waiting: readonly Waiting[]): MergedSums {
    const { viewOf, groups, pipelineOf } = this.#host, slab = this.#slab!;
    const targets = targetsOf(waiting);
    const targetOf = (view: View): Target => {
      return [targets.findIndex(({ slot }) => slot === view.slot), view.offset / 4];
    };
    const segments = waiting.map(({ call, outputs, offset }) => ({
      ...call.steps[1]!.sums!,
      from: offset / 4,
      to: targetOf(outputs[0]!),
      second: outputs[1] && targetOf(outputs[1]),
    }));
    const { code, workgroups } = sumSegments(segments, targets.length);
    const views = [viewOf("plan", slab, slab.size * 4), ...targets];
    const pipeline = pipelineOf("sumParts", code, views.map(() => false));
    const group = groups.get(pipeline.layout, views);
    return { pipeline, dispatch: { pipeline, group, workgroups } };
  }
}

/** The buffers that results lie in, whole: those that were gathered are one. */
function targetsOf(waiting: readonly Waiting[]): readonly View[] {
  const slots = new Set(waiting.flatMap(({ outputs }) => outputs.map(({ slot }) => slot)));
  return [...slots].map((slot) => slot.view(slot.bytes));
}
