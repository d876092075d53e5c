// What programs in documents and examples say that they print: the comment behind a console.log.
//
//     console.log(y.shape); // [ 2, 3 ]          exactly this line
//     console.log(loss.toFixed(2)); // about 0.6   the same words, numbers within a tenth

import { spawnSync } from "node:child_process";
import process from "node:process";
import { root } from "../../scripts/tools.ts";

const LOGGED = /^.*\bconsole\.log\(.*\); \/\/ (.*)$/gm;
const NUMBER = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g;

/** What a program says that it prints, in its order. */
export function expectations(source: string): string[] {
  return [...source.matchAll(LOGGED)].map(([, text]) => text!);
}

/** Whether a printed line is what was expected. */
export function agrees(line: string, expected: string): boolean {
  if (!expected.startsWith("about ")) return line === expected;
  const wanted = expected.slice("about ".length);
  if (line.replace(NUMBER, "#") !== wanted.replace(NUMBER, "#")) return false;
  const [got, want] = [line, wanted].map((text) => text.match(NUMBER)?.map(Number) ?? []);
  return want!.every((value, i) =>
    Math.abs(got![i]! - value) <= 0.1 * Math.max(1, Math.abs(value))
  );
}

/** The first expectation that no printed line meets, given that they come in order. */
export function firstUnmet(
  lines: readonly string[],
  expected: readonly string[],
): string | undefined {
  let from = 0;
  return expected.find((text) => {
    const found = lines.findIndex((line, i) => i >= from && agrees(line, text));
    from = found + 1;
    return found < 0;
  });
}

/** Runs a program as its readers do, and gives its lines. Throws with what it said when it fails. */
export function linesOf(file: string): string[] {
  const args = ["--conditions=source", "--import", "tsx", file];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" },
    timeout: 120_000,
  });
  if (status === 0) return stdout === "" ? [] : stdout.trimEnd().split("\n");
  throw new Error(`Cannot run ${file}: it ended with ${status}\n${stdout}${stderr}`);
}
