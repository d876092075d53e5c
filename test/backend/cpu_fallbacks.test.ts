import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FALLBACKS } from "../../src/backend/cpu/fallbacks.ts";
import * as kernels from "../../src/kernels/mod.ts";
import type { Kernel } from "../../src/kernels/mod.ts";

const test = suite("fallbacks of the cpu device");

function isKernel(value: unknown): value is Kernel<unknown> {
  return typeof value === "object" && value !== null && "reference" in value && "outputs" in value;
}

const all = [...Object.values(kernels), ...Object.values(kernels.elementwise)].filter(isKernel);

test("FALLBACKS names the kernels that have no cpu twin, and no others", () => {
  assert.ok(all.length > 60, `found ${all.length} kernels`);
  const missing = all.filter(({ cpu }) => cpu === undefined).map(({ name }) => name).sort();
  assert.equal(FALLBACKS.map(({ kernel }) => kernel).sort(), missing);
});

test("FALLBACKS says why", () => {
  for (const { kernel, reason } of FALLBACKS) assert.ok(reason.length > 10, kernel);
});

test.run();
