/**
 * Runs the works, away from the page: it stays responsive, and can end them at any moment.
 *
 * @module
 */
import { type BenchDevice, openDevices, withLimits } from "../harness/devices.ts";
import { deviceFacts, workFacts } from "../harness/json.ts";
import { reasonAgainst, type Setting, timeRow } from "../harness/row.ts";
import { shareOf } from "../machine/share.ts";
import type { Message, Order } from "./messages.ts";
import { worksOf } from "./works.ts";

/**
 * Milliseconds for all runs of a work, and for one run: long against the wait at its end (about
 * half a millisecond in browsers) and the step of the clock (up to one where the page is not
 * cross-origin isolated).
 */
const LONG = { total: 400, run: 25 } as const, SHORT = { total: 60, run: 5 } as const;
/** Operations of the largest work of a short run. */
const SMALL = 4e8;

const opened = openDevices({ only: undefined, software: true });

onmessage = ({ data }: MessageEvent<Order>) => {
  // A rejection must reach the page as an error of this worker.
  runOrder(data).catch(fail);
};

opened.then(({ devices, missing }) => {
  tell({ kind: "devices", devices: timed(devices).map(deviceFacts), missing });
}).catch(fail);

/** The GPU, and the CPU with all its threads: the reference device only checks them. */
function timed(devices: readonly BenchDevice[]): readonly BenchDevice[] {
  const most = Math.max(0, ...devices.map(({ threads = 0 }) => threads));
  return devices.filter(({ device, threads }) => {
    return device.backend === "webgpu" || device.backend === "cpu" && threads === most;
  }).reverse();
}

async function runOrder({ groups, devices: names, short }: Order): Promise<void> {
  const { reference, devices: all } = await opened;
  const devices = await withLimits(timed(all).filter(({ name }) => names.includes(name)));
  const setting: Setting = {
    reference,
    devices,
    budget: short ? SHORT : LONG,
    limit: short ? SMALL : Infinity,
    deadline: Infinity,
  };
  const declared = await worksOf(groups);
  const chosen = declared.filter(({ work }) => reasonAgainst(work, setting) === undefined);
  tell({
    kind: "plan",
    works: chosen.map(({ file, work }) => ({ file, ...workFacts(work) })),
    leftOut: declared.length - chosen.length,
    devices: devices.map(deviceFacts),
  });
  for (const [index, { work }] of chosen.entries()) {
    tell({ kind: "work", work: index });
    for await (const [device, outcome] of timeRow(work, setting)) {
      const limits = devices.find(({ name }) => name === device)?.limits;
      const share = limits !== undefined && outcome.kind === "measured"
        ? shareOf(work, outcome, { limits })
        : undefined;
      tell({ kind: "outcome", work: index, device, outcome, share });
    }
  }
  tell({ kind: "end" });
}

function tell(message: Message): void {
  postMessage(message);
}

/** Throws where the page hears it: outside of any promise. */
function fail(error: unknown): void {
  setTimeout(() => {
    throw error;
  });
}
