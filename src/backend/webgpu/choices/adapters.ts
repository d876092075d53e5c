/**
 * Whose adapter it is, and what is typical for such GPUs: the table behind predictions.
 *
 * @module
 */

/** Kinds of adapter that want different kernels. */
export type AdapterKind =
  | "nvidia"
  | "amd"
  | "intel"
  | "apple"
  | "qualcomm"
  | "arm"
  | "software"
  | "unknown";

/** What an adapter says of itself. Any part may be missing or empty. */
export type AdapterInfo = Readonly<
  Partial<Record<"vendor" | "architecture" | "device" | "description", string>>
>;

/** An adapter, as choices are kept for it. */
export interface AdapterId {
  /** Text that is the same for the same adapter under the same engine. */
  readonly key: string;
  /** Whose it is. */
  readonly kind: AdapterKind;
}

/** A middling GPU of a kind. Figures are round: they rank ways, they do not predict times. */
export interface Machine {
  /** f32 operations per second, a multiply-add being two. */
  readonly peakFlops: number;
  /** Bytes per second from caches: what neighbouring workgroups read again. */
  readonly cacheBandwidth: number;
  /** Units that each run whole workgroups. */
  readonly units: number;
  /** Invocations that a unit needs to be kept busy. */
  readonly invocations: number;
  /** Sums that an invocation can keep before registers run out. */
  readonly sums: number;
}

/** After RTX 3060, RX 6600, Iris Xe, M2, Adreno 740 and Mali-G715 MP7. */
export const MACHINES: Readonly<
  Record<Exclude<AdapterKind, "software" | "unknown">, Machine>
> = {
  nvidia: { peakFlops: 12.7e12, cacheBandwidth: 1500e9, units: 28, invocations: 512, sums: 64 },
  amd: { peakFlops: 8.9e12, cacheBandwidth: 1300e9, units: 28, invocations: 512, sums: 64 },
  intel: { peakFlops: 2.07e12, cacheBandwidth: 350e9, units: 6, invocations: 896, sums: 32 },
  apple: { peakFlops: 3.6e12, cacheBandwidth: 500e9, units: 10, invocations: 512, sums: 64 },
  qualcomm: { peakFlops: 2.2e12, cacheBandwidth: 250e9, units: 6, invocations: 1024, sums: 16 },
  arm: { peakFlops: 1.5e12, cacheBandwidth: 180e9, units: 7, invocations: 512, sums: 16 },
};

/** Vendors, by their names on Dawn and in browsers and by their PCI numbers on wgpu. */
const VENDORS: readonly (readonly [kind: AdapterKind, name: RegExp, numbers: readonly number[]])[] =
  [
    ["nvidia", /nvidia|geforce|quadro/i, [0x10de]],
    ["amd", /\bamd\b|radeon|\bati\b/i, [0x1002, 0x1022]],
    ["intel", /intel/i, [0x8086]],
    ["apple", /apple/i, [0x106b]],
    ["qualcomm", /qualcomm|adreno/i, [0x5143]],
    ["arm", /\barm\b|mali|immortalis/i, [0x13b5]],
  ];

/** Whose an adapter is. */
export function kindOf(info: AdapterInfo, software: boolean): AdapterKind {
  if (software) return "software";
  const { vendor = "", architecture, device, description } = info;
  const number = /^(0x[0-9a-f]+|\d+)$/i.test(vendor) ? Number(vendor) : -1;
  const words = [vendor, architecture, device, description].join(" ");
  const found = VENDORS.find(([, name, numbers]) => numbers.includes(number) || name.test(words));
  return found?.[0] ?? "unknown";
}

/** The key of an adapter: what it says of itself and who runs it, and its limits. */
export function keyOf(
  { vendor, architecture, device, description }: AdapterInfo,
  { engine, limits }: { readonly engine: string; readonly limits: readonly number[] },
): string {
  const words = [engine, vendor, architecture, device, description];
  return [...words.map((word) => word ?? ""), limits.join(" ")].join(" | ");
}
