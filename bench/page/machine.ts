/**
 * What the page says of the machine: its devices, and what it lacks.
 *
 * @module
 */
import { formatAmount } from "../harness/format.ts";
import type { DeviceFacts } from "../harness/json.ts";
import { shortName } from "./curves.ts";
import { find, make } from "./elements.ts";
import { platformOf } from "./results.ts";

/** Shows the devices, what is missing and why, and offers those that can be timed. */
export function showMachine(devices: readonly DeviceFacts[], missing: readonly string[]): void {
  const gpu = devices.find(({ backend }) => backend === "webgpu");
  const cpu = devices.find(({ backend }) => backend === "cpu");
  fact("gpu", gpu?.description ?? "none");
  fact("cpu", cpu?.description ?? "none");
  fact("engine", `${engineName(navigator.userAgent)} on ${platformOf(navigator)}`);
  find("notes", HTMLElement).replaceChildren(
    ...notesOf(gpu, cpu, missing).map((text) => make("p", { class: "note" }, [text])),
  );
  offer("use-gpu", gpu);
  offer("use-cpu", cpu);
  find("gpu-label", HTMLElement).textContent = gpu?.software === true ? shortName(gpu) : "GPU";
}

/** The names of the devices that are ticked. */
export function chosenDevices(): readonly string[] {
  return ["use-gpu", "use-cpu"].map((id) => find(id, HTMLInputElement))
    .filter(({ checked, disabled }) => checked && !disabled).map(({ value }) => value);
}

/** What the shares of the figures are of; nothing where that was not measured. */
export function limitsText(devices: readonly DeviceFacts[]): string {
  return devices.flatMap((device) => {
    if (device.limits === undefined) return [];
    const { peak, copy } = device.limits;
    return [
      `${shortName(device)} does ${
        formatAmount(1e9 * peak, "FLOP/s")
      } in a loop of multiply-adds, ` +
      `its peak, and ${formatAmount(1e9 * copy, "B/s")} in copying memory.`,
    ];
  }).join(" ");
}

function fact(id: string, text: string): void {
  find(id, HTMLElement).textContent = text;
}

function offer(id: string, device: DeviceFacts | undefined): void {
  const box = find(id, HTMLInputElement), name = device?.name ?? "";
  box.disabled = device === undefined;
  // What the visitor chose stays when the devices are opened again.
  if (box.value === name) return;
  box.value = name;
  box.checked = device !== undefined && device.software !== true;
}

function notesOf(
  gpu: DeviceFacts | undefined,
  cpu: DeviceFacts | undefined,
  missing: readonly string[],
): readonly string[] {
  const notes = missing.map((line) => {
    // What a program would do instead, the page does.
    const why = /^webgpu: (?:Cannot open a WebGPU device: )?(.*?)(?: or open "cpu")?$/.exec(line);
    return why === null ? line : `No GPU, so the CPU alone is timed: ${why[1]}.`;
  });
  if (gpu?.software === true) {
    notes.push(
      "WebGPU runs in software here, on the CPU. It can be timed, which shows that kernels are " +
        "right and says nothing about a GPU.",
    );
  }
  if (cpu !== undefined && globalThis.crossOriginIsolated !== true) {
    notes.push(
      "This page is not cross-origin isolated, so the CPU has one thread and the clock is coarse. " +
        "Serve it with the headers Cross-Origin-Opener-Policy: same-origin and " +
        "Cross-Origin-Embedder-Policy: require-corp.",
    );
  }
  return notes;
}

/** Name and major version of a browser; what is none, such as "Node 20.20.0", stays as it is. */
export function engineName(userAgent: string): string {
  for (const name of ["Edg", "OPR", "Firefox", "Chrome", "HeadlessChrome"]) {
    const [, version] = new RegExp(`\\b${name}/(\\d+)`).exec(userAgent) ?? [];
    const shown = { Edg: "Edge", OPR: "Opera", HeadlessChrome: "Chrome" }[name] ?? name;
    if (version !== undefined) return `${shown} ${version}`;
  }
  const [, safari] = /\bVersion\/(\d+).*Safari/.exec(userAgent) ?? [];
  return safari === undefined ? userAgent : `Safari ${safari}`;
}
