/**
 * The command line: `tapegrad <command> [options]`. The only file that reads arguments.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { demo, DEMO_HELP } from "./demo/mod.ts";
import { devices, DEVICES_HELP } from "./devices.ts";
import { EVALUATE_HELP, evaluateCommand } from "./evaluate.ts";
import { EXPORT_HELP, exportCommand } from "./export.ts";
import { MODELS_HELP, modelsCommand } from "./models.ts";
import { profile, PROFILE_HELP } from "./profile.ts";
import { TRAIN_HELP } from "./train/help.ts";
import { trainCommand } from "./train/mod.ts";
import { tune, TUNE_HELP } from "./tune.ts";
import { terminal } from "./terminal.ts";

const HELP = `tapegrad: train small networks, attack them, and see what helps

Usage: tapegrad <command> [options]

Commands:
  demo     ${DEMO_HELP.summary}
  devices  ${DEVICES_HELP.summary}
  evaluate ${EVALUATE_HELP.summary}
  export   ${EXPORT_HELP.summary}
  models   ${MODELS_HELP.summary}
  profile  ${PROFILE_HELP.summary}
  train    ${TRAIN_HELP.summary}
  tune     ${TUNE_HELP.summary}

tapegrad <command> --help tells the options of a command.`;

/** A mistake in the arguments, to be shown without a stack. */
class UsageError extends Error {}

/** Exit codes after Ctrl-C and after a request to end, as shells count them. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

async function dispatch(command: string | undefined, args: string[], signal: AbortSignal) {
  const out = terminal();
  if (command === undefined || command === "help" || command === "--help") return out.line(HELP);
  if (command === "demo") {
    const { values } = parseArgs({ args, options: DEMO_HELP.options });
    if (values.help) return out.line(DEMO_HELP.text);
    return await demo(values, { out, signal });
  }
  if (command === "devices") {
    const { values } = parseArgs({ args, options: DEVICES_HELP.options });
    if (values.help) return out.line(DEVICES_HELP.text);
    return await devices(values, out);
  }
  if (command === "evaluate") {
    const { values } = parseArgs({ args, options: EVALUATE_HELP.options });
    if (values.help) return out.line(EVALUATE_HELP.text);
    return await evaluateCommand(values, { out, signal });
  }
  if (command === "export") {
    const { values } = parseArgs({ args, options: EXPORT_HELP.options });
    if (values.help) return out.line(EXPORT_HELP.text);
    return await exportCommand(values, out);
  }
  if (command === "models") {
    const { values } = parseArgs({ args, options: MODELS_HELP.options });
    if (values.help) return out.line(MODELS_HELP.text);
    return await modelsCommand(values, out);
  }
  if (command === "profile") {
    const { values } = parseArgs({ args, options: PROFILE_HELP.options });
    if (values.help) return out.line(PROFILE_HELP.text);
    return await profile(values, { out, signal });
  }
  if (command === "train") {
    const { values } = parseArgs({ args, options: TRAIN_HELP.options });
    if (values.help) return out.line(TRAIN_HELP.text);
    return await trainCommand(values, { out, signal });
  }
  if (command === "tune") {
    const { values } = parseArgs({ args, options: TUNE_HELP.options });
    if (values.help) return out.line(TUNE_HELP.text);
    return await tune(values, { out, signal });
  }
  throw new UsageError(`Cannot run the command ${command}: tapegrad --help lists the commands`);
}

function isUsageError(error: unknown): error is Error {
  const code = (error as { readonly code?: unknown }).code;
  return error instanceof UsageError || String(code).startsWith("ERR_PARSE_ARGS");
}

async function main(): Promise<number> {
  const controller = new AbortController();
  let code: number = EXIT_CODES.SIGINT;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    // Once: the second time the process ends at once.
    process.once(name, () => {
      code = EXIT_CODES[name];
      controller.abort();
    });
  }
  const [command, ...args] = process.argv.slice(2);
  try {
    await dispatch(command, args, controller.signal);
    return 0;
  } catch (error) {
    if (controller.signal.aborted) {
      process.stderr.write("\ntapegrad: interrupted\n");
      return code;
    }
    const known = isUsageError(error);
    const { message, stack } = error as Error;
    process.stderr.write(
      `tapegrad: ${known || process.env["DEBUG"] === undefined ? message : stack}\n`,
    );
    return known ? 2 : 1;
  }
}

process.exitCode = await main();
