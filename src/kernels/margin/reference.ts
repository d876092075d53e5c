import type { HostOperand } from "../kernel.ts";

/** One example. */
export interface Example {
  /** log(sum over j != t of e^z_j) - z_t. */
  readonly m: number;
  /** Mean over all classes of z_t - z_j. */
  readonly lead: number;
}

/** Where an example stands: largest z_j, j != t, and sum of e^(z_j - largest). */
interface Others {
  readonly largest: number;
  readonly total: number;
}

function othersOf(z: HostOperand["data"], start: number, classes: number, label: number): Others {
  let largest = -Infinity;
  for (let j = 0; j < classes; j++) if (j !== label) largest = Math.max(largest, z[start + j]!);
  let total = 0;
  for (let j = 0; j < classes; j++) if (j !== label) total += Math.exp(z[start + j]! - largest);
  return { largest, total };
}

/** y = value(example), NaN where the label is out of range. */
export function marginReference(
  [z, labels, y]: readonly [HostOperand, HostOperand, HostOperand],
  value: (example: Example) => number,
): void {
  const [examples, classes] = z.shape as [number, number];
  for (let n = 0; n < examples; n++) {
    const label = labels.data[n]!, start = n * classes;
    const { largest, total } = othersOf(z.data, start, classes, label);
    const own = z.data[start + label]!;
    let lead = 0;
    for (let j = 0; j < classes; j++) lead += (own - z.data[start + j]!) / classes;
    const valid = label >= 0 && label < classes;
    y.data[n] = valid ? value({ m: largest - own + Math.log(total), lead }) : NaN;
  }
}

/**
 * y_j = g (scale(m) q_j + others), y_t = g (own - scale(m)); NaN where the label is out of range.
 */
export function marginGradReference(
  [z, labels, g, y]: readonly [HostOperand, HostOperand, HostOperand, HostOperand],
  scale: (m: number) => number,
  shift: { readonly others: number; readonly own: number },
): void {
  const [examples, classes] = z.shape as [number, number];
  for (let n = 0; n < examples; n++) {
    const label = labels.data[n]!, start = n * classes;
    if (label < 0 || label >= classes) {
      y.data.fill(NaN, start, start + classes);
      continue;
    }
    const { largest, total } = othersOf(z.data, start, classes, label);
    const factor = scale(largest - z.data[start + label]! + Math.log(total));
    for (let j = 0; j < classes; j++) {
      const q = Math.exp(z.data[start + j]! - largest) / total;
      y.data[start + j] = g.data[n]! *
        (j === label ? shift.own - factor : factor * q + shift.others);
    }
  }
}
