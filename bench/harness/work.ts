/**
 * Works: what is timed, the same on every device.
 *
 * @module
 */
import type { Device } from "../../src/backend/mod.ts";
import type { TypedArray } from "../../src/dtype.ts";
import type { Tolerance } from "./compare.ts";

/** A work on a device, with its operands in place. */
export interface Subject {
  /** One call, as it is timed; it may return before the work is done. */
  call(): void | Promise<void>;
  /** What the work computes, for the comparison with the reference device; called once, first. */
  results(): Promise<readonly TypedArray[]>;
  /** Gives the operands back. */
  close(): void;
}

/** A place on a curve: rates of one kernel against the size of its operands. */
export interface CurvePoint {
  /** Which curve: `matmul`. */
  readonly curve: string;
  /** The place on its horizontal axis: rows of a square matrix, channels of an image. */
  readonly size: number;
}

/** What a row is, as plain data. */
export interface WorkFacts {
  /** What runs, and on what: `matmul W1_64`. */
  readonly name: string;
  /** Shapes, or the setting in words. */
  readonly about: string;
  /** Floating-point operations of a call. */
  readonly flops: number;
  /** Bytes of the operands and results of a call, each counted once. */
  readonly bytes: number;
  readonly tolerance: Tolerance;
  /** Where the row stands on a curve. Default: on none. */
  readonly point?: CurvePoint | undefined;
}

/** One row of the benchmarks. */
export interface Work extends WorkFacts {
  /** Puts the work on a device. */
  prepare(device: Device): Subject;
  /** What the results must be; runs on the reference device. */
  expected(reference: Device): Promise<readonly TypedArray[]>;
  /** The part of the results that `expected` gives. */
  compared(results: readonly TypedArray[]): readonly TypedArray[];
  /** Operations that `expected` needs. */
  readonly expectedCost: number;
}

/** Above so many operations per byte, arithmetic is what counts. */
const ARITHMETIC = 4;

/** Whether a work has more arithmetic than movement, so that its rate is one of operations. */
export function isArithmetic({ flops, bytes }: Pick<Work, "flops" | "bytes">): boolean {
  return bytes === 0 || flops / bytes > ARITHMETIC;
}

/** Operations of a call; where it computes little, elements that it moves. */
export function costOf({ flops, bytes }: Pick<Work, "flops" | "bytes">): number {
  return Math.max(flops, bytes / 4);
}

const works: Work[] = [];

/** Adds a row; the declarative calls of the bench files end here. */
export function addWork(work: Work): void {
  works.push(work);
}

/** The rows added since the last call. */
export function takeWorks(): readonly Work[] {
  return works.splice(0);
}
