/**
 * The figures of the page: what has been measured so far, as a report.
 *
 * @module
 */
import { type DeviceFacts, FORMAT, type Report } from "../harness/json.ts";
import type { Outcome } from "../harness/outcome.ts";
import type { Share } from "../machine/share.ts";
import type { PlannedWork } from "./messages.ts";

/** A row that fills up. */
export interface LiveRow extends PlannedWork {
  readonly outcomes: Record<string, Outcome>;
  readonly shares: Record<string, Share>;
}

/** Figures as they come in. */
export class Results {
  readonly devices: readonly DeviceFacts[];
  readonly rows: readonly LiveRow[];
  readonly #date: string = new Date().toISOString();

  constructor(devices: readonly DeviceFacts[], works: readonly PlannedWork[]) {
    this.devices = devices;
    this.rows = works.map((work) => ({ ...work, outcomes: {}, shares: {} }));
  }

  /** Whether there is anything to save. */
  get isEmpty(): boolean {
    return this.rows.every(({ outcomes }) => Object.keys(outcomes).length === 0);
  }

  /** How many works failed on some device. */
  get failures(): number {
    return this.rows.filter(({ outcomes }) => {
      return Object.values(outcomes).some(({ kind }) => kind === "failed");
    }).length;
  }

  /** What the command line writes with --json; rows that have not run are left out. */
  report(): Report {
    const { hardwareConcurrency, userAgent } = navigator;
    return {
      format: FORMAT,
      date: this.#date,
      machine: {
        cpu: "unknown",
        cores: hardwareConcurrency,
        platform: platformOf(navigator),
        engine: userAgent,
      },
      devices: this.devices,
      works: this.rows.filter(({ outcomes }) => Object.keys(outcomes).length > 0),
    };
  }
}

/** The operating system, where the browser tells. */
export function platformOf(navigator: Navigator): string {
  const { userAgentData } = navigator as { userAgentData?: { readonly platform?: string } };
  return userAgentData?.platform || navigator.platform || "unknown";
}
