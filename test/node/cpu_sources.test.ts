// What the sources of the cpu backend have twice: AssemblyScript cannot import the library's TypeScript.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CONTROL, SCRATCH, SCRATCH_BYTES, STATIC } from "../../src/backend/cpu/layout.ts";
import { root } from "../../scripts/tools.ts";

const test = suite("numbers that sources share");

/** Exported constants of an AssemblyScript file: sums, products and shifts of whole numbers. */
function constantsOf(file: string): Record<string, number> {
  const source = readFileSync(join(root, file), "utf8");
  const found = source.matchAll(/^export const (\w+): \w+ = (\d+)(?: << (\d+))?;$/gm);
  return Object.fromEntries([...found].map(([, name, number, shift = "0"]) => {
    return [name!, Number(number) * 2 ** Number(shift)];
  }));
}

test("the scratch memory of threads lies where layout.ts says", () => {
  assert.equal(constantsOf("src/kernels/assembly/thread.as.ts"), { SCRATCH, SCRATCH_BYTES });
});

test("the crew's words lie where layout.ts says", () => {
  const { NOTHING, WORKED, ENDED, ...words } = constantsOf("src/backend/cpu/crew.as.ts");
  assert.equal([NOTHING, WORKED, ENDED], [0, 1, 2]);
  assert.ok(Object.keys(words).length >= 11);
  for (const [name, place] of Object.entries(words)) {
    assert.is(place, (CONTROL as Readonly<Record<string, number>>)[name.toLowerCase()], name);
  }
});

test("the compiler puts constants where layout.ts says", () => {
  const build = readFileSync(join(root, "scripts/build_cpu.ts"), "utf8");
  assert.match(build, `"--memoryBase", "${STATIC}"`);
});

test.run();
