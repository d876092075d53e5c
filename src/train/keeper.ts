/**
 * Takes snapshots while a loop runs, and goes back to the last one when the GPU was lost.
 *
 * @module
 */
import type { Device } from "../backend/mod.ts";
import type { Module, Optimizer } from "../nn/mod.ts";
import { type Snapshot, snapshot } from "./snapshot.ts";

/** Losses from which the loop goes back to the same snapshot; after that, the GPU is given up. */
const PATIENCE = 3;

/** What is kept, and when. */
export interface KeeperOptions {
  readonly model: Module;
  readonly optimizer: Optimizer;
  readonly device: Device;
  /** Steps between snapshots. */
  readonly every: number;
}

/** Keeps the last snapshot; a place is what the loop must know to go on from it. */
export class Keeper<P extends { readonly step: number }> {
  readonly #options: KeeperOptions;
  #last: { readonly place: P; readonly saved: Snapshot } | undefined;
  #losses = 0;

  constructor(options: KeeperOptions) {
    const { every } = options;
    if (!Number.isInteger(every) || every < 1) {
      throw new RangeError(
        `Cannot take a snapshot every ${every} steps: it must be a whole number >= 1`,
      );
    }
    this.#options = options;
  }

  /** Takes a snapshot if one is due. */
  async keep(place: P): Promise<void> {
    const { model, optimizer, every } = this.#options;
    if (this.#last !== undefined && place.step < this.#last.place.step + every) return;
    const saved = await snapshot(model, optimizer);
    this.#last = { place, saved };
    this.#losses = 0;
  }

  /** Restores device and snapshot if the device was lost, else throws the error. */
  async recover(error: unknown): Promise<P> {
    const { device } = this.#options, last = this.#last;
    // Some errors of a lost GPU come before it is known to be lost.
    if (!device.isLost) await device.sync().catch(() => {});
    if (!device.isLost || last === undefined || ++this.#losses > PATIENCE) throw error;
    await device.restore();
    last.saved.restore();
    return last.place;
  }
}
