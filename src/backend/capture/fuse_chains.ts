/**
 * Elementwise kernels that follow each other become chains, which pass over memory once: what only
 * members of a chain read is never stored. Where a device can, a chain becomes the epilogue of the
 * kernel whose result it begins with.
 *
 * @module
 */
import {
  type ChainParams,
  type ChainSource,
  type ChainStep,
  elementwise,
  elementwiseChain,
  type ElementwiseName,
  finished,
  type FinishedParams,
  MAX_CHAIN_OPERANDS,
  MAX_CHAIN_STEPS,
} from "../../kernels/mod.ts";
import { sameShape, sizeOf } from "../../shape.ts";
import { CallGraph } from "./call_graph.ts";
import { survivesContraction } from "./contraction.ts";
import type { NotedCall, ValueOperand } from "./notes.ts";

/** Whether a call is one of the elementwise kernels. */
function isElementwise({ kernel }: NotedCall): boolean {
  return elementwise[kernel.name as ElementwiseName] === kernel;
}

/** What a call makes first, behind what it updates. */
function resultOf({ kernel, outputs }: NotedCall): ValueOperand {
  return outputs[kernel.updates ?? 0] ?? outputs[0]!;
}

/** Elements of the result. */
function elementsOf({ outputs }: NotedCall): number {
  return sizeOf(outputs[0]!.shape);
}

/** What to know about a list of calls to fuse it. */
export interface Fusing {
  /** Values that must be there at the end. */
  readonly wanted: ReadonlySet<number>;
  /** Whether the device's compiler may contract what meets in one shader, see contraction.ts. */
  readonly contracts: boolean;
  /** Whether the device runs kernels with epilogues. */
  readonly finishes: boolean;
}

/** The calls with what is known of their values. */
class Fusion {
  readonly calls: readonly NotedCall[];
  readonly graph: CallGraph;
  /** The calls that read a value or update it. */
  readonly #readers: Map<number, number[]> = new Map();
  readonly #wanted: ReadonlySet<number>;
  readonly #contracts: boolean;

  constructor(calls: readonly NotedCall[], { wanted, contracts }: Omit<Fusing, "finishes">) {
    this.calls = calls;
    this.#contracts = contracts;
    this.graph = new CallGraph(calls);
    this.#wanted = wanted;
    calls.forEach(({ kernel, inputs, outputs }, call) => {
      for (const { value } of [...inputs, ...outputs.slice(0, kernel.updates ?? 0)]) {
        this.#readers.set(value, [...this.#readers.get(value) ?? [], call]);
      }
    });
  }

  /** The calls that read the result of a call. */
  readersOf(call: number): readonly number[] {
    return this.#readers.get(resultOf(this.calls[call]!).value) ?? [];
  }

  /** The call that these calls make together; `inputs` are what it reads first. */
  chain(members: readonly number[], inputs: ValueOperand[] = []): Chain {
    const steps: ChainStep[] = [];
    const made = new Map<number, number>();
    for (const member of members) {
      const { kernel, inputs: operands, outputs } = this.calls[member]!;
      const sources = operands.map((operand): ChainSource => {
        const step = made.get(operand.value);
        return step === undefined ? { external: placeIn(inputs, operand) } : { step };
      });
      const { value, shape } = outputs[0]!;
      made.set(value, steps.length);
      steps.push({ name: kernel.name as ElementwiseName, shape, inputs: sources });
    }
    const inside = new Set(members);
    const results = [...members.keys()].filter((step) => {
      const member = members[step]!, readers = this.readersOf(member);
      return readers.length === 0 || this.#wanted.has(this.calls[member]!.outputs[0]!.value) ||
        readers.some((reader) => !inside.has(reader));
    });
    const outputs = results.map((step) => this.calls[members[step]!]!.outputs[0]!);
    return { kernel: elementwiseChain, params: { steps, results }, inputs, outputs };
  }

  /** A call together with the elementwise group that reads its result, where that is possible. */
  finished(call: number, group: number): NotedCall | undefined {
    const { kernel, params: own, inputs, outputs } = this.calls[call]!;
    const first = resultOf(this.calls[call]!);
    const { params: { steps, results: made }, ...chain } = this.chain(
      this.graph.membersOf(group),
      [first],
    );
    const operands = [...inputs, ...chain.inputs.slice(1)];
    // Elsewhere among the operands it would be broadcast, or seen in another shape.
    if (chain.inputs.slice(1).some(({ value }) => value === first.value)) return undefined;
    if (made.length !== 1 || made[0] !== steps.length - 1) return undefined;
    if (sizeOf(first.shape) !== sizeOf(steps[0]!.shape)) return undefined;
    const room = kernel.room ?? MAX_CHAIN_OPERANDS - inputs.length - outputs.length;
    if (chain.inputs.length - 1 > room) return undefined;
    const isProduct = kernel.endsIn === "product";
    if (this.#contracts && !survivesContraction(steps, isProduct)) return undefined;
    const params: FinishedParams<unknown> = { own, operands: inputs.length, steps };
    const results = outputs.with(kernel.updates ?? 0, chain.outputs[0]!);
    return { kernel: finished(kernel), params, inputs: operands, outputs: results };
  }

  /** Makes a call and the group that alone reads its result one call, and gives that. */
  tryFinish(call: number): NotedCall | undefined {
    const { graph, calls } = this, first = resultOf(calls[call]!);
    if (calls[call]!.kernel.endsIn === undefined || first.dtype !== "f32") return undefined;
    const groups = new Set(this.readersOf(call).map((reader) => graph.groupOf(reader)));
    const [group] = groups;
    if (groups.size !== 1 || this.#wanted.has(first.value)) return undefined;
    if (!graph.membersOf(group!).every((member) => isElementwise(calls[member]!))) return undefined;
    const whole = this.finished(call, group!);
    if (whole === undefined || !graph.canMerge(call, group!)) return undefined;
    graph.merge(call, group!);
    return whole;
  }

  /** Makes two groups one where they are elementwise, of one size, and not too large together. */
  tryMerge(a: number, b: number): void {
    const { graph, calls } = this;
    if (a === b) return;
    const members = [...graph.membersOf(a), ...graph.membersOf(b)].sort((x, y) => x - y);
    const size = elementsOf(calls[members[0]!]!);
    if (!members.every((m) => isElementwise(calls[m]!) && elementsOf(calls[m]!) === size)) return;
    if (members.length > MAX_CHAIN_STEPS) return;
    const { inputs, outputs, params } = this.chain(members);
    if (this.#contracts && !survivesContraction(params.steps)) return;
    if (inputs.length + outputs.length > MAX_CHAIN_OPERANDS) return;
    if (graph.canMerge(a, b)) graph.merge(a, b);
  }

  /** Whether two groups read one tensor that is as large as their results. */
  shareOperand(a: number, b: number): boolean {
    const [one, other] = [a, b].map((group) => this.chain(this.graph.membersOf(group)));
    const size = elementsOf(one!);
    return one!.inputs.some((x) => {
      return sizeOf(x.shape) === size && other!.inputs.some((y) => x.value === y.value);
    });
  }
}

/** A call of the kernel of chains. */
interface Chain extends NotedCall {
  readonly params: ChainParams;
}

/** The place of an operand in the list, to which it is added where it is new. */
function placeIn(list: ValueOperand[], operand: ValueOperand): number {
  const place = list.findIndex(({ value, shape }) => {
    return value === operand.value && sameShape(shape, operand.shape);
  });
  return place >= 0 ? place : list.push(operand) - 1;
}

/**
 * The list with chains in place of elementwise calls: the same values for everything that is
 * `wanted` or that other calls read, from the same arithmetic. Results that nobody reads stay.
 */
export function fuseChains(calls: readonly NotedCall[], fusing: Fusing): readonly NotedCall[] {
  const fusion = new Fusion(calls, fusing), { graph } = fusion;
  const finishing = new Map<number, NotedCall>();
  // From the end, so that a call joins those that read its result rather than those that it reads:
  // what a backward pass makes of results of the forward pass is best made there.
  for (let call = calls.length - 1; call >= 0; call--) {
    for (const reader of isElementwise(calls[call]!) ? fusion.readersOf(call) : []) {
      fusion.tryMerge(graph.groupOf(call), graph.groupOf(reader));
    }
  }
  // From the end again: of two kernels whose results meet, the later one has the other's at hand.
  for (let call = calls.length - 1; call >= 0 && fusing.finishes; call--) {
    const whole = fusion.tryFinish(call);
    if (whole !== undefined) finishing.set(call, whole);
  }
  // Neighbours that read the same read it once.
  let last: number | undefined;
  for (const group of graph.ordered()) {
    const first = graph.membersOf(group)[0]!;
    const fits = isElementwise(calls[first]!) && !finishing.has(group);
    if (fits && last !== undefined && fusion.shareOperand(last, group)) {
      fusion.tryMerge(last, group);
    }
    last = fits ? graph.groupOf(first) : undefined;
  }
  return graph.ordered().map((group) => {
    const members = graph.membersOf(group), whole = finishing.get(group);
    if (whole !== undefined) return whole;
    return members.length === 1 ? calls[members[0]!]! : fusion.chain(members);
  });
}
