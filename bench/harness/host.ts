/**
 * What the command line knows of the machine that it runs on.
 *
 * @module
 */
import { cpus } from "node:os";
import process from "node:process";
import type { Machine } from "../machine/gauge.ts";
import type { MachineFacts } from "./json.ts";

/** Processor, system and engine. */
export function hostFacts(rates: Machine | undefined): MachineFacts {
  const { deno, node } = process.versions;
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    platform: `${process.platform} ${process.arch}`,
    engine: deno === undefined ? `Node ${node}` : `Deno ${deno}`,
    rates,
  };
}
