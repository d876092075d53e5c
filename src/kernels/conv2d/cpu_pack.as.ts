/** Weights in the order in which a convolution reads them. */
import { int, pointer } from "../assembly/arguments.as";
import { packPanel, transpose } from "../matmul/cpu_pack.as";
import { DEPTHWISE, FEW_COLUMNS, WINOGRAD } from "./cpu.as";
import { copyWords } from "./cpu_stage.as";
import { winogradWeights } from "./cpu_winograd_weights.as";

// Words after the addresses, see cpu.ts; from ORDER on for every tap along H, then along W: taps of
// the phases before its own, taps of its own, and its place among these.
const KIND = 0,
  KERNEL_H = 1,
  KERNEL_W = 2,
  INPUTS = 3,
  OUTPUTS = 4,
  GROUPS = 5,
  TURNED = 6,
  CHUNK = 7,
  ORDER = 8;

/** Where tap (i, j) comes, phase by phase. */
function placeOfTap(words: usize, i: i32, j: i32): i32 {
  const kernelW = int(words, KERNEL_W);
  const h = words + (<usize> (ORDER + 3 * i) << 2);
  const w = words + (<usize> (ORDER + 3 * (int(words, KERNEL_H) + j)) << 2);
  return int(h, 0) * kernelW + int(h, 1) * int(w, 0) + int(h, 2) * int(w, 1) + int(w, 2);
}

/**
 * Weights [KH, KW, I, Cout] to panels of 8 output channels, tap by tap, each with its input channels.
 * With few columns, these lie one after the other, without panels; depthwise, a tap is one row. For
 * the input gradient inputs and outputs swap. A task makes `CHUNK` panels.
 */
export function convolvePack(address: usize, first: i32, last: i32): void {
  const w = pointer(address, 0), packed = pointer(address, 1), words = address + 8;
  if (int(words, KIND) === WINOGRAD) {
    winogradWeights(address, first, last);
    return;
  }
  const kernelH = int(words, KERNEL_H), kernelW = int(words, KERNEL_W), inputs = int(words, INPUTS);
  const outputs = int(words, OUTPUTS), groups = int(words, GROUPS), kind = int(words, KIND);
  const turned = int(words, TURNED) !== 0, chunk = int(words, CHUNK);
  const step = <usize> outputs << 2, part = outputs / groups;
  const depth = turned ? part : inputs, wide = turned ? inputs : part;
  const few = kind === FEW_COLUMNS, panels = few ? 1 : (wide + 7) >> 3;
  const line = <usize> (kernelH * kernelW * depth) << 2;
  const end = kind === DEPTHWISE ? 1 : min(last * chunk, groups * panels);
  for (let at = first * chunk; at < end; at++) {
    const group = at / panels, column = at % panels << 3, columns = min(8, wide - column);
    const target = packed + <usize> at * line * (few ? wide : 8);
    if (kind === 0 && columns < 8) memory.fill(target, 0, line << 3);
    for (let i: i32 = 0; i < kernelH; i++) {
      for (let j: i32 = 0; j < kernelW; j++) {
        const tap = w + <usize> ((i * kernelW + j) * inputs) * step + (<usize> (group * part) << 2);
        const placed = <usize> placeOfTap(words, i, j), place = placed * <usize> depth;
        if (kind === DEPTHWISE) {
          copyWords(packed + placed * (<usize> (outputs + 7 & -8) << 2), tap, step);
        } else if (few && !turned) {
          transpose(target + (place << 2), line, tap, step, depth, wide);
        } else if (few) {
          for (let c: i32 = 0; c < wide; c++) {
            const to = target + <usize> c * line + (place << 2);
            copyWords(to, tap + <usize> c * step, <usize> depth << 2);
          }
        } else if (turned) {
          transpose(target + (place << 5), 32, tap + <usize> column * step, step, columns, depth);
        } else {
          packPanel(target + (place << 5), tap + (<usize> column << 2), step, depth, columns);
        }
      }
    }
  }
}
