// The TypeScript blocks of the documents run and print what the comments behind console.log say, line for line.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { root } from "../../scripts/tools.ts";
import { agrees, expectations, firstUnmet, linesOf } from "../support/printed.ts";

interface Block {
  readonly name: string;
  readonly source: string;
}

/** Blocks that start with ```ts alone; "```ts ignore" marks a fragment that cannot run by itself. */
function blocksOf(document: string, text: string): Block[] {
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(({ 1: source, index }) => {
    return { name: `${document}:${text.slice(0, index).split("\n").length}`, source: source! };
  });
}

function documents(): string[] {
  const folder = join(root, "docs");
  const pages = existsSync(folder) ? readdirSync(folder).filter((it) => it.endsWith(".md")) : [];
  return ["README.md", ...pages.map((page) => `docs/${page}`)];
}

/** Runs a block from a file inside the project, where its imports resolve. */
function linesOfBlock({ source }: Block): string[] {
  const cache = join(root, ".cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "readme-"));
  try {
    const file = join(folder, "block.ts");
    writeFileSync(file, source);
    return linesOf(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const convention = suite("printed comments");

convention("are found behind console.log alone", () => {
  const source = 'const a = 1; // no\nconsole.log(a); // 1\n  console.log(`${a}`, "b"); // 1 b\n';
  assert.equal(expectations(source), ["1", "1 b"]);
});

convention("compare exactly, or about", () => {
  assert.ok(agrees("a 0.50", "a 0.50"));
  assert.not(agrees("a 0.51", "a 0.50"));
  assert.ok(agrees("a 0.55, 21", "about a 0.50, 20"));
  assert.not(agrees("a 0.65", "about a 0.50"));
  assert.not(agrees("b 0.50", "about a 0.50"));
});

convention("must come in order", () => {
  assert.is(firstUnmet(["a", "b", "c"], ["a", "c"]), undefined);
  assert.is(firstUnmet(["a", "b", "c"], ["b", "a"]), "a");
});

convention("blocks are found with their line", () => {
  const text = "# Title\n\n```ts\nconst a = 1;\n```\n\n```sh\nls\n```\n\n```ts\nb();\n```\n";
  assert.equal(blocksOf("x.md", text), [
    { name: "x.md:3", source: "const a = 1;\n" },
    { name: "x.md:11", source: "b();\n" },
  ]);
});

convention.run();

const test = suite("documents");

test("the README shows programs", () => {
  assert.ok(blocksOf("README.md", readFileSync(join(root, "README.md"), "utf8")).length > 0);
});

for (const document of documents()) {
  for (const block of blocksOf(document, readFileSync(join(root, document), "utf8"))) {
    test(`${block.name} prints what it says`, () => {
      const expected = expectations(block.source);
      const logs = block.source.match(/\bconsole\.log\(/g)?.length ?? 0;
      assert.is(expected.length, logs, "every console.log needs a comment with what it prints");
      const lines = linesOfBlock(block);
      const same = lines.length === expected.length &&
        lines.every((line, i) => agrees(line, expected[i]!));
      if (!same) {
        throw new Error(`printed:\n${lines.join("\n")}\nexpected:\n${expected.join("\n")}`);
      }
    });
  }
}

test.run();
