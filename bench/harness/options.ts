/**
 * What can be asked of the benchmarks.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";

/** What was asked for. */
export interface Options {
  readonly filter: RegExp;
  readonly only: string | undefined;
  readonly json: string | undefined;
  readonly quick: boolean;
  readonly software: boolean;
  readonly help: boolean;
}

/** The text of --help. */
export const HELP = `Times every kernel and whole steps on the devices of this machine.

  npm run bench -- [options]

  --filter NAME    only files and rows whose names match this regular expression
  --only NAME      only this device: reference, cpu, webgpu (without a GPU in software, and called so)
  --quick          small works only, in a few seconds: whether everything runs
  --software       take a software adapter for WebGPU; its times say nothing about a GPU
  --json FILE      write all figures to a file
  --help           this text

A row is printed with figures only after its result matched that of the reference device.`;

/** Reads the command line; throws TypeError for what it does not know. */
export function parseOptions(args: readonly string[] = process.argv.slice(2)): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      filter: { type: "string", default: "" },
      only: { type: "string" },
      json: { type: "string" },
      quick: { type: "boolean", default: false },
      software: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { filter, only, json, quick, software, help } = values;
  if (only !== undefined && !["reference", "cpu", "webgpu"].includes(only)) {
    throw new RangeError(`Cannot time ${only}: the device must be reference, cpu or webgpu`);
  }
  return { filter: new RegExp(filter), only, json, quick, software, help };
}
