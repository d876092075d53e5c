/**
 * The page: what its buttons do, and what it shows of what the worker says.
 *
 * @module
 */
import type { DeviceFacts, Report } from "../harness/json.ts";
import { Bench } from "./bench_worker.ts";
import { CURVES, drawCurve, type Run } from "./curves.ts";
import { find, make } from "./elements.ts";
import { loadReport, saveReport } from "./files.ts";
import { chosenDevices, engineName, limitsText, showMachine } from "./machine.ts";
import type { Group, Message } from "./messages.ts";
import { Results } from "./results.ts";
import { fillTable } from "./table.ts";

const start = find("start", HTMLButtonElement);
const stop = find("stop", HTMLButtonElement);
const save = find("save", HTMLButtonElement);
const load = find("load", HTMLInputElement);
const forget = find("forget", HTMLButtonElement);
const choice = find("choice", HTMLFieldSetElement);
const progress = find("progress", HTMLProgressElement);
const status = find("status", HTMLElement);
const table = find("figures", HTMLTableElement);

let devices: readonly DeviceFacts[] = [];
let results: Results | undefined;
let earlier: Report | undefined;
let running = false;
let rowsDone = 0;
let frame = 0;

const bench = new Bench({ onMessage, onError });
bench.open();
drawSoon();

start.addEventListener("click", () => {
  const names = chosenDevices();
  const groups = checked("group") as readonly Group[];
  if (names.length === 0 || groups.length === 0) {
    say(names.length === 0 ? "Choose a device first." : "Choose what to run first.");
    return;
  }
  setRunning(true);
  say("Preparing");
  bench.run({ groups, devices: names, short: checked("length").includes("short") });
  stop.focus();
});

stop.addEventListener("click", () => {
  bench.end();
  finish(`Stopped after ${rowsDone} of ${results?.rows.length ?? 0} works.`);
});

save.addEventListener("click", () => {
  if (results !== undefined) saveReport(results.report());
});

load.addEventListener("change", () => {
  const [file] = load.files ?? [];
  if (file !== undefined) void layBeside(file);
});

async function layBeside(file: File): Promise<void> {
  try {
    earlier = await loadReport(file);
    say(`${file.name} lies beside, as “earlier”.`);
    const { devices, machine, date } = earlier;
    const timed = devices.filter(({ backend }) => backend !== "reference");
    const what = timed.map(({ description }) => description).join("; ");
    find("earlier", HTMLElement).textContent = `Earlier: ${file.name} of ${
      new Date(date).toLocaleString()
    }. ${what}; ${engineName(machine.engine)}.`;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
  // The same file can be chosen again.
  load.value = "";
  drawSoon();
}

forget.addEventListener("click", () => {
  earlier = undefined;
  say("The earlier figures are gone from the page.");
  drawSoon();
  load.focus();
});

new ResizeObserver(drawSoon).observe(find("curves", HTMLElement));

function onMessage(message: Message): void {
  switch (message.kind) {
    case "devices":
      ({ devices } = message);
      showMachine(devices, message.missing);
      if (!running) say("Ready.");
      start.disabled = running || devices.length === 0;
      break;
    case "plan": {
      results = new Results(message.devices, message.works);
      rowsDone = 0;
      progress.max = Math.max(1, message.works.length);
      progress.value = 0;
      const { leftOut } = message;
      const large = `${leftOut} ${leftOut === 1 ? "work is" : "works are"} too large for it`;
      find("left-out", HTMLElement).textContent = leftOut === 0 ? "" : `A short run: ${large}.`;
      break;
    }
    case "work":
      rowsDone = progress.value = message.work;
      say(`${message.work + 1} of ${progress.max}: ${results!.rows[message.work]!.name}`);
      break;
    case "outcome": {
      const { outcomes, shares } = results!.rows[message.work]!;
      outcomes[message.device] = message.outcome;
      if (message.share !== undefined) shares[message.device] = message.share;
      break;
    }
    case "end": {
      const { rows, failures } = results!;
      progress.value = progress.max;
      const failed = failures === 0 ? "" : `, ${failures} failed`;
      finish(`Done: ${rows.length} ${rows.length === 1 ? "work" : "works"}${failed}.`);
    }
  }
  drawSoon();
}

function onError(reason: string): void {
  finish(`The run ended: ${reason}.`);
}

function finish(text: string): void {
  const stopFocused = document.activeElement === stop;
  setRunning(false);
  say(text);
  if (stopFocused) start.focus();
  drawSoon();
}

function setRunning(value: boolean): void {
  running = value;
  start.disabled = choice.disabled = value;
  stop.disabled = !value;
  document.body.classList.toggle("running", value);
}

function say(text: string): void {
  status.textContent = text;
}

function checked(name: string): readonly string[] {
  const boxes = document.querySelectorAll<HTMLInputElement>(`input[name="${name}"]:checked`);
  return [...boxes].map(({ value }) => value);
}

/** Draws everything anew before the next frame, however much has changed. */
function drawSoon(): void {
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(draw);
}

function draw(): void {
  save.disabled = running || results === undefined || results.isEmpty;
  forget.hidden = find("earlier", HTMLElement).hidden = earlier === undefined;
  const runs: Run[] = [];
  if (results !== undefined) runs.push({ devices: results.devices, works: results.rows });
  if (earlier !== undefined) runs.push({ ...earlier, suffix: "earlier" });
  for (const curve of CURVES) {
    const figure = find(`curve-${curve.name}`, HTMLElement);
    const svg = drawCurve(curve, runs, Math.max(300, figure.clientWidth));
    // lineChart escapes every text that it takes.
    if (svg !== undefined) figure.innerHTML = svg;
    else figure.replaceChildren(make("p", { class: "empty" }, [`${curve.title}: no figures yet`]));
  }
  find("limits", HTMLElement).textContent = limitsText(results?.devices ?? []);
  fillTable(table, results, earlier);
  find("results", HTMLElement).hidden = results === undefined && earlier === undefined;
}
