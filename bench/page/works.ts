/**
 * The works of the page: those of the bench files, which the build finds in their folders.
 *
 * @module
 */
import { takeWorks, type Work } from "../harness/work.ts";
import { CURVES } from "./curves.ts";
import type { Group } from "./messages.ts";

/** Names of the bench files without their endings, set by the build: { kernels: ["adam", ...] }. */
declare const BENCH_FILES: Readonly<Record<"kernels" | "steps", readonly string[]>>;

/** A work and the file that declares it. */
export interface Declared {
  readonly file: string;
  readonly work: Work;
}

let declared: Promise<readonly Declared[]> | undefined;

/** The works of some groups, curves first, as they stand on the page. */
export async function worksOf(groups: readonly Group[]): Promise<readonly Declared[]> {
  const all = await (declared ??= declare());
  const curves = CURVES.flatMap(({ name }) => {
    return all.filter(({ work }) => groups.includes("curves") && work.point?.curve === name);
  });
  const others = all.filter((it) => {
    return !curves.includes(it) && groups.some((group) => it.file.startsWith(`${group}/`));
  });
  return [...curves, ...others];
}

async function declare(): Promise<readonly Declared[]> {
  const found: Declared[] = [];
  // One file after the other: each adds its works to the same list.
  for (const name of BENCH_FILES.steps) {
    await import(`../steps/${name}.bench.ts`);
    found.push(...takeWorks().map((work) => ({ file: `steps/${name}.bench.ts`, work })));
  }
  for (const name of BENCH_FILES.kernels) {
    await import(`../kernels/${name}.bench.ts`);
    found.push(...takeWorks().map((work) => ({ file: `kernels/${name}.bench.ts`, work })));
  }
  return found;
}
