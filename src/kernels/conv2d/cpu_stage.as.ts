/** Copies of parts of images with zeros around, so that no window reaches past the edge. */

/** Copies whole numbers of 4 bytes. */
export function copyWords(to: usize, from: usize, bytes: usize): void {
  if (bytes >= 1024) {
    memory.copy(to, from, bytes);
    return;
  }
  const end = from + bytes;
  for (; from + 16 <= end; from += 16, to += 16) v128.store(to, v128.load(from));
  for (; from < end; from += 4, to += 4) store<f32>(to, load<f32>(from));
}

/**
 * Copies `rows` x `columns` pixels of an image from (top, left), with zeros where that is outside
 * of it. A pixel has `pixel` bytes, of which `part` bytes are copied, close together.
 */
export function stage(
  to: usize,
  image: usize,
  height: i32,
  width: i32,
  pixel: usize,
  part: usize,
  top: i32,
  left: i32,
  rows: i32,
  columns: i32,
): void {
  const begin = max(0, left), end = min(width, left + columns), line = <usize> columns * part;
  for (let row = top; row < top + rows; row++, to += line) {
    if (row < 0 || row >= height || begin >= end) {
      memory.fill(to, 0, line);
      continue;
    }
    const before = <usize> (begin - left) * part, bytes = <usize> (end - begin) * part;
    const after = line - before - bytes;
    if (before > 0) memory.fill(to, 0, before);
    if (after > 0) memory.fill(to + before + bytes, 0, after);
    let from = image + <usize> (row * width + begin) * pixel, at = to + before;
    if (part === pixel) {
      copyWords(at, from, bytes);
      continue;
    }
    for (let x = begin; x < end; x++, at += part, from += pixel) copyWords(at, from, part);
  }
}
