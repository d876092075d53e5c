// Running dispatches: workgroup after workgroup, its invocations in random order from barrier to barrier.

import type { Dispatch } from "../../src/kernels/mod.ts";
import { RandomStream } from "../../src/random.ts";
import type { Access, Fault } from "./memory.ts";
import { shaderOf } from "./shader.ts";
import { type Traffic, trafficOf } from "./traffic.ts";

/** What came out. */
export interface Simulation {
  /** What must not happen, at most 20. */
  readonly faults: readonly Fault[];
  /** Traffic of one workgroup, by place in the shader. */
  readonly traffic: readonly Traffic[];
}

/** How to run. */
export interface SimulateOptions {
  /** Seed of the order. Default 1. */
  readonly seed?: number;
  /** The workgroup whose traffic is recorded. Default the first. */
  readonly traced?: number;
  /** Workgroups to run: all by default, the first so many otherwise. */
  readonly workgroups?: number;
}

/**
 * Runs a dispatch on buffers, one for each binding, which it changes as a GPU would. Memory of
 * workgroups holds NaN until it is written.
 */
export function simulate(
  { code, workgroups: [gx, gy, gz] }: Pick<Dispatch, "code" | "workgroups">,
  bindings: readonly (Float32Array | Int32Array | Uint32Array)[],
  { seed = 1, traced = 0, workgroups = Infinity }: SimulateOptions = {},
): Simulation {
  const faults: Fault[] = [], accesses: Access[] = [], random = new RandomStream(seed);
  const shader = shaderOf(code, { bindings, faults }), [x, y, z] = shader.size;
  const onAccess = (access: Access): void => void accesses.push(access);
  const total = Math.min(gx * gy * gz, workgroups);
  for (let group = 0; group < total; group++) {
    for (const memory of shader.workgroupMemory) memory.poison();
    const at = [group % gx, Math.floor(group / gx) % gy, Math.floor(group / (gx * gy))];
    const running = Array.from({ length: x * y * z }, (_, invocation) => {
      const local = [
        invocation % x,
        Math.floor(invocation / x) % y,
        Math.floor(invocation / (x * y)),
      ];
      const builtins = {
        workgroup_id: at,
        local_invocation_index: invocation,
        local_invocation_id: local,
        global_invocation_id: local.map((it, axis) => it + at[axis]! * shader.size[axis]!),
        num_workgroups: [gx, gy, gz],
      };
      const own = group === traced ? onAccess : undefined;
      return shader.start({ invocation, workgroup: group, builtins, onAccess: own });
    });
    runTogether(running, {
      random,
      faults,
      meet: (barrier) => {
        const met = barrier.startsWith("storage") ? shader.storage : shader.workgroupMemory;
        for (const memory of met) memory.meet();
      },
    });
  }
  return { faults, traffic: trafficOf(accesses) };
}

/** All invocations of a workgroup, in random order, each to the next barrier. */
function runTogether(
  running: readonly Generator<string, unknown, void>[],
  { random, faults, meet }: {
    readonly random: RandomStream;
    readonly faults: Fault[];
    readonly meet: (barrier: string) => void;
  },
): void {
  for (;;) {
    const reached = new Map<string, number>();
    for (const at of random.permutation(running.length)) {
      const { done, value } = running[at]!.next();
      const place = done ? "the end" : value;
      reached.set(place, (reached.get(place) ?? 0) + 1);
    }
    if (reached.size > 1) {
      const where = [...reached].map(([place, count]) => `${count} at ${place}`).join(", ");
      faults.push({ kind: "barrier not reached by all", what: where });
      return;
    }
    const [place] = reached.keys();
    if (place === undefined || place === "the end") return;
    meet(place);
  }
}
