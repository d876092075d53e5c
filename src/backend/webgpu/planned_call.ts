/**
 * A call of a plan with its bind groups. Where an operand is an argument of the run, these change.
 *
 * @module
 */
import type { DeviceBuffer } from "../buffer.ts";
import type { BoundCall } from "../device.ts";
import type { BindGroups } from "./bind_groups.ts";
import type { Call } from "./calls.ts";
import { checkAlias } from "./operands.ts";
import type { Pipeline } from "./pipelines.ts";
import { besideStep } from "./read_beside.ts";
import type { BoundDispatch } from "./recorder.ts";
import type { View } from "./slot.ts";

/** What a call is bound with. */
export interface Binding {
  readonly groups: BindGroups;
  /** Buffers that stand for the arguments of a run. */
  readonly args: readonly DeviceBuffer[];
  /** Memory for this call's scratch number `at`. */
  scratchOf(at: number, bytes: number): View;
  viewOf(act: string, buffer: DeviceBuffer, bytes: number): View;
  /** The pipeline of a shader with other bindings than its kernel asked for. */
  pipelineOf(name: string, code: string, readOnly: readonly boolean[]): Pipeline;
}

/** An operand that is an argument. */
interface Argument {
  readonly place: number;
  readonly arg: number;
  readonly bytes: number;
  readonly isWritten: boolean;
}

/** A call, bound. */
export class PlannedCall {
  readonly kernel: string;
  /** Its dispatches; those of a call with arguments are there when these are bound. */
  dispatches: readonly BoundDispatch[] = [];
  /** What it reads, without arguments. */
  readonly read: readonly View[];
  /** What it writes, with scratch. */
  readonly written: readonly View[];
  /** How many of its dispatches read and write one GPUBuffer, at different places. */
  readonly beside: number;
  readonly #steps: Call["steps"];
  readonly #binding: Binding;
  readonly #views: (View | undefined)[];
  readonly #arguments: readonly Argument[];

  constructor({ kernel, inputs, outputs }: BoundCall, call: Call, binding: Binding) {
    const { name } = kernel, { args } = binding;
    this.kernel = name;
    this.#binding = binding;
    const sizes = [...call.inputBytes, ...call.outputBytes], count = inputs.length;
    this.#arguments = [...inputs, ...outputs].flatMap(({ buffer }, place) => {
      const arg = args.indexOf(buffer), bytes = sizes[place]!;
      return arg < 0 ? [] : [{ place, arg, bytes, isWritten: place >= count }];
    });
    const views = [...inputs, ...outputs].map(({ buffer }, place) => {
      return args.includes(buffer) ? undefined : binding.viewOf(name, buffer, sizes[place]!);
    });
    const own = present(views.slice(0, count)), made = present(views.slice(count));
    made.forEach((view, at) => {
      checkAlias(name, view, { read: [], written: [...own, ...made.slice(0, at)] });
    });
    const extra = call.scratchBytes.map((bytes, at) => binding.scratchOf(at, bytes));
    this.read = [...own, ...present(views.slice(count, count + (kernel.updates ?? 0)))];
    this.written = [...made, ...extra];
    this.#views = [...views, ...extra];
    const rebinding = { kernel: name, inputs: count, pipelineOf: binding.pipelineOf };
    this.#steps = call.steps.map((step) => besideStep(step, this.#views, rebinding));
    this.beside = this.#steps.filter((step, at) => step !== call.steps[at]).length;
    if (this.#arguments.length === 0) this.#find();
  }

  /** Whether it must be bound before each run. */
  get takesArguments(): boolean {
    return this.#arguments.length > 0;
  }

  /** What its dispatches run. */
  get pipelines(): readonly Pipeline[] {
    return this.#steps.map(({ pipeline }) => pipeline);
  }

  /** How many dispatches it has. */
  get length(): number {
    return this.#steps.length;
  }

  /** Binds the arguments of a run; tells whether its dispatches are others than before. */
  bind(given: readonly DeviceBuffer[]): boolean {
    let changed = false;
    for (const { place, arg, bytes, isWritten } of this.#arguments) {
      const view = this.#binding.viewOf(this.kernel, given[arg]!, bytes);
      if (this.#views[place] === view) continue;
      if (isWritten) checkAlias(this.kernel, view, { read: this.read, written: this.written });
      else {for (const other of this.written) {
          checkAlias(this.kernel, other, { read: [view], written: [] });
        }}
      this.#views[place] = view;
      changed = true;
    }
    if (changed) this.#find();
    return changed;
  }

  /** Arguments that are bound: those that are read, or those that are written. */
  *bound(isWritten: boolean): Iterable<View> {
    for (const argument of this.#arguments) {
      if (argument.isWritten === isWritten) yield this.#views[argument.place]!;
    }
  }

  #find(): void {
    const { groups } = this.#binding;
    this.dispatches = this.#steps.map(({ pipeline, operands, workgroups }) => {
      const group = groups.get(pipeline.layout, operands.map((at) => this.#views[at]!));
      return { pipeline, group, workgroups };
    });
  }
}

function present(views: readonly (View | undefined)[]): readonly View[] {
  return views.filter((view) => view !== undefined);
}
