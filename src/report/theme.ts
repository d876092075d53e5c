/**
 * The colours of pictures, plots and the page, for light and for dark surroundings.
 *
 * The series colours keep apart under the three common kinds of colour blindness and stand out from
 * the paper well enough for text (4.5 to 1); right and wrong are marked by a sign as well.
 *
 * @module
 */

/** Colours as #rrggbb. */
export interface Theme {
  /** Ground of pictures, plots and cards. */
  readonly paper: string;
  /** Ground of the page behind the cards. */
  readonly page: string;
  /** Text. */
  readonly ink: string;
  /** Text of less weight. */
  readonly muted: string;
  /** Frames, rules and grid lines. */
  readonly line: string;
  /** Right answers. */
  readonly right: string;
  /** Wrong answers. */
  readonly wrong: string;
  /** Links, and the scale of heat tables. */
  readonly accent: string;
  /** The series of a plot, in order. */
  readonly series: readonly string[];
}

/** Dark on white, also for print. */
export const LIGHT: Theme = {
  paper: "#ffffff",
  page: "#f6f7f9",
  ink: "#101318",
  muted: "#58616d",
  line: "#dfe3e8",
  right: "#007a4d",
  wrong: "#c2281d",
  accent: "#0b50c0",
  series: ["#0b50c0", "#c04a00", "#0a8068", "#b53fa0", "#23272e", "#6a2100"],
};

/** Light on near black. */
export const DARK: Theme = {
  paper: "#181b20",
  page: "#101216",
  ink: "#e9ecef",
  muted: "#a2abb6",
  line: "#343a43",
  right: "#4fca93",
  wrong: "#ff8274",
  accent: "#6ab3f8",
  series: ["#4ea1f7", "#ee7a30", "#43e0b4", "#dd70b6", "#e9ecef", "#f2d024"],
};

/** How far two colours, #rrggbb, stand out from each other: 1 for equal ones, 21 for black on white (WCAG). */
export function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

/** The colour, #rrggbb, that a share (0..1) of paint gives on a ground. */
export function blend(ground: string, paint: string, share: number): string {
  const over = rgb(paint);
  const bytes = rgb(ground).map((value, at) => {
    return Math.round(255 * (value * (1 - share) + (over[at] ?? 0) * share));
  });
  return `#${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** The red, green and blue of #rrggbb, each in 0..1. */
export function rgb(colour: string): readonly [number, number, number] {
  const bits = Number.parseInt(colour.slice(1), 16);
  if (!/^#[0-9a-f]{6}$/i.test(colour)) {
    throw new SyntaxError(`Cannot read colour: it is ${colour}, it must be written #rrggbb`);
  }
  return [(bits >> 16) / 255, ((bits >> 8) & 255) / 255, (bits & 255) / 255];
}

/** Brightness as the eye sees it, 0..1. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = rgb(colour).map((value) => {
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
