/**
 * Bind groups by layout and views: making one costs three times as much as a dispatch.
 *
 * @module
 */
import type { Ledger } from "../ledger.ts";
import type { Layout } from "./pipelines.ts";
import type { Slot, View } from "./slot.ts";

/** Groups that are kept; beyond that, what was made first goes first. */
const MOST = 8192;

interface Entry {
  readonly group: GPUBindGroup;
  readonly views: readonly View[];
}

/** Makes and keeps bind groups. */
export class BindGroups {
  readonly #device: GPUDevice;
  readonly #ledger: Ledger;
  readonly #entries: Map<string, Entry> = new Map();

  constructor(device: GPUDevice, ledger: Ledger) {
    this.#device = device;
    this.#ledger = ledger;
  }

  /** The group that binds these views in this order. */
  get(layout: Layout, views: readonly View[]): GPUBindGroup {
    let key = `${layout.id}`;
    for (const view of views) key += `,${view.id}`;
    const known = this.#entries.get(key);
    if (known !== undefined) return known.group;
    this.#ledger.count("bindGroups");
    const group = this.#device.createBindGroup({
      layout: layout.groups,
      entries: views.map((view, binding) => ({ binding, resource: view.binding })),
    });
    this.#entries.set(key, { group, views });
    if (this.#entries.size > MOST) {
      const [oldest] = this.#entries.keys();
      this.#entries.delete(oldest!);
    }
    return group;
  }

  /** Lets go of the groups of destroyed slots. */
  forget(slots: readonly Slot[]): void {
    if (slots.length === 0) return;
    const gone = new Set(slots);
    for (const [key, { views }] of this.#entries) {
      if (views.some((view) => gone.has(view.slot))) this.#entries.delete(key);
    }
  }
}
