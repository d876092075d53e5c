/**
 * The tables of `tapegrad profile`.
 *
 * @module
 */
import {
  GPUS,
  type KernelRow,
  type KernelTime,
  LEAST_SECONDS,
  REACHED,
  type StepProfile,
} from "../backend/mod.ts";
import { type Cell, type Column, formatDuration, type Table } from "../report/mod.ts";

/** What one step asked of the device. */
export function countsTable(caption: string, profile: Omit<StepProfile, "calls">): Table {
  const { counts, backend, hostSecondsPerDispatch } = profile;
  const gpu = (count: number): Cell => backend === "webgpu" ? count : null;
  return {
    caption,
    columns: [{ head: "what", kind: "text" }, { head: "per step", kind: "count" }],
    rows: [
      ["kernel calls", counts.kernelCalls],
      ["dispatches", gpu(counts.dispatches)],
      ["passes", gpu(counts.passes)],
      ["submits", gpu(counts.submits)],
      ["buffers made", gpu(counts.buffersMade)],
      ["bind groups made", gpu(counts.bindGroupsMade)],
      ["pipelines made", gpu(counts.pipelinesMade)],
      ["writes", counts.writes],
      ["bytes written", counts.bytesWritten],
      ["bytes read", counts.bytesRead],
      ["readbacks", counts.readbacks],
      ["host time, median", formatDuration(profile.hostSeconds)],
      ["host time, least", formatDuration(profile.leastHostSeconds)],
      [
        "host time per dispatch, median",
        hostSecondsPerDispatch === null ? null : microseconds(hostSecondsPerDispatch),
      ],
      ["time until done, median", formatDuration(profile.seconds)],
    ],
    notes: backend === "webgpu"
      ? []
      : ["On this device the host computes: its time holds all of it."],
  };
}

function microseconds(seconds: number): string {
  return `${Number((seconds * 1e6).toPrecision(3))} µs`;
}

/** What the kernels of one step would do on a GPU. */
export function kernelTable(rows: readonly KernelRow[], unseenCalls: number): Table {
  const counted = rows.length + unseenCalls;
  const missing = unseenCalls === 0
    ? []
    : [`The device counted ${counted} kernel calls, ${rows.length} are listed.`];
  return {
    caption: "Kernels of the step, as shaders",
    columns: [
      { head: "kernel", kind: "text" },
      { head: "shapes", kind: "text" },
      { head: "FLOP", kind: "count" },
      { head: "bytes", kind: "count" },
      { head: "FLOP/byte", kind: "number", digits: 2 },
      { head: "workgroups", kind: "text" },
      { head: "edge waste", kind: "number", digits: 2 },
      { head: "workgroup bytes", kind: "count" },
      { head: "FMA/shared read", kind: "number", digits: 2 },
    ],
    rows: [...rows.map(cellsOf), totalOf(rows)],
    notes: [
      ...missing,
      "Several dispatches of one call: their workgroups stand in a row, and the last three columns " +
      "hold the worst of them.",
    ],
  };
}

/** PREDICTED times of the kernels of one step, by name of kernel. */
export function predictionTable(rows: readonly KernelRow[]): Table {
  const groups = new Map<string, KernelRow[]>();
  for (const row of rows) groups.set(row.kernel, [...groups.get(row.kernel) ?? [], row]);
  const cells = (name: string, of: readonly KernelRow[]): Cell[] => {
    return [
      name,
      of.length,
      ...GPUS.map((gpu) => sumOf(of, (it) => it.predictedSeconds[gpu.name]!) * 1e6),
    ];
  };
  return {
    caption: "Predicted time of the step in microseconds (no measurement)",
    columns: [
      { head: "kernel", kind: "text" },
      { head: "calls", kind: "count" },
      ...GPUS.map(({ name }): Column => ({
        head: `${name}, predicted`,
        kind: "number",
        digits: 1,
      })),
    ],
    rows: [...[...groups].map(([name, of]) => cells(name, of)), cells("all", rows)],
    notes: [
      `The longest of FLOP / (${REACHED.flops} peak, times the share of the GPU's units that have ` +
      `a workgroup), bytes / (${REACHED.bandwidth} bandwidth), and ${
        microseconds(LEAST_SECONDS)
      } ` +
      "per dispatch, from figures that vendors publish.",
    ],
  };
}

function cellsOf(row: KernelRow): Cell[] {
  const { kernel, shapes, flops, bytes, scratchBytes, flopsPerByte, dispatches } = row;
  return [
    kernel,
    shapes.replaceAll(", ", ","),
    flops,
    bytes + scratchBytes,
    flopsPerByte,
    dispatches.map(({ workgroups }) => String(workgroups)).join(" + ") || null,
    worst(Math.max, dispatches.map(({ edgeWaste }) => edgeWaste)),
    worst(Math.max, dispatches.map(({ workgroupBytes }) => workgroupBytes)),
    worst(Math.min, dispatches.map(({ fmaPerSharedRead }) => fmaPerSharedRead)),
  ];
}

function worst(
  choose: (...values: number[]) => number,
  values: readonly (number | null)[],
): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : choose(...known);
}

function totalOf(rows: readonly KernelRow[]): Cell[] {
  const flops = sumOf(rows, (row) => row.flops);
  const bytes = sumOf(rows, (row) => row.bytes + row.scratchBytes);
  const ratio = bytes === 0 ? 0 : flops / bytes;
  return ["all", `${rows.length} calls`, flops, bytes, ratio, null, null, null, null];
}

function sumOf(rows: readonly KernelRow[], figure: (row: KernelRow) => number): number {
  return rows.reduce((total, row) => total + figure(row), 0);
}

/** GPU time by kernel. */
export function gpuTable(times: readonly KernelTime[]): Table {
  const total = times.reduce((sum, { seconds }) => sum + seconds, 0);
  return {
    caption: "GPU time, each dispatch in a pass of its own, whose start and end are counted in",
    columns: [
      { head: "kernel", kind: "text" },
      { head: "dispatches", kind: "count" },
      { head: "time", kind: "duration" },
      { head: "share", kind: "percent" },
    ],
    rows: times.map(({ kernel, dispatches, seconds }) => {
      return [kernel, dispatches, seconds, total === 0 ? 0 : seconds / total];
    }),
  };
}
