/**
 * WebGPU on machines without a GPU.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { softwareAdapter } from "../../test/support/software_adapter.ts";

/**
 * Starts this program again, with `added` arguments, where drivers find the software adapter: they
 * look once, when a process begins. Returns only where that is so already.
 *
 * @throws Error where this machine cannot have the adapter.
 */
export async function enterSoftwareEnvironment(added: readonly string[] = []): Promise<void> {
  const adapter = await softwareAdapter();
  if (typeof adapter === "string") throw new Error(`Cannot take a software adapter: ${adapter}`);
  const { environment } = adapter;
  if (process.env["VK_DRIVER_FILES"] === environment["VK_DRIVER_FILES"]) return;
  // Deno does not hand its own arguments on.
  const engine = process.versions["deno"] === undefined ? process.execArgv : ["run", "--allow-all"];
  const { status } = spawnSync(
    process.execPath,
    [...engine, ...process.argv.slice(1), ...added],
    { env: { ...process.env, ...environment }, stdio: "inherit" },
  );
  process.exit(status ?? 1);
}
