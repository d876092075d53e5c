/**
 * Drawing on a picture: rectangles, other pictures, text in the font of `font.ts`.
 *
 * @module
 */
import { glyphs, LETTER_SPACE, textWidth } from "./font.ts";
import type { Image } from "./image.ts";
import { rgb } from "./theme.ts";

/** A picture to draw on. Positions are pixels from its upper left corner; what lies outside is dropped. */
export interface Canvas extends Image {
  /** Always red, green and blue. */
  readonly channels: 3;
  /** Brightness in 0..1. */
  readonly pixels: Float32Array;
}

/** A corner of something to draw. */
export interface Position {
  /** Pixels from the left. */
  readonly x: number;
  /** Pixels from the top. */
  readonly y: number;
}

/** A part of a canvas, in pixels. */
export interface Box extends Position {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
}

/** How a text is drawn. */
export interface TextStyle extends Position {
  /** Colour as #rrggbb. */
  readonly colour: string;
  /** Pixels of the canvas for a pixel of the font. Default 1. */
  readonly scale?: number;
  /** Whether `x` is the left or the right end of the text. Default "left". */
  readonly align?: "left" | "right";
}

/** A canvas filled with one colour, #rrggbb. */
export function createCanvas(width: number, height: number, colour: string): Canvas {
  const canvas = {
    width,
    height,
    channels: 3,
    pixels: new Float32Array(width * height * 3),
  } as const;
  fillBox(canvas, { x: 0, y: 0, width, height }, colour);
  return canvas;
}

/** Fills a box with one colour, #rrggbb. */
export function fillBox(canvas: Canvas, box: Box, colour: string): void {
  const [red, green, blue] = rgb(colour);
  const right = Math.min(canvas.width, box.x + box.width);
  const bottom = Math.min(canvas.height, box.y + box.height);
  for (let y = Math.max(0, box.y); y < bottom; y++) {
    for (let x = Math.max(0, box.x); x < right; x++) {
      const at = (y * canvas.width + x) * 3;
      canvas.pixels[at] = red;
      canvas.pixels[at + 1] = green;
      canvas.pixels[at + 2] = blue;
    }
  }
}

/** Draws a picture `scale` times as large; every one of its pixels becomes a sharp square. */
export function drawImage(canvas: Canvas, image: Image, at: Position & { scale: number }): void {
  const right = Math.min(canvas.width, at.x + image.width * at.scale);
  const bottom = Math.min(canvas.height, at.y + image.height * at.scale);
  const green = image.channels === 3 ? 1 : 0;
  for (let y = Math.max(0, at.y); y < bottom; y++) {
    const row = Math.floor((y - at.y) / at.scale) * image.width;
    for (let x = Math.max(0, at.x); x < right; x++) {
      const from = (row + Math.floor((x - at.x) / at.scale)) * image.channels;
      const to = (y * canvas.width + x) * 3;
      canvas.pixels[to] = image.pixels[from] ?? 0;
      canvas.pixels[to + 1] = image.pixels[from + green] ?? 0;
      canvas.pixels[to + 2] = image.pixels[from + 2 * green] ?? 0;
    }
  }
}

/** Draws one line of text; `y` is the top of its capital letters. */
export function drawText(canvas: Canvas, text: string, style: TextStyle): void {
  const { y, colour, scale = 1, align = "left" } = style;
  let x = align === "left" ? style.x : style.x - textWidth(text) * scale;
  for (const { width, rows } of glyphs(text)) {
    for (const [line, bits] of rows.entries()) {
      for (let column = 0; column < width; column++) {
        if ((bits >> (width - 1 - column) & 1) === 0) continue;
        const corner = { x: x + column * scale, y: y + line * scale };
        fillBox(canvas, { ...corner, width: scale, height: scale }, colour);
      }
    }
    x += (width + LETTER_SPACE) * scale;
  }
}
