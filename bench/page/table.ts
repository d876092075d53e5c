/**
 * The table of all figures.
 *
 * @module
 */
import { formatAmount, formatNumber, formatShare, formatTime } from "../harness/format.ts";
import type { DeviceFacts, Report, WorkReport } from "../harness/json.ts";
import type { Measured, Outcome } from "../harness/outcome.ts";
import type { Share } from "../machine/share.ts";
import { isArithmetic, type WorkFacts } from "../harness/work.ts";
import { shortName } from "./curves.ts";
import { make } from "./elements.ts";
import type { Results } from "./results.ts";

/** Operations or bytes below which a work is about its launches: a rate would say nothing. */
const LAUNCHES = 2e5;

/** A column: a device of this run, or of the one that was loaded. */
interface Column {
  readonly device: DeviceFacts;
  /** The rows of its run, by name. */
  readonly works: ReadonlyMap<string, Pick<WorkReport, "outcomes" | "shares">>;
  /** The device of this run that the figures of an earlier one are compared with. */
  readonly against?: DeviceFacts | undefined;
  readonly earlier: boolean;
}

/** Draws the table anew. */
export function fillTable(
  table: HTMLTableElement,
  current: Results | undefined,
  earlier: Report | undefined,
): void {
  const columns = columnsOf(current, earlier);
  const rows = current?.rows ?? earlier?.works ?? [];
  const head = make("tr", {}, [
    make("th", { scope: "col" }, ["work"]),
    ...columns.map(({ device, earlier }) => {
      const note = earlier ? [make("small", {}, ["earlier"])] : [];
      return make("th", { scope: "col", class: "number" }, [shortName(device), ...note]);
    }),
  ]);
  const body = rows.map((work) => {
    const name = make("th", { scope: "row" }, [work.name, make("small", {}, [work.about])]);
    const cells = columns.map((column) => cellOf(work, column, current));
    return make("tr", {}, [name, ...cells]);
  });
  table.tHead!.replaceChildren(head);
  table.tBodies[0]!.replaceChildren(...body);
}

function columnsOf(current: Results | undefined, earlier: Report | undefined): readonly Column[] {
  const byName = (works: readonly Pick<WorkReport, "name" | "outcomes" | "shares">[]) => {
    return new Map(works.map((work) => [work.name, work]));
  };
  const here = current?.devices ?? [];
  const now = here.map((device): Column => {
    return { device, works: byName(current!.rows), earlier: false };
  });
  const before = (earlier?.devices ?? []).filter(({ backend }) => backend !== "reference");
  return [
    ...now,
    ...before.map((device): Column => {
      // GPU against GPU, threads against threads, whatever their number.
      const against = here.find(({ name }) => name === device.name) ??
        here.find(({ backend, threads }) => {
          return backend === device.backend && (threads === 1) === (device.threads === 1);
        });
      return { device, works: byName(earlier!.works), against, earlier: true };
    }),
  ];
}

function cellOf(
  work: WorkFacts,
  { device, works, against }: Column,
  current: Results | undefined,
): HTMLElement {
  const { outcomes, shares } = works.get(work.name) ?? {};
  const outcome = outcomes?.[device.name];
  if (outcome === undefined) return make("td", { class: "number muted" }, ["–"]);
  if (outcome.kind !== "measured") {
    return make("td", { class: `number ${outcome.kind === "failed" ? "wrong" : "muted"}` }, [
      outcome.kind,
      make("small", { class: "why" }, [outcome.why]),
    ]);
  }
  const row = current?.rows.find(({ name }) => name === work.name);
  const now = against === undefined ? undefined : row?.outcomes[against.name];
  const lines = [rateOf(outcome, work, shares?.[device.name]), ratioOf(outcome, now)];
  return make("td", { class: "number" }, [
    formatTime(outcome.timing.median),
    ...lines.filter((line) => line !== "").map((line) => make("small", {}, [line])),
  ]);
}

/** How much faster the run of now is. */
function ratioOf(before: Measured, now: Outcome | undefined): string {
  if (now?.kind !== "measured") return "";
  const ratio = before.timing.median / now.timing.median;
  return ratio >= 1
    ? `now ${formatNumber(ratio)} × as fast`
    : `now ${formatNumber(1 / ratio)} × as slow`;
}

/** Operations or bytes a second, whichever the work has more of, and their share of what can be. */
function rateOf({ gflops, gbs }: Measured, work: WorkFacts, share: Share | undefined): string {
  if (Math.max(work.flops, work.bytes) < LAUNCHES) return "";
  const arithmetic = isArithmetic(work);
  const rate = formatAmount(1e9 * (arithmetic ? gflops : gbs), arithmetic ? "FLOP/s" : "B/s");
  return share === undefined ? rate : `${rate}, ${formatShare(share.share)} of ${share.of}`;
}
