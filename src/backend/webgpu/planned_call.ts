/**
 * A call of a plan with its bind groups. Where it reads arguments of the run, these change.
 *
 * @module
 */
import type { DeviceBuffer } from "../buffer.ts";
import type { BoundCall } from "../device.ts";
import type { BindGroups } from "./bind_groups.ts";
import type { Call } from "./calls.ts";
import { checkAlias } from "./operands.ts";
import type { BoundDispatch } from "./recorder.ts";
import type { View } from "./slot.ts";

/** What a call is bound with. */
export interface Binding {
  readonly groups: BindGroups;
  /** Buffers that stand for the arguments of a run. */
  readonly args: readonly DeviceBuffer[];
  readonly scratch: readonly DeviceBuffer[];
  viewOf(act: string, buffer: DeviceBuffer, bytes: number): View;
}

/** An operand that is an argument. */
interface Argument {
  readonly place: number;
  readonly arg: number;
  readonly bytes: number;
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
  readonly #call: Call;
  readonly #binding: Binding;
  readonly #views: (View | undefined)[];
  readonly #arguments: readonly Argument[];

  constructor({ kernel, inputs, outputs }: BoundCall, call: Call, binding: Binding) {
    const { name } = kernel, { args, scratch } = binding;
    this.kernel = name;
    this.#call = call;
    this.#binding = binding;
    this.#arguments = inputs.flatMap(({ buffer }, place) => {
      const arg = args.indexOf(buffer);
      return arg < 0 ? [] : [{ place, arg, bytes: call.inputBytes[place]! }];
    });
    const given = inputs.map(({ buffer }, place) => {
      if (args.includes(buffer)) return undefined;
      return binding.viewOf(name, buffer, call.inputBytes[place]!);
    });
    const made = outputs.map(({ buffer }, at) => {
      return binding.viewOf(name, buffer, call.outputBytes[at]!);
    });
    const own = given.filter((view) => view !== undefined);
    made.forEach((view, at) => checkAlias(name, view, [...own, ...made.slice(0, at)]));
    const extra = call.scratchBytes.map((bytes, at) => {
      const buffer = scratch[at]!;
      return binding.viewOf(name, buffer, buffer.size * 4).slot.view(bytes);
    });
    this.read = [...own, ...made.slice(0, kernel.updates ?? 0)];
    this.written = [...made, ...extra];
    this.#views = [...given, ...made, ...extra];
    if (this.#arguments.length === 0) this.#find();
  }

  /** Whether it must be bound before each run. */
  get takesArguments(): boolean {
    return this.#arguments.length > 0;
  }

  /** Binds the arguments of a run; tells whether its dispatches are others than before. */
  bind(given: readonly DeviceBuffer[]): boolean {
    let changed = false;
    for (const { place, arg, bytes } of this.#arguments) {
      const view = this.#binding.viewOf(this.kernel, given[arg]!, bytes);
      if (this.#views[place] === view) continue;
      for (const written of this.written) checkAlias(this.kernel, written, [view]);
      this.#views[place] = view;
      changed = true;
    }
    if (changed) this.#find();
    return changed;
  }

  /** The arguments that are bound. */
  *bound(): Iterable<View> {
    for (const { place } of this.#arguments) yield this.#views[place]!;
  }

  #find(): void {
    const { groups } = this.#binding;
    this.dispatches = this.#call.steps.map(({ pipeline, operands, workgroups }) => {
      const group = groups.get(pipeline.layout, operands.map((at) => this.#views[at]!));
      return { pipeline: pipeline.gpu, group, workgroups };
    });
  }
}
