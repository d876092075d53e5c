// Reads the regular files of a ustar archive: all that the software adapter's archives hold.

export interface TarFile {
  readonly path: string;
  readonly mode: number;
  readonly bytes: Uint8Array;
}

const block = 512;
const decoder = new TextDecoder();

export function readTar(archive: Uint8Array): TarFile[] {
  const files: TarFile[] = [];
  let at = 0;
  while (at + block <= archive.length) {
    const header = archive.subarray(at, at + block);
    const name = text(header, 0, 100);
    if (name === "") break;
    const size = octal(header, 124, 12);
    const kind = text(header, 156, 1);
    const prefix = text(header, 257, 5) === "ustar" ? text(header, 345, 155) : "";
    const path = prefix === "" ? name : `${prefix}/${name}`;
    if (path.startsWith("/") || path.split("/").includes("..")) {
      throw new Error(`Cannot unpack ${path}: the path must stay inside the archive's folder`);
    }
    at += block;
    if (at + size > archive.length) {
      throw new Error(`Cannot unpack ${path}: the archive is cut short`);
    }
    if (kind === "" || kind === "0") {
      files.push({ path, mode: octal(header, 100, 8), bytes: archive.subarray(at, at + size) });
    }
    at += Math.ceil(size / block) * block;
  }
  return files;
}

function text(bytes: Uint8Array, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return decoder.decode(end < 0 ? field : field.subarray(0, end));
}

function octal(bytes: Uint8Array, start: number, length: number): number {
  return Number.parseInt(text(bytes, start, length).trim() || "0", 8);
}
