/**
 * What the page and its worker say to each other.
 *
 * @module
 */
import type { DeviceFacts } from "../harness/json.ts";
import type { Outcome } from "../harness/outcome.ts";
import type { Share } from "../machine/share.ts";
import type { WorkFacts } from "../harness/work.ts";

/** Works that are chosen together. */
export type Group = "curves" | "steps" | "kernels";

/** What to run. */
export interface Order {
  readonly groups: readonly Group[];
  /** Names of the devices, as the worker told them. */
  readonly devices: readonly string[];
  /** Small works only, with little time for each. */
  readonly short: boolean;
}

/** A row to come. */
export interface PlannedWork extends WorkFacts {
  readonly file: string;
}

/** What the worker says. */
export type Message =
  /** First, once the devices are open. */
  | {
    readonly kind: "devices";
    readonly devices: readonly DeviceFacts[];
    /** Devices that are not there, each with the reason. */
    readonly missing: readonly string[];
  }
  /** The rows of an order, and how many are too large for it. */
  | {
    readonly kind: "plan";
    readonly works: readonly PlannedWork[];
    readonly leftOut: number;
    /** Those that were asked for, with what they can do. */
    readonly devices: readonly DeviceFacts[];
  }
  /** Row number `work` begins: it is computed on the reference device, to be compared with. */
  | { readonly kind: "work"; readonly work: number }
  | {
    readonly kind: "outcome";
    readonly work: number;
    readonly device: string;
    readonly outcome: Outcome;
    readonly share: Share | undefined;
  }
  /** All rows have run. */
  | { readonly kind: "end" };
