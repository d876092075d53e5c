/** Where things lie that have several axes. */

/**
 * Bytes to element `index` of an array with `rank` axes, innermost first. At `axes` are `words`
 * words per axis: its size, and strides in elements; `which` of them counts, from 1.
 */
export function placeOf(axes: usize, rank: i32, words: i32, which: i32, index: u32): usize {
  let at: u32 = 0;
  for (; rank > 1; rank--) {
    const size = load<u32>(axes);
    const outer = index / size;
    at += (index - outer * size) * load<u32>(axes + (<usize> which << 2));
    index = outer;
    axes += <usize> words << 2;
  }
  // The outermost axis needs no division.
  if (rank === 1) at += index * load<u32>(axes + (<usize> which << 2));
  return <usize> at << 2;
}
