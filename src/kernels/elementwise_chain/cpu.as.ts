/** Elementwise kernels one after the other on blocks of elements, see cpu.ts. */
import { int, pointer } from "../assembly/arguments.as";
import { scratch } from "../assembly/thread.as";
import { repeat } from "../elementwise/cpu.as";
import { apply } from "./cpu_functions.as";

const ADDRESSES = 8;
// Words after the addresses. A repeat is an operand, its period, and the length to fill.
const BLOCKS = 0, EACH = 1, STEPS = 2, REPEATS = 3, LISTS = 4;
// Words of a step in front of the arguments of its kernel: which one, how many words follow, and
// how many of them name places, which become addresses.
const CODE = 0, LENGTH = 1, PLACES = 2, HEAD = 3;

// In scratch memory: behind what the kernels use for themselves the arguments that they are given,
// then repeated rows, then the slots for blocks of results.
const ARGUMENTS: usize = 262144, ROWS: usize = ARGUMENTS + 4096, ROW_BYTES: usize = 2048;
const SLOTS: usize = 524288, BLOCK_BYTES: usize = 8192;

/**
 * Where a place lies: 0 to 7 are operands, 8 and on are slots, -1 and below are repeated rows.
 * Kernels find block b of their operands behind b others, so a slot begins so much earlier.
 */
// @ts-ignore: decorator
@inline
function addressOf(place: i32, args: usize, block: i32): usize {
  if (place < 0) return scratch + ROWS + <usize> (-1 - place) * ROW_BYTES;
  if (place < ADDRESSES) return pointer(args, place);
  return scratch + SLOTS + <usize> (place - ADDRESSES - block) * BLOCK_BYTES;
}

/** A task has EACH blocks. */
export function elementwise_chain(args: usize, first: i32, last: i32): void {
  const words = args + (ADDRESSES << 2), count = int(words, STEPS);
  let list = words + (LISTS << 2);
  for (let r = 0; r < int(words, REPEATS); r++, list += 12) {
    repeat(pointer(args, int(list, 0)), addressOf(-1 - r, args, 0), int(list, 1), int(list, 2));
  }
  // Threads share the words of the call, so each has arguments of its own.
  for (let s = 0, from = list, to = scratch + ARGUMENTS; s < count; s++) {
    const bytes = <usize> int(from, LENGTH) << 2;
    memory.copy(to, from + (HEAD << 2), bytes);
    from += (HEAD << 2) + bytes;
    to += bytes;
  }
  const end = min(last * int(words, EACH), int(words, BLOCKS));
  for (let block = first * int(words, EACH); block < end; block++) {
    for (let s = 0, from = list, to = scratch + ARGUMENTS; s < count; s++) {
      for (let k = 0; k < int(from, PLACES); k++) {
        store<usize>(to + (<usize> k << 2), addressOf(int(from, HEAD + k), args, block));
      }
      apply(int(from, CODE), to, block);
      const bytes = <usize> int(from, LENGTH) << 2;
      from += (HEAD << 2) + bytes;
      to += bytes;
    }
  }
}
