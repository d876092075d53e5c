/**
 * All figures as data: what `--json` writes, and what the page saves and loads.
 *
 * @module
 */
import { WebGpuDevice } from "../../src/backend/mod.ts";
import type { Machine } from "../machine/gauge.ts";
import type { Limits, Share } from "../machine/share.ts";
import type { BenchDevice } from "./devices.ts";
import type { Outcome } from "./outcome.ts";
import type { Work, WorkFacts } from "./work.ts";

/** A work and what became of it, by device. */
export interface Row {
  readonly file: string;
  readonly work: Work;
  readonly outcomes: Readonly<Record<string, Outcome>>;
  /** What share of the machine the devices had, where it was measured. */
  readonly shares: Readonly<Record<string, Share>>;
}

/** What ran the benchmarks. */
export interface MachineFacts {
  /** Model of the processor; browsers do not tell: "unknown". */
  readonly cpu: string;
  /** Threads that it runs at once. */
  readonly cores: number;
  /** Operating system and architecture, as far as they are told. */
  readonly platform: string;
  /** Engine and version: "Node 20.20.0", "Deno 2.9.6", or what a browser calls itself. */
  readonly engine: string;
  /** Limits of the processor, where they were measured. */
  readonly rates?: Machine | undefined;
}

/** A device, in words. */
export interface DeviceFacts {
  /** Its column: "webgpu", "webgpu, software", "cpu, 8 threads". */
  readonly name: string;
  readonly backend: string;
  readonly description: string;
  /** Whether WebGPU runs on the CPU; only for WebGPU. */
  readonly software?: boolean | undefined;
  /** Only for cpu devices. */
  readonly threads?: number | undefined;
  /** What it can do, measured; only for WebGPU. */
  readonly limits?: Limits | undefined;
}

/** A row as data. */
export interface WorkReport extends WorkFacts {
  readonly file: string;
  /** By the name of the device. */
  readonly outcomes: Readonly<Record<string, Outcome>>;
  /** By the name of the device. */
  readonly shares: Readonly<Record<string, Share>>;
}

/** Everything: times in milliseconds, rates in billions a second. */
export interface Report {
  readonly format: typeof FORMAT;
  /** When it was written, as Date.toISOString() has it. */
  readonly date: string;
  readonly machine: MachineFacts;
  readonly devices: readonly DeviceFacts[];
  readonly works: readonly WorkReport[];
}

/** Name and version of the format; the version grows when a reader would have to know. */
export const FORMAT = "tapegrad benchmarks 1";

/** What a device is. */
export function deviceFacts({ name, device, threads, limits }: BenchDevice): DeviceFacts {
  return {
    name,
    backend: device.backend,
    description: device.description,
    software: device instanceof WebGpuDevice ? device.software : undefined,
    threads,
    limits,
  };
}

/** What a work is, without what runs it. */
export function workFacts({ name, about, flops, bytes, tolerance, point }: Work): WorkFacts {
  return { name, about, flops, bytes, tolerance, point };
}

/** A report of rows. */
export function reportOf(
  rows: readonly Row[],
  devices: readonly BenchDevice[],
  machine: MachineFacts,
): Report {
  return {
    format: FORMAT,
    date: new Date().toISOString(),
    machine,
    devices: devices.map(deviceFacts),
    works: rows.map(({ file, work, outcomes, shares }) => {
      return { ...workFacts(work), file, outcomes, shares };
    }),
  };
}

/**
 * Reads a report, from the command line or from the page.
 *
 * @throws SyntaxError when it is none; `name` is what the message calls it.
 */
export function parseReport(text: string, name: string): Report {
  const refuse = (seen: string): SyntaxError => {
    return new SyntaxError(
      `Cannot read ${name}: ${seen}, choose a file that this page or npm run bench -- --json wrote`,
    );
  };
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw refuse("it holds no JSON");
  }
  const { format, date, machine, devices, works } = (found ?? {}) as Partial<
    Record<string, unknown>
  >;
  if (format !== FORMAT) {
    throw refuse(`its format is ${JSON.stringify(format)} and not ${JSON.stringify(FORMAT)}`);
  }
  const complete = typeof date === "string" && isRecord(machine) &&
    typeof machine["engine"] === "string" && Array.isArray(devices) && devices.every(isDevice) &&
    Array.isArray(works) && works.every(isWork);
  if (!complete) throw refuse("parts of it are missing");
  return found as Report;
}

function isWork(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { name, about, file, flops, bytes, point, outcomes, shares } = value;
  return [name, about, file].every((it) => typeof it === "string") &&
    [flops, bytes].every((it) => typeof it === "number") &&
    (point === undefined || isPoint(point)) &&
    isRecord(outcomes) && Object.values(outcomes).every(isOutcome) &&
    isRecord(shares) && Object.values(shares).every(isShare);
}

function isPoint(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { curve, size } = value;
  return typeof curve === "string" && typeof size === "number" && size > 0;
}

function isShare(value: unknown): boolean {
  return isRecord(value) && typeof value["of"] === "string" && typeof value["share"] === "number";
}

/** Whatever else a device has must have these. */
function isDevice(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { name, backend, description, threads, limits } = value;
  return [name, backend, description].every((it) => typeof it === "string") &&
    ["undefined", "number"].includes(typeof threads) &&
    (limits === undefined ||
      isRecord(limits) && typeof limits["peak"] === "number" && limits["peak"] > 0);
}

function isOutcome(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { kind, why, timing, gflops, gbs } = value;
  if (kind !== "measured") return typeof why === "string";
  return isRecord(timing) && ["median", "min", "p10", "p90"].every((it) => {
    return typeof timing[it] === "number";
  }) && typeof gflops === "number" && typeof gbs === "number";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
