/**
 * Our engine as a peer: this file is bundled into the harness, see install.ts, and runs in Node and
 * in browsers.
 *
 * @module
 */
import type { Device } from "../../src/backend/mod.ts";
import { openDevice } from "../../src/backend/mod.ts";
import { Tensor } from "../../src/tensor/mod.ts";
import { type PeerWork, total, WORKS } from "./works.ts";

/** How the harness opens a peer. */
export interface Options {
  readonly backend: "cpu" | "webgpu";
  /** Threads of the cpu backend. */
  readonly threads?: number;
  /** Whether steps run kernel by kernel instead of being replayed. Default false. */
  readonly eager?: boolean;
}

/** A work in place: one whole iteration, done when its promise resolves. */
interface Iterated {
  readonly step: () => Promise<void>;
  /** A number that must agree between peers. */
  readonly check: () => Promise<number>;
}

/** A work of many small operations, timed until they are asked for, and until they are done. */
interface Chained {
  readonly ops: number;
  readonly submit: () => void;
  readonly sync: () => Promise<void>;
  readonly check: () => Promise<number>;
}

/** What the harness gets. */
export interface Adapter {
  readonly info: Readonly<Record<string, unknown>>;
  readonly work: Readonly<Record<string, () => Promise<Iterated | Chained>>>;
}

/** Opens the engine for the harness. */
export async function create({ backend, threads, eager = false }: Options): Promise<Adapter> {
  const device = await openDevice(backend, threads === undefined ? {} : { threads });
  const works = Object.entries(WORKS).map(([name, work]) => {
    return [name, () => Promise.resolve(placed(device, work, !eager))] as const;
  });
  return { info: { device: device.description, eager }, work: Object.fromEntries(works) };
}

function placed(device: Device, work: PeerWork, captured: boolean): Iterated | Chained {
  const { step } = work.make(device, { captured });
  const sync = () => device.sync();
  async function check(): Promise<number> {
    // Not the steps that were timed: of training, the first loss counts.
    const fresh = work.make(device, { captured });
    const value = await (work.check ?? total)(fresh.step);
    for (const held of fresh.holds) held.dispose();
    return value;
  }
  if (work.ops !== undefined) {
    const submit = (): void => {
      const result = step();
      if (result instanceof Tensor) result.dispose();
    };
    return { ops: work.ops, submit, sync, check };
  }
  async function iterate(): Promise<void> {
    const result = step();
    if (!(result instanceof Tensor)) return void await result;
    result.dispose();
    await sync();
  }
  return { step: iterate, check };
}
