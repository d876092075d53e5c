/**
 * All figures as data.
 *
 * @module
 */
import { cpus } from "node:os";
import process from "node:process";
import { WebGpuDevice } from "../../src/backend/mod.ts";
import type { Machine } from "../machine/gauge.ts";
import type { Share } from "../machine/share.ts";
import type { BenchDevice } from "./devices.ts";
import type { Outcome } from "./outcome.ts";
import type { Work } from "./work.ts";

/** A work and what became of it, by device. */
export interface Row {
  readonly file: string;
  readonly work: Work;
  readonly outcomes: Readonly<Record<string, Outcome>>;
  /** What share of the machine the cpu devices had. */
  readonly shares: Readonly<Record<string, Share>>;
}

/** A report of rows: times in milliseconds, rates in billions a second. */
export function reportOf(
  rows: readonly Row[],
  devices: readonly BenchDevice[],
  machine: Machine | undefined,
): unknown {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString(),
    machine: {
      cpu: cpu?.model ?? "unknown",
      cores: cpus().length,
      platform: `${process.platform} ${process.arch}`,
      node: process.version,
      rates: machine,
    },
    devices: devices.map(({ name, device }) => ({
      name,
      description: device.description,
      software: device instanceof WebGpuDevice ? device.software : undefined,
    })),
    works: rows.map(({ file, work, outcomes, shares }) => {
      const { name, about, flops, bytes, tolerance } = work;
      return { name, file, about, flops, bytes, tolerance, outcomes, shares };
    }),
  };
}
