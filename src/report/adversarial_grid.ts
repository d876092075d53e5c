/**
 * Originals, perturbations and adversarial pictures side by side.
 *
 * @module
 */
import { formatNumber, formatPercent } from "./format.ts";
import { drawGrid, type GridCell, type Line } from "./grid.ts";
import { defaultScale, lineWidth } from "./grid_layout.ts";
import { checkImage, type Image } from "./image.ts";
import type { Theme } from "./theme.ts";

/** What a network says about a picture. */
export interface Verdict {
  /** Name of the class that it names. */
  readonly label: string;
  /** The probability that it gives this class, 0..1. */
  readonly certainty: number;
}

/** A picture before and after an attack. */
export interface Example {
  /** The picture before. */
  readonly original: Image;
  /** The picture after, of the same size. */
  readonly adversarial: Image;
  /** Name of the true class. */
  readonly label: string;
  /** What the network says before. */
  readonly before: Verdict;
  /** What the network says after. */
  readonly after: Verdict;
  /** Name of the class that the attack aimed at. Default none. */
  readonly target?: string;
  /** A line above the example, such as the name of the attack. Default none. */
  readonly heading?: string;
}

/** How the grid is drawn. */
export interface AdversarialGridOptions {
  /** The line at the top. */
  readonly title: string;
  /** What perturbations are multiplied by; default: the largest round number that clips none. */
  readonly perturbationScale?: number;
  /** Pixels for a pixel of the pictures. Default: pictures about 112 pixels wide. */
  readonly scale?: number;
  /** Examples side by side. Default 1. */
  readonly across?: number;
  /** Colours. Default light. */
  readonly theme?: Theme;
}

const ROUND_NUMBERS = [100, 50, 40, 30, 25, 20, 15, 10, 8, 6, 5, 4, 3, 2, 1.5, 1];

/**
 * One row for each example: the original, the perturbation and the adversarial picture, with the
 * true class, the class named and its certainty below. The perturbation is adversarial - original,
 * times one scale for the whole grid that is printed, about mid grey.
 */
export function drawAdversarialGrid(
  examples: readonly Example[],
  options: AdversarialGridOptions,
): Image {
  const { title, perturbationScale = commonScale(examples), ...rest } = options;
  const largest = Math.max(0, ...examples.map((example) => maximum(difference(example))));
  const clipped = largest * perturbationScale > 0.5 + 1e-5 ? ", clipped" : "";
  const factor = `×${formatNumber(perturbationScale)}`;
  const width = Math.max(1, ...examples.map(({ original }) => original.width));
  const room = width * (options.scale ?? defaultScale(width)) + 2;
  const verdicts = examples.flatMap(({ before, after, label }) => [
    verdictLine(before, label),
    verdictLine(after, label),
  ]);
  const oneLine = verdicts.every((line) => lineWidth(line) <= room);
  return drawGrid({
    title,
    subtitle: [`perturbation ${factor}, mid grey is no change${clipped}`],
    heads: ["original", `change ${factor}`, "adversarial"],
    rows: examples.map((example) => ({
      ...(example.heading === undefined ? {} : { heading: example.heading }),
      cells: [
        verdictCell(example.original, example.before, { example, oneLine }),
        changeCell(example, perturbationScale),
        verdictCell(example.adversarial, example.after, {
          example,
          oneLine,
          ...(example.target === undefined ? {} : { target: example.target }),
        }),
      ],
    })),
  }, rest);
}

/** The largest round number by which no perturbation leaves the range from black to white. */
export function commonScale(examples: readonly Example[]): number {
  const largest = Math.max(0, ...examples.map((example) => maximum(difference(example))));
  return ROUND_NUMBERS.find((scale) => largest * scale <= 0.5 + 1e-5) ?? 0.5;
}

function verdictCell(
  image: Image,
  verdict: Verdict,
  at: { readonly example: Example; readonly oneLine: boolean; readonly target?: string },
): GridCell {
  const { example: { label }, oneLine, target } = at;
  const line = verdictLine(verdict, label);
  const { text, end = "", tone } = line;
  const truth = target === undefined ? `true ${label}` : `target ${target}`;
  return {
    image,
    bar: { share: verdict.certainty, tone },
    lines: [...(oneLine ? [line] : [{ text, tone }, { text: end, tone }]), {
      text: truth,
      tone: "muted",
    }],
  };
}

function verdictLine({ label, certainty }: Verdict, truth: string): Line {
  const isRight = label === truth;
  return {
    text: `${isRight ? "✓" : "✗"} ${label}`,
    end: formatPercent(certainty),
    tone: isRight ? "right" : "wrong",
  };
}

function changeCell(example: Example, scale: number): GridCell {
  const change = difference(example);
  const { width, height, channels } = example.original;
  const pixels = change.map((value) => Math.min(1, Math.max(0, 0.5 + value * scale)));
  const length = Math.hypot(...change);
  return {
    image: { width, height, channels, pixels },
    lines: [
      { text: "max", end: formatNumber(maximum(change), 3), tone: "muted" },
      { text: "length", end: formatNumber(length, 2), tone: "muted" },
    ],
  };
}

function difference({ original, adversarial }: Example): Float64Array {
  checkImage("compare original", original);
  checkImage("compare adversarial picture", adversarial);
  const { width, height, channels } = original;
  const other = adversarial;
  if (other.width !== width || other.height !== height || other.channels !== channels) {
    throw new RangeError(
      `Cannot compare pictures: they are ${width} x ${height} x ${channels} and ` +
        `${other.width} x ${other.height} x ${other.channels}, they must be equal in size`,
    );
  }
  return Float64Array.from(original.pixels, (value, at) => (other.pixels[at] ?? 0) - value);
}

function maximum(change: Float64Array): number {
  return change.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
