/**
 * A small font of the project's own, for labels inside pictures: letters five pixels wide and seven
 * high above the base line, two rows under it.
 *
 * @module
 */

/** One letter. */
export interface Glyph {
  /** Width in pixels, without the space to the next letter. */
  readonly width: number;
  /** Rows from the top; in each the rightmost pixel is the lowest bit. */
  readonly rows: readonly number[];
}

/** Rows of a line of text: seven above the base line and two under it. */
export const LINE_HEIGHT = 9;

/** Pixels between two letters. */
export const LETTER_SPACE = 1;

/** Each letter with its width and its rows, a row as one digit of base 32. */
const GLYPHS: readonly string[] = [
  "!11111101 \"35550000 #5aavavaa $54fke5u4 %5op248j3 &5cik8lid '11110000 (31244421 )34211124",
  "*504lel40 +5044v440 ,2000001120 -4000f000 .10000001 /511248gg 054ahhha4 154c4444e",
  "25eh1248v 35v2421he 4526aiv22 55vgu11he 6568guhhe 75v124888 85ehhehhe 95ehhf12c :10010001",
  ";2001001120 <41248421 =400f0f00 >48421248 ?5eh12404 @5ehnlnge A5ehhvhhh B5uhhuhhu",
  "C5ehggghe D5sihhhis E5vgguggv F5vgguggg G5ehgnhhf H5hhhvhhh I37222227 J572222ic K5hikokih",
  "L5ggggggv M5hrllhhh N5hhpljhh O5ehhhhhe P5uhhuggg Q5ehhhlid R5uhhukih S5fgge11u T5v444444",
  "U5hhhhhhe V5hhhhha4 W5hhhllrh X5hha4ahh Y5hha4444 Z5v1248gv [37444447 \\5gg84211 ]37111117",
  "^54ah0000 _5000000v `34210000 a500e1fhf b5gguhhhu c40078887 d511fhhhf e500ehvge f434e4444",
  "g500fhhhf1e h5gguhhhh i32062227 j3103111152 k4889aca9 l36222227 m500qllll n500uhhhh",
  "o500ehhhe p500uhhhugg q500fhhhf11 r400bc888 s4007861e t444e4443 u500hhhhf v500hhha4",
  "w500hllla x500ha4ah y500hhhhf1e z500v248v {31224221 |11111111 }34221224 ~5008l200",
  "✓50112ic8 ✗50ha4ah0 ×500ha4ah →5042v240 ε40078687 ±544v440v ∞500alla0 –4000f000 ·10001000",
  "…5000000l �5vhhhhhv",
];

const font: ReadonlyMap<string, Glyph> = new Map([
  [" ", { width: 3, rows: [] }],
  ...GLYPHS.flatMap((line) => line.split(" ")).map(readGlyph),
]);

const MISSING: Glyph = font.get("�") ?? { width: 5, rows: [] };

/** The letters of a text. Accents are dropped; what the font does not have becomes a box. */
export function glyphs(text: string): readonly Glyph[] {
  const plain = text.normalize("NFD").replace(/\p{Mn}/gu, "").replace(/\s/g, " ");
  return Array.from(plain, (character) => font.get(character) ?? MISSING);
}

/** Width of a text in pixels. */
export function textWidth(text: string): number {
  const letters = glyphs(text);
  const width = letters.reduce((sum, glyph) => sum + glyph.width + LETTER_SPACE, 0);
  return Math.max(0, width - LETTER_SPACE);
}

function readGlyph(entry: string): [string, Glyph] {
  const [character = "", width = "", ...rows] = Array.from(entry);
  return [character, {
    width: Number(width),
    rows: rows.map((row) => Number.parseInt(row, 32)),
  }];
}
