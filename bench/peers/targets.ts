/**
 * The figures to reach, and whether they are.
 *
 * @module
 */
import { formatNumber, formatShare } from "../harness/format.ts";
import { type Cell, median, type Results } from "./results.ts";

/** A figure and its bound; undefined where it was not measured. */
export interface Judgement {
  /** The figure in words: "1.71 x with 2 threads". */
  readonly text: string;
  readonly reached: boolean | undefined;
}

/** A row of the table of figures to reach. */
export interface Target {
  readonly work: string;
  readonly what: string;
  /** The bound in words. */
  readonly reach: string;
  readonly judge: (results: Results) => readonly Judgement[];
}

/** Our engine. */
export const OURS = { one: "tapegrad-1t@node", two: "tapegrad-2t@node" } as const;
const BROWSER = "tapegrad-2t@chromium";
const PYTORCH = { [OURS.one]: "torch-1t@node", [OURS.two]: "torch-2t@node" } as const;

/** Peers in JavaScript by the run of ours that they are compared with. */
const JAVASCRIPT: Readonly<Record<string, readonly string[]>> = {
  [OURS.one]: [
    "tfjs-wasm-1t@node",
    "tfjs-wasm-1t-patched@node",
    "ort-wasm-1t@node",
    "jaxjs-wasm-1t-jit@node",
  ],
  [BROWSER]: [
    "tfjs-wasm-2t@chromium",
    "tfjs-wasm-2t-patched@chromium",
    "ort-wasm-2t@chromium",
    "jaxjs-wasm-2t-jit@chromium",
  ],
};

function judgement(
  value: number | undefined,
  text: (value: number) => string,
  reached: (value: number) => boolean,
): Judgement {
  if (value === undefined) return { text: "not measured", reached: undefined };
  return { text: text(value), reached: reached(value) };
}

/** The share of the peak of its threads that a run of ours has. */
export function peakShare(results: Results, name: string, work: string): number | undefined {
  const threads = name === OURS.one ? 1 : 2;
  return results.share(name, work, ({ peak }) => ({ gflops: threads * peak.one }));
}

function share(results: Results, work: string, least: number): Judgement {
  return judgement(
    peakShare(results, OURS.one, work),
    (share) => `${formatShare(share)} of the peak`,
    (share) => share >= least,
  );
}

function twice(results: Results, work: string): Judgement {
  return judgement(
    results.speedup(OURS.two, OURS.one, work),
    (speedup) => `${formatNumber(speedup)} x with 2 threads`,
    (speedup) => speedup >= 1.8,
  );
}

/** How often ours is faster than the fastest of some peers. */
export function against(
  results: Results,
  work: string,
  { ours, peers }: { readonly ours: string; readonly peers: readonly string[] },
): { readonly speedup: number; readonly best: Cell } | undefined {
  let found: { readonly speedup: number; readonly best: Cell } | undefined;
  for (const peer of peers) {
    const best = results.cell(peer, work), speedup = results.speedup(ours, peer, work);
    if (best === undefined || speedup === undefined) continue;
    if (found === undefined || speedup < found.speedup) found = { speedup, best };
  }
  return found;
}

/** The fastest peer in JavaScript: of one thread in Node, and of two in Chromium. */
export function bestJavaScript(
  results: Results,
  work: string,
): readonly ReturnType<typeof against>[] {
  return Object.entries(JAVASCRIPT).map(([ours, peers]) => against(results, work, { ours, peers }));
}

function productsOf(results: Results, work: string): readonly Judgement[] {
  return Object.entries(JAVASCRIPT).map(([ours, peers]) => {
    const some = peers.filter((name) => /^(tfjs|ort)-/.test(name));
    return judgement(
      against(results, work, { ours, peers: some })?.speedup,
      (speedup) => `${formatNumber(speedup)} x tfjs and onnxruntime ${whereOf(ours)}`,
      (speedup) => speedup >= 1.5,
    );
  });
}

function whereOf(ours: string): string {
  return ours === OURS.one ? "(1 thread, Node)" : "(2 threads, Chromium)";
}

/** Time as a share of PyTorch's, with one thread and with two. */
export function pyTorchRatios(results: Results, work: string): readonly (number | undefined)[] {
  return [OURS.one, OURS.two].map((ours) => {
    return results.speedup(PYTORCH[ours], ours, work);
  });
}

function pyTorch(results: Results, work: string, most: number): readonly Judgement[] {
  return pyTorchRatios(results, work).map((ratio, i) => {
    return judgement(
      ratio,
      (ratio) => `${formatNumber(ratio)} of PyTorch's time with ${i + 1}`,
      (ratio) => ratio <= most,
    );
  });
}

/** At least 70 % of what memory gives, or of the best peer's rate where that is lower. */
function memoryOrBest(results: Results, work: string): readonly Judgement[] {
  return [OURS.one, OURS.two].map((ours, i) => {
    const memory = results.share(
      ours,
      work,
      ({ copy }) => ({ gbs: i === 0 ? copy.one : copy.all }),
    );
    const browser = i === 0 ? ours : BROWSER;
    const peers = [
      against(results, work, { ours, peers: [PYTORCH[ours]] }),
      against(results, work, { ours: browser, peers: JAVASCRIPT[browser]! }),
    ].flatMap((found) => found === undefined ? [] : [found.speedup]);
    const peer = peers.length === 0 ? undefined : Math.min(...peers);
    const either = memory === undefined ? peer : Math.max(memory, peer ?? 0);
    return judgement(
      either,
      () =>
        `${formatShare(memory ?? 0)} of memory's, ${formatShare(peer ?? 0)} of the best peer's ` +
        `rate with ${i + 1}`,
      (share) => share >= 0.7,
    );
  });
}

const product = (size: number): Target => ({
  work: `W1_${size}`,
  what: `matrix product ${size} x ${size}`,
  reach: "85 % of the peak, 1.8 x with 2 threads, 1.5 x tfjs and onnxruntime",
  judge: (results) => [
    share(results, `W1_${size}`, 0.85),
    twice(results, `W1_${size}`),
    ...productsOf(results, `W1_${size}`),
  ],
});

const convolution = (work: string, what: string): Target => ({
  work,
  what,
  reach: "70 % of the peak, 1.8 x with 2 threads",
  judge: (results) => [share(results, work, 0.7), twice(results, work)],
});

const step = (work: string, what: string, most: number): Target => ({
  work,
  what,
  reach: most === 1 ? "PyTorch's time" : `${most} of PyTorch's time`,
  judge: (results) => pyTorch(results, work, most),
});

const rows = (work: string, what: string): Target => ({
  work,
  what,
  reach: "70 % of the memory's rate or of the best peer's",
  judge: (results) => memoryOrBest(results, work),
});

/** All rows. */
export const TARGETS: readonly Target[] = [
  {
    work: "W1_64",
    what: "matrix product 64 x 64",
    reach: "10 GFLOP/s",
    judge: (results) => [
      judgement(
        results.cell(OURS.one, "W1_64")?.gflops,
        (rate) => `${formatNumber(rate)} GFLOP/s`,
        (rate) => rate >= 10,
      ),
    ],
  },
  {
    work: "W1_256",
    what: "matrix product 256 x 256",
    reach: "75 % of the peak",
    judge: (results) => [share(results, "W1_256", 0.75)],
  },
  product(512),
  product(1024),
  product(2048),
  convolution("W2", "convolution"),
  convolution("W2b", "its input gradient"),
  convolution("W2c", "its weight gradient"),
  step("W3", "training step of the small CNN", 1),
  step("W4", "FGSM on it", 0.7),
  step("W4b", "ten steps of PGD on it", 0.7),
  step("W5", "training step of the residual network", 1.3),
  rows("W6a", "sum of tanh(2 x + 1)"),
  rows("W6b", "softmax"),
  {
    work: "LAUNCH",
    what: "a kernel that does next to nothing, 2 threads",
    reach: "5 µs",
    judge: (results) => [
      judgement(
        results.cell(OURS.two, "LAUNCH")?.time,
        (time) => `${formatNumber(1000 * time)} µs`,
        (time) => time <= 0.005,
      ),
    ],
  },
];

/** The machine over all rounds. */
export function machineOf({ machines }: Results): {
  readonly peak: readonly [number, number];
  readonly copy: readonly [number, number];
  readonly triad: readonly [number, number];
} {
  const middle = (of: (machine: Results["machines"][number]) => number) => median(machines.map(of));
  return {
    peak: [middle(({ peak }) => peak.one), middle(({ peak }) => peak.all)],
    copy: [middle(({ copy }) => copy.one), middle(({ copy }) => copy.all)],
    triad: [middle(({ triad }) => triad.one), middle(({ triad }) => triad.all)],
  };
}
