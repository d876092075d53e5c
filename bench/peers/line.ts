/**
 * What is kept of a run: one line of JSON per measurement.
 *
 * @module
 */
import type { Machine } from "../machine/gauge.ts";

/** A peer on a work, as the harness prints it. */
export interface PeerLine {
  readonly peer: string;
  readonly host: "node" | "chromium";
  readonly work: string;
  readonly status: "ok" | "failed" | "absent";
  /** Which turn it was, from 0. */
  readonly round: number;
  /** Which group of works it was timed in. */
  readonly group: number;
  /** Median milliseconds of an iteration. */
  readonly ms?: number;
  /** Microseconds of an operation, for works of many. */
  readonly totalUsPerOp?: number;
  /** Billions of operations a second. */
  readonly gflops?: number;
  /** Billions of bytes a second. */
  readonly gbs?: number;
  /** Must agree between peers. */
  readonly check?: number;
  readonly error?: string;
  /** The adapter, for works on WebGPU. */
  readonly gpu?: string;
  /** The version of the peer. */
  readonly version?: string;
  readonly info?: Readonly<Record<string, unknown>>;
}

/** The machine, measured before each turn of a group. */
export interface MachineLine extends Machine {
  readonly peer: "machine";
  readonly round: number;
  readonly group: number;
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly date: string;
}

/** A line. */
export type Line = PeerLine | MachineLine;

/** Reads lines back. */
export function parseLines(text: string): readonly Line[] {
  return text.split("\n").filter(Boolean).map((line) => JSON.parse(line) as Line);
}
