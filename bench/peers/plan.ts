/**
 * Who is timed on what. Peers that take seconds for a step are left out of the works in which they
 * do, unless they are asked for by name.
 *
 * @module
 */

/** A peer of the harness, where it runs, and what it is timed on. */
export interface Entry {
  /** Its name in the harness. */
  readonly peer: string;
  readonly host: "node" | "chromium";
  readonly works: readonly string[];
  /** Threads that it uses. */
  readonly threads: 1 | 2;
}

/** What is timed together: one process per peer and group, the peers in turn. */
export const GROUPS: readonly (readonly string[])[] = [
  ["W1_64", "W1_256", "W1_512", "W1_1024", "W1_2048", "W2", "W2b", "W2c"],
  ["W3", "W4", "W4b", "W5"],
  ["W6a", "W6b", "CHAIN", "CHAIN_mm", "LAUNCH"],
];

const PRODUCTS = ["W1_256", "W1_512", "W1_1024", "W1_2048"];
const CONVOLUTIONS = ["W2", "W2b", "W2c"];
const STEPS = ["W3", "W4", "W4b", "W5"];
const ROWS = ["W6a", "W6b"];
const CHAINS = ["CHAIN", "CHAIN_mm"];

const PYTORCH = [...PRODUCTS, ...CONVOLUTIONS, ...STEPS, ...ROWS];
const OURS = ["W1_64", ...PYTORCH, ...CHAINS, "LAUNCH"];
// It has no gradient for the weights of a convolution; the harness supplies one, see its README.
const TFJS = [...PRODUCTS, "W2", "W2b", "W4", "W4b", ...ROWS, ...CHAINS];
const TFJS_PATCHED = ["W2c", "W3", "W5"];
// Forward only; the gradient for the input is a transposed convolution.
const ONNXRUNTIME = [...PRODUCTS, "W2", "W2b", ...ROWS];
const JAXJS = [...PRODUCTS, ...ROWS, ...CHAINS];

/** Everybody, in the order in which they take their turns. */
export const ENTRIES: readonly Entry[] = [
  { peer: "tapegrad-1t", host: "node", works: OURS, threads: 1 },
  { peer: "tapegrad-1t-eager", host: "node", works: [...STEPS, ...CHAINS], threads: 1 },
  { peer: "torch-1t", host: "node", works: PYTORCH, threads: 1 },
  { peer: "tfjs-wasm-1t", host: "node", works: TFJS, threads: 1 },
  { peer: "tfjs-wasm-1t-patched", host: "node", works: TFJS_PATCHED, threads: 1 },
  { peer: "ort-wasm-1t", host: "node", works: ONNXRUNTIME, threads: 1 },
  { peer: "jaxjs-wasm-1t-jit", host: "node", works: JAXJS, threads: 1 },
  { peer: "tapegrad-2t", host: "node", works: OURS, threads: 2 },
  { peer: "torch-2t", host: "node", works: PYTORCH, threads: 2 },
  { peer: "tapegrad-2t", host: "chromium", works: PYTORCH, threads: 2 },
  { peer: "tfjs-wasm-2t", host: "chromium", works: TFJS.slice(0, -CHAINS.length), threads: 2 },
  { peer: "tfjs-wasm-2t-patched", host: "chromium", works: TFJS_PATCHED, threads: 2 },
  { peer: "ort-wasm-2t", host: "chromium", works: ONNXRUNTIME, threads: 2 },
  { peer: "jaxjs-wasm-2t-jit", host: "chromium", works: [...PRODUCTS, ...ROWS], threads: 2 },
];

/** What else can be asked for with --peers, as peer@host. */
export function entryOf(name: string): Entry {
  const known = ENTRIES.find(({ peer, host }) => name === peer || name === `${peer}@${host}`);
  if (known !== undefined) return known;
  const [peer, host = "node"] = name.split("@") as [string, Entry["host"]?];
  const works = peer.startsWith("tapegrad") ? OURS : [...PYTORCH, ...CHAINS];
  return { peer, host, works, threads: peer.includes("-2t") ? 2 : 1 };
}

/** Its name in tables. */
export function nameOf({ peer, host }: Pick<Entry, "peer" | "host">): string {
  return `${peer}@${host}`;
}
