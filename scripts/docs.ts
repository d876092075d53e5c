// Keeps the documents true: the line counts behind file names, that the files they name are there, and what is said of
// the trained networks.
//
//   npm run docs             fills in counts: `src/shape.ts` (about 130 lines); writes the networks' pages and table
//   tsx scripts/docs.ts --check
//
// Counts are rounded to tens, and the check lets them be off a little, so that not every change of a file is one of
// the documents.

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { allCards, cardPage, modelsTable } from "./cards.ts";
import { root } from "./tools.ts";

/** Share of the lines, or ten lines, by which a count may be off. */
const SLACK = 0.2;

const FILE = /`((?:src|examples|docs|test|bench|scripts)\/[\w./-]*)`/g;
const COUNT = /`([\w./-]+)` \(about (\d+) lines/g;

function documents(): string[] {
  const pages = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md")).sort();
  return ["README.md", "CONTRIBUTING.md", ...pages.map((page) => `docs/${page}`)];
}

/** Lines of a file, or of all TypeScript files in a folder. */
function linesOf(path: string): number {
  const full = join(root, path);
  if (!statSync(full).isDirectory()) return readFileSync(full, "utf8").trimEnd().split("\n").length;
  return readdirSync(full, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .reduce((sum, name) => sum + linesOf(join(path, name)), 0);
}

/** Files that a document names and that are not there. */
function missing(document: string, text: string): string[] {
  const named = [...text.matchAll(FILE)].map(([, path]) => path!);
  const gone = named.filter((path) => !existsSync(join(root, path)));
  return gone.map((path) => `${document}: there is no ${path}`);
}

/** Counts that are too far from the truth. */
function stale(document: string, text: string): string[] {
  return [...text.matchAll(COUNT)].flatMap(([, path, count]) => {
    if (!existsSync(join(root, path!))) return [];
    const lines = linesOf(path!);
    if (Math.abs(lines - Number(count)) <= Math.max(10, SLACK * lines)) return [];
    return [`${document}: ${path} has ${lines} lines, not about ${count}: run npm run docs`];
  });
}

function fill(text: string): string {
  return text.replace(COUNT, (whole, path: string, count: string) => {
    if (!existsSync(join(root, path))) return whole;
    const rounded = Math.max(10, Math.round(linesOf(path) / 10) * 10);
    return whole.replace(`about ${count} lines`, `about ${rounded} lines`);
  });
}

/** Between these lines of the README lies the table of the trained networks. */
const TABLE = /(?<=<!-- networks: npm run docs -->\n)[^]*?(?=<!-- end of networks -->)/;

/** The documents that come from the cards of the networks, by path, as they should be. */
function cardDocuments(): Map<string, string> {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const pages = allCards().map((card) => [`checkpoints/${card.name}.md`, cardPage(card)] as const);
  return new Map([
    ["README.md", readme.replace(TABLE, () => `\n${modelsTable()}\n\n`)],
    ...pages,
  ]);
}

/** Writes what comes from the cards, or tells what is stale. */
function fillCards(check: boolean): string[] {
  return [...cardDocuments()].flatMap(([path, text]) => {
    const file = join(root, path), before = existsSync(file) ? readFileSync(file, "utf8") : "";
    if (before === text) return [];
    if (check) return [`${path} is not what the cards in checkpoints say: run npm run docs`];
    writeFileSync(file, text);
    return [];
  });
}

function main(): number {
  const check = process.argv.includes("--check"), cards = fillCards(check);
  const problems = documents().flatMap((document) => {
    const file = join(root, document);
    const before = readFileSync(file, "utf8");
    const after = check ? before : fill(before);
    if (after !== before) writeFileSync(file, after);
    return [...missing(document, after), ...stale(document, after)];
  });
  for (const problem of [...cards, ...problems]) console.error(problem);
  return cards.length + problems.length === 0 ? 0 : 1;
}

process.exitCode = main();
