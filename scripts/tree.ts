// Rules for the sources that no linter has: short files, a silent library, no test that shuts the others out.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./tools.ts";

const longestFile = 400;
/** Its methods are documented doors, one after the other: splitting it would hide them. */
const mayBeLong = new Set(["src/tensor/tensor.ts"]);

/** Every breach of the rules, as a line of text each. */
export function treeProblems(): string[] {
  return [
    ...sources("src").flatMap(tooLong),
    ...sources("src").filter((file) => !file.startsWith("src/cli/")).flatMap(console_),
    ...sources("test").flatMap(only),
  ];
}

function sources(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((path) => `${folder}/${path.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".ts") && !path.includes("/generated/"))
    .sort();
}

function tooLong(file: string): string[] {
  const { length } = linesOf(file);
  if (length <= longestFile || mayBeLong.has(file)) return [];
  return [`${file}: ${length} lines are too many, at most ${longestFile} fit into a reader's head`];
}

function console_(file: string): string[] {
  return matches(file, /(?<![\w.])console\./, "only src/cli talks to the user");
}

function only(file: string): string[] {
  return matches(file, /\b(test|[a-z]\w*)\.only\(/, "the other tests of the suite would not run");
}

function matches(file: string, pattern: RegExp, reason: string): string[] {
  return linesOf(file).flatMap((line, index) => {
    const code = line.replace(/^\s*(\/\/|\*|\/\*).*/, "");
    return pattern.test(code) ? [`${file}:${index + 1}: ${code.trim()}: ${reason}`] : [];
  });
}

function linesOf(file: string): string[] {
  return readFileSync(join(root, file), "utf8").trimEnd().split("\n");
}
