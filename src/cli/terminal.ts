/**
 * What the command line prints: lines, and progress as a bar on a terminal or as lines elsewhere.
 *
 * @module
 */
import process from "node:process";
import type { OnProgress, Progress } from "../train/mod.ts";

/** The part of a stream that is needed. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Prints for people. */
export interface Terminal {
  /** Prints a line; a bar in progress is finished first. */
  line(text?: string): void;
  /** Starts a piece of work and gives the function that receives its progress. */
  progress(what: string): OnProgress;
  /** Ends the bar, if there is one. */
  end(): void;
}

const BAR = 24;
/** Share of the work between two lines where there is no bar. */
const LINE_EVERY = 0.25;

function figuresOf({ figures }: Progress): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${value.toFixed(3)}`)
    .join("  ");
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** A terminal on a stream. Default: standard output. */
export function terminal(output: Output = process.stdout): Terminal {
  let open = false;
  const end = (): void => {
    if (open) output.write("\n");
    open = false;
  };
  return {
    end,
    line(text = "") {
      end();
      output.write(`${text}\n`);
    },
    progress(what) {
      end();
      const start = performance.now();
      let shown = 0;
      return (progress) => {
        const share = progress.total === 0 ? 1 : progress.done / progress.total;
        const passed = performance.now() - start;
        const words = [progress.label, figuresOf(progress), seconds(passed)].filter(Boolean);
        if (output.isTTY) {
          const filled = Math.round(share * BAR);
          const bar = "█".repeat(filled) + "░".repeat(BAR - filled);
          const text = `${what}  ${bar}  ${words.join("  ")}`.slice(0, (output.columns ?? 100) - 1);
          output.write(`\r\x1b[K${text}`);
          open = true;
          if (share >= 1) end();
        } else if (share >= 1 || share - shown >= LINE_EVERY) {
          shown = share;
          output.write(`${what}  ${Math.round(share * 100)} %  ${words.join("  ")}\n`);
        }
      };
    },
  };
}
