import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  commonScale,
  drawAdversarialGrid,
  type Example,
} from "../../src/report/adversarial_grid.ts";
import { createCanvas, drawText } from "../../src/report/canvas.ts";
import { glyphs, LINE_HEIGHT, textWidth } from "../../src/report/font.ts";
import { drawGrid } from "../../src/report/grid.ts";
import { type Image, toByte } from "../../src/report/image.ts";
import { DARK, LIGHT, rgb } from "../../src/report/theme.ts";

const test = suite("grid");

function filled(width: number, height: number, values: readonly number[]): Image {
  const pixels = Float32Array.from({ length: width * height * values.length }, (_, at) => {
    return values[at % values.length]!;
  });
  return { width, height, channels: values.length === 3 ? 3 : 1, pixels };
}

/** The bytes at a place. */
function at(image: Image, x: number, y: number): number[] {
  return [0, 1, 2].map((channel) => toByte(image.pixels[(y * image.width + x) * 3 + channel]!));
}

function bytes(colour: string): number[] {
  return rgb(colour).map(toByte);
}

function holds(image: Image, colour: string): boolean {
  const wanted = bytes(colour).join();
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) if (at(image, x, y).join() === wanted) return true;
  }
  return false;
}

function example(before: number, after: number, says: string): Example {
  return {
    original: filled(4, 4, [before]),
    adversarial: filled(4, 4, [after]),
    label: "7",
    before: { label: "7", certainty: 0.998 },
    after: { label: says, certainty: 0.5 },
  };
}

test("the font has every printable ASCII letter, each of its own", () => {
  const ascii = Array.from({ length: 95 }, (_, code) => String.fromCharCode(32 + code));
  const box = glyphs("�")[0]!;
  const seen = new Set<string>();
  for (const letter of ascii) {
    const [glyph] = glyphs(letter);
    assert.is.not(glyph, box, letter);
    assert.ok(glyph!.rows.length <= LINE_HEIGHT, letter);
    assert.ok(glyph!.rows.every((row) => row < 2 ** glyph!.width), letter);
    seen.add(`${glyph!.width}:${glyph!.rows}`);
  }
  assert.is(seen.size, ascii.length);
  assert.is(glyphs("漢")[0], box);
  assert.is(glyphs("ü")[0], glyphs("u")[0]);
  assert.is(textWidth("A!"), 5 + 1 + 1);
});

test("drawText() draws within the canvas, from either end", () => {
  const canvas = createCanvas(12, 10, "#ffffff");
  drawText(canvas, "I", { x: 12, y: 1, colour: "#000000", align: "right" });
  // The serif of an I is three pixels wide.
  assert.equal([8, 9, 10, 11].map((x) => at(canvas, x, 1)[0]), [255, 0, 0, 0]);
  drawText(canvas, "WWWWW", { x: -3, y: 8, colour: "#000000", scale: 2 });
  assert.is(canvas.pixels.length, 12 * 10 * 3);
});

test("drawGrid() enlarges without blur, frames, and grows with its rows", () => {
  const cell = { image: { width: 2, height: 1, channels: 1, pixels: [0, 1] }, lines: [] } as const;
  const grid = (rows: number, across: number) =>
    drawGrid({
      title: "",
      heads: [],
      rows: Array.from({ length: rows }, () => ({ cells: [cell] })),
    }, { scale: 5, across });
  const image = grid(1, 1);
  const corner = { x: 20, y: 20 + 22 + 8 };
  assert.equal(at(image, corner.x, corner.y), bytes(LIGHT.line));
  for (let x = 0; x < 10; x++) {
    for (let y = 0; y < 5; y++) {
      assert.equal(at(image, corner.x + 1 + x, corner.y + 1 + y)[0], x < 5 ? 0 : 255);
    }
  }
  assert.equal(at(image, corner.x + 11, corner.y + 3), bytes(LIGHT.line));
  assert.equal(at(image, corner.x + 12, corner.y + 3), bytes(LIGHT.paper));
  const row = grid(2, 1).height - image.height;
  assert.is(grid(3, 1).height, image.height + 2 * row);
  assert.is(grid(3, 2).height, image.height + row);
  assert.is(grid(4, 2).width, grid(2, 2).width);
  assert.ok(grid(2, 2).width > image.width);
});

test("drawAdversarialGrid() shows no change as mid grey, and one scale for all", () => {
  const examples = [example(0.5, 0.6, "3"), example(0.5, 0.48, "7")];
  assert.is(commonScale(examples), 5);
  const scale = 28;
  const image = drawAdversarialGrid(examples, { title: "t", scale });
  const column = 4 * scale + 2 + 14;
  // Two lines of title, then the heads.
  const top = 20 + 2 * 22 + 8 + 22;
  const probe = (row: number, cell: number) => {
    const x = 20 + cell * columnWidth(image, column) + 10;
    return at(image, x, top + 10 + row * rowHeight(image, top));
  };
  assert.equal(probe(0, 0), [128, 128, 128]);
  assert.equal(probe(0, 1), [255, 255, 255]);
  assert.equal(probe(0, 2), [153, 153, 153]);
  assert.equal(probe(1, 1), [102, 102, 102]);
  const unchanged = drawAdversarialGrid([example(0.2, 0.2, "7")], { title: "t", scale });
  assert.equal(at(unchanged, 20 + columnWidth(unchanged, column) + 10, top + 10), [128, 128, 128]);
});

/** Cells are as wide as their heads where the heads are wider than the pictures. */
function columnWidth(image: Image, atLeast: number): number {
  return Math.max(atLeast, (image.width - 40 + 14) / 3);
}

function rowHeight(image: Image, top: number): number {
  return (image.height - top - 20 + 16) / 2;
}

test("drawAdversarialGrid() paints right answers and mistakes in their colours, light and dark", () => {
  for (const theme of [LIGHT, DARK]) {
    const wrong = drawAdversarialGrid([example(0.5, 0.6, "3")], { title: "t", theme });
    assert.ok(holds(wrong, theme.wrong));
    assert.ok(holds(wrong, theme.right));
    const right = drawAdversarialGrid([example(0.5, 0.6, "7")], { title: "t", theme });
    assert.not(holds(right, theme.wrong));
    assert.equal(at(right, 0, 0), bytes(theme.paper));
  }
});

test("drawAdversarialGrid() takes colour pictures, targets, headings and long names", () => {
  const base = {
    original: filled(8, 6, [0.8, 0.2, 0.6]),
    adversarial: filled(8, 6, [0.7, 0.2, 0.6]),
    label: "automobile with a long name",
    before: { label: "automobile with a long name", certainty: 1 },
    after: { label: "cat", certainty: 0.3 },
  };
  const short = drawAdversarialGrid([base], { title: "t" });
  const full = drawAdversarialGrid([{ ...base, target: "cat", heading: "Ten steps" }], {
    title: "t",
  });
  assert.is(short.channels, 3);
  assert.ok(full.height > short.height);
  assert.ok(holds(short, "#cc3399"));
});

test("drawAdversarialGrid() refuses pictures that do not belong together or hold no brightness", () => {
  const draw = (one: Partial<Example>) =>
    drawAdversarialGrid([{ ...example(0, 0, "7"), ...one }], { title: "t" });
  assert.throws(
    () => draw({ adversarial: filled(4, 5, [0]) }),
    "Cannot compare pictures: they are 4 x 4 x 1 and 4 x 5 x 1, they must be equal in size",
  );
  assert.throws(() => draw({ adversarial: filled(4, 4, [1.2]) }), "it must be in 0..1");
  assert.throws(() => draw({ original: filled(4, 4, [NaN]) }), "value 0 is NaN");
  assert.throws(
    () => drawAdversarialGrid([], { title: "t", across: 0 }),
    "Cannot draw grid: across is 0, it must be a whole number from 1",
  );
});

test("commonScale() is a round number that clips nothing", () => {
  assert.is(commonScale([example(0.5, 0.5, "7")]), 100);
  assert.is(commonScale([example(0, 0.3, "7")]), 1.5);
  assert.is(commonScale([example(0, 1, "7")]), 0.5);
});

test.run();
