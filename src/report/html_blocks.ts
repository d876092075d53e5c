/**
 * The blocks of a report as HTML.
 *
 * @module
 */
import { escapeHtml } from "./escape.ts";
import type { Block, KeyFigure } from "./report.ts";
import { tableHtml } from "./table_html.ts";

/** One block. */
export function blockHtml(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return `<p>${escapeHtml(block.text)}</p>`;
    case "heading":
      return `<h3>${escapeHtml(block.text)}</h3>`;
    case "list":
      return `<ul>${block.items.map((item) => `<li>${escapeHtml(item)}</li>`).join("")}</ul>`;
    case "note":
      return `<p class="note ${block.tone ?? ""}">${escapeHtml(block.text)}</p>`;
    case "code":
      return `<pre tabindex="0"><code>${escapeHtml(block.text)}</code></pre>`;
    case "table":
      return tableHtml(block.table);
    case "figure":
      return figure(scroll(block.svg), block.caption, dataHtml(block));
    case "picture":
      return figure(scroll(pictureHtml(block)), block.caption, "");
    case "keyFigures":
      return `<dl class="key">${block.figures.map(keyFigureHtml).join("")}</dl>`;
    case "row":
      return `<div class="row">${block.blocks.map(blockHtml).join("\n")}</div>`;
  }
}

function figure(content: string, caption: string, data: string): string {
  return `<figure>${content}<figcaption>${escapeHtml(caption)}</figcaption>${data}</figure>`;
}

/** What is wider than a phone scrolls by itself, so that the page does not; with the keyboard too. */
function scroll(content: string): string {
  return `<div class="scroll" tabindex="0">${content}</div>`;
}

function dataHtml({ data }: Block & { readonly kind: "figure" }): string {
  if (data === undefined) return "";
  return `<details><summary>The numbers</summary>${tableHtml(data)}</details>`;
}

function pictureHtml({ png, darkPng, alt }: Block & { readonly kind: "picture" }): string {
  const { width, height } = pngSize(png);
  const image = `<img src="${dataUri(png)}" width="${width}" height="${height}" alt="${
    escapeHtml(alt)
  }">`;
  if (darkPng === undefined) return image;
  const media = `media="screen and (prefers-color-scheme: dark)"`;
  return `<picture><source ${media} srcset="${dataUri(darkPng)}">${image}</picture>`;
}

function keyFigureHtml({ label, value, note, tone }: KeyFigure): string {
  const remark = note === undefined ? "" : `<dd class="remark">${escapeHtml(note)}</dd>`;
  return `<div class="${tone ?? ""}"><dt>${escapeHtml(label)}</dt><dd class="value">${
    escapeHtml(value)
  }</dd>${remark}</div>`;
}

/** Width and height stand at fixed places behind the eight bytes that every PNG begins with. */
function pngSize(bytes: Uint8Array): { readonly width: number; readonly height: number } {
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  if (bytes.length < 24 || signature.some((byte, at) => bytes[at] !== byte)) {
    throw new TypeError(
      `Cannot put picture into the report: it begins with [${bytes.slice(0, 8)}], ` +
        `it must be a PNG file as encodePng makes it`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

function dataUri(bytes: Uint8Array): string {
  let text = "";
  // A call takes some ten thousand arguments at most.
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return `data:image/png;base64,${btoa(text)}`;
}
