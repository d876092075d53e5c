/**
 * The folder of a run: settings, the state to go on from, a log, a curve, and the model in the end.
 * Files are replaced whole, so that a run may be killed at any moment.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { appendFile, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Dataset } from "../../data/mod.ts";
import { bytesAt, textAt, writeWhole } from "../files.ts";
import { presetOf } from "./presets.ts";
import type { RunSettings } from "./settings.ts";

/** One line of the log: a step with what was measured. */
export interface LogLine {
  /** Steps so far. */
  readonly step: number;
  /** Epochs so far, with the part of this one. */
  readonly epoch: number;
  /** Figures by name. */
  readonly [figure: string]: number;
}

/** Where the state lies, and what the run began with. */
export const STATE = "state.safetensors", ORIGIN = "from.safetensors";

/** A folder. */
export class RunFolder {
  readonly path: string;
  #since = performance.now();

  constructor(path: string) {
    this.path = path;
  }

  /** Notes the time since the last call; returns the seconds of the run over all its parts. */
  async tick(): Promise<number> {
    const path = join(this.path, "seconds.txt"), now = performance.now();
    const seconds = Number(await textAt(path) ?? 0) + (now - this.#since) / 1000;
    this.#since = now;
    await writeWhole(path, `${seconds.toFixed(1)}\n`);
    return Number(seconds.toFixed(1));
  }

  /** The settings of the run that lies here, if one does. */
  async settings(): Promise<RunSettings | undefined> {
    const text = await textAt(join(this.path, "run.json"));
    if (text === undefined) return undefined;
    try {
      const known = JSON.parse(text) as RunSettings;
      return { ...presetOf(known.model, known.data), ...known };
    } catch {
      throw new Error(`Cannot go on with the run in ${this.path}: run.json is damaged, start anew`);
    }
  }

  /** Removes what was being written when a run was killed. */
  async tidy(): Promise<void> {
    for (const name of await readdir(this.path)) {
      if (name.endsWith(".part")) await rm(join(this.path, name));
    }
  }

  /** Notes what the run is trained on; throws when it was other data before. */
  async checkData({ pixels, labels }: Dataset): Promise<void> {
    const now = createHash("sha256").update(pixels).update(labels).digest("hex");
    const before = await textAt(join(this.path, "data.sha256"));
    if (before === undefined) return await writeWhole(join(this.path, "data.sha256"), `${now}\n`);
    if (before.trim() === now) return;
    throw new Error(
      `Cannot go on with the run in ${this.path}: the images are others than before, give the ` +
        "--data-path that it began with",
    );
  }

  /** Begins a run here, with the bytes of the checkpoint that it begins with. */
  async start(settings: RunSettings, origin: Uint8Array | undefined): Promise<void> {
    await mkdir(this.path, { recursive: true });
    await writeWhole(join(this.path, "log.jsonl"), "");
    if (origin !== undefined) await writeWhole(join(this.path, ORIGIN), origin);
    await writeWhole(join(this.path, "run.json"), `${JSON.stringify(settings, null, 2)}\n`);
  }

  /** The bytes of the last state, if one was saved. */
  async state(): Promise<Uint8Array | undefined> {
    return await bytesAt(join(this.path, STATE));
  }

  /** The bytes of the checkpoint that the run began with. Throws where they are gone. */
  async origin(): Promise<Uint8Array> {
    const bytes = await bytesAt(join(this.path, ORIGIN));
    if (bytes !== undefined) return bytes;
    throw new Error(
      `Cannot go on with the run in ${this.path}: ${ORIGIN}, which it began with, is gone, start anew`,
    );
  }

  async save(name: string, data: Uint8Array | string): Promise<void> {
    await writeWhole(join(this.path, name), data);
  }

  /** The log up to a step; what was written after the last state is cut off. */
  async cutLog(step: number): Promise<LogLine[]> {
    const text = await textAt(join(this.path, "log.jsonl")) ?? "";
    const lines = text.split("\n").flatMap((line): LogLine[] => {
      try {
        const parsed = JSON.parse(line) as LogLine;
        return parsed.step <= step ? [parsed] : [];
      } catch {
        // The last line of a killed run may be half written.
        return [];
      }
    });
    await writeWhole(
      join(this.path, "log.jsonl"),
      lines.map((it) => `${JSON.stringify(it)}\n`).join(""),
    );
    return lines;
  }

  async log(line: LogLine): Promise<void> {
    await appendFile(join(this.path, "log.jsonl"), `${JSON.stringify(line)}\n`);
  }
}
