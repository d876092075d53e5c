/**
 * `tapegrad devices`: what this machine can run on.
 *
 * @module
 */
import { type DeviceChoice, openDevice, WebGpuDevice } from "../backend/mod.ts";
import type { Terminal } from "./terminal.ts";

/** Help and options of the command. */
export const DEVICES_HELP = {
  summary: "what this machine can run on",
  options: { help: { type: "boolean", short: "h" }, json: { type: "boolean" } },
  text: `Usage: tapegrad devices [--json]

Opens every kind of device and says what it is, or why it is not there, and whether its kernels were
chosen by measuring (tapegrad tune).`,
} as const;

const CHOICES: readonly DeviceChoice[] = ["auto", "webgpu", "cpu", "reference"];

/** One kind of device. */
interface Found {
  readonly choice: DeviceChoice;
  readonly backend: string | null;
  readonly description: string;
  /** What `tapegrad tune` measured there; null where it did not, or where nothing is chosen. */
  readonly tuned: { readonly calls: number; readonly measured: string } | null;
}

async function look(choice: DeviceChoice): Promise<Found> {
  try {
    const device = await openDevice(choice);
    const { backend, description } = device;
    const { tuned } = device instanceof WebGpuDevice ? device.choices : { tuned: undefined };
    device.close();
    const found = tuned && { calls: tuned.choices.size, measured: tuned.measured };
    return { choice, backend, description, tuned: found ?? null };
  } catch (error) {
    return { choice, backend: null, description: (error as Error).message, tuned: null };
  }
}

/** Prints one line per kind of device. */
export async function devices(
  options: { readonly json?: boolean | undefined },
  out: Terminal,
): Promise<void> {
  const found: Found[] = [];
  for (const choice of CHOICES) found.push(await look(choice));
  if (options.json) return out.line(JSON.stringify(found, null, 2));
  for (const { choice, backend, description, tuned } of found) {
    out.line(`${choice.padEnd(10)}${(backend ?? "not here").padEnd(11)}${description}`);
    if (tuned !== null) {
      out.line(`${" ".repeat(21)}tuned for ${tuned.calls} kernel calls on ${tuned.measured}`);
    }
  }
}
