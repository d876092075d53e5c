// Every example runs, and prints what it says. In order, so that two cores are enough.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { root } from "../../scripts/tools.ts";
import { expectations, firstUnmet, linesOf } from "../support/printed.ts";

const examples = readdirSync(join(root, "examples")).filter((file) => file.endsWith(".ts")).sort();

const test = suite("examples");

test("there are some", () => {
  assert.ok(examples.length >= 8);
});

for (const file of examples) {
  test(`${file} prints what it says`, () => {
    const expected = expectations(readFileSync(join(root, "examples", file), "utf8"));
    assert.ok(expected.length > 0, "no console.log has a comment with what it prints");
    const lines = linesOf(join("examples", file));
    const unmet = firstUnmet(lines, expected);
    if (unmet !== undefined) throw new Error(`no line is: ${unmet}\nprinted:\n${lines.join("\n")}`);
  });

  test(`${file} says how it is run`, () => {
    const source = readFileSync(join(root, "examples", file), "utf8");
    assert.match(source, new RegExp(`Run: npx tsx (--conditions=source )?examples/${file}\\n`));
  });
}

test.run();
