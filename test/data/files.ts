// Tiny files in the formats of the loaders, built here so that no test needs data.

import type { Bytes } from "../../src/data/bytes.ts";

/** Bytes that follow a simple rule, all 256 of them. */
export function pattern(count: number, seed = 1): Bytes {
  return Uint8Array.from({ length: count }, (_, i) => (i * 31 + (i >> 5) * 7 + seed) & 255);
}

export function idx(shape: readonly number[], data: Uint8Array): Bytes {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, 8, shape.length]);
  shape.forEach((length, axis) => view.setUint32(4 + 4 * axis, length));
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

/** CIFAR records: the labels of each, and the image in planes. */
export function cifar(labels: readonly (readonly number[])[], seed = 1): Bytes {
  return concat(labels.flatMap((it, i) => [Uint8Array.from(it), pattern(3072, seed + i)]));
}

export function concat(parts: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export async function gzip(bytes: Bytes): Promise<Bytes> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

function tarHeader(path: string, size: number, kind: string): Uint8Array {
  const header = new Uint8Array(512);
  const write = (at: number, text: string) => header.set(new TextEncoder().encode(text), at);
  write(0, path);
  write(100, "0000644\0");
  write(124, `${size.toString(8).padStart(11, "0")}\0`);
  write(148, " ".repeat(8));
  write(156, kind);
  write(257, "ustar\0" + "00");
  const sum = header.reduce((a, b) => a + b, 0);
  write(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return header;
}

/** A tar archive with a folder and files in it. */
export function tar(folder: string, files: Readonly<Record<string, Uint8Array>>): Bytes {
  const parts = [tarHeader(`${folder}/`, 0, "5")];
  for (const [name, bytes] of Object.entries(files)) {
    const blank = new Uint8Array((512 - bytes.length % 512) % 512);
    parts.push(tarHeader(`${folder}/${name}`, bytes.length, "0"), bytes, blank);
  }
  return concat([...parts, new Uint8Array(1024)]);
}
