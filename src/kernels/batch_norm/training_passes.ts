/**
 * What batch normalization in training does per channel and per element, and the plain way to do it:
 * sums of some rows per invocation, then one invocation per channel, then one per element. Nobody
 * waits for anybody within a pass.
 *
 * @module
 */
import { type Epilogue, epiloguePlaces, epilogueText } from "../epilogue.ts";
import type { Program, Spec } from "../kernel.ts";
import { NOTHING, perElement, u32, wgsl } from "../wgsl.ts";
import type { ChannelReduction } from "./channels.ts";

/** The sums; `known` is a vec4f of what is known of channel o beside them. */
export interface Sums extends ChannelReduction {
  readonly known: string;
}

/** What is done with the sums. */
export interface Elements {
  /** Names of what is read for each element, of its result, and of the results per channel. */
  readonly inputs: readonly string[];
  readonly output: string;
  readonly channels: readonly string[];
  /** Their places among the operands of the kernel, in the order inputs, output, channels. */
  readonly places: readonly number[];
  /** The place of the first scratch buffer. */
  readonly scratch: number;
  /** Statements that write the results of channel c from `result`, its sums, and `known`. */
  readonly write: string;
  /** What of a channel its elements need: a vec4f of `result` and `known`. */
  readonly table: string;
  /** The result for element i, from that as `t`. */
  readonly value: string;
  readonly epilogue: Epilogue;
}

/** Rows that an invocation of the first pass adds up at least, and how many share a channel at most. */
const ROWS = 32, MOST = 256;

type Bound = readonly [name: string, access: "read" | "read_write", type: string, place: number];

function declared(buffers: readonly Bound[]): string {
  return buffers.map(([name, access, type], binding) => {
    return `@group(0) @binding(${binding}) var<storage, ${access}> ${name}: array<${type}>;`;
  }).join("\n");
}

/** The program in three passes. */
export function threePasses({ shape }: Spec, sums: Sums, pass: Elements): Program {
  const channels = shape.at(-1)!, rows = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  if (channels * rows === 0) return NOTHING;
  const chunk = Math.max(ROWS, Math.ceil(rows / MOST)), splits = Math.ceil(rows / chunk);
  const { inputs, functions = "", combine, start = "", add, known } = sums;
  const given = inputs.map((name, place): Bound => [name, "read", "f32", place]);
  const parts: Bound = ["parts", "read_write", "vec4f", pass.scratch];
  const tables: Bound = ["tables", "read_write", "vec4f", pass.scratch + 1];
  const made = [pass.output, ...pass.channels].map((name, k): Bound => {
    return [name, "read_write", "f32", pass.places[pass.inputs.length + k]!];
  });
  const dispatch = (size: number, buffers: readonly Bound[], body: string, epilogue?: Epilogue) =>
    perElement({
      size,
      declarations: wgsl`${declared(buffers)}
${epilogue === undefined ? functions : epilogueText(epilogue, buffers.length)}`,
      operands: [
        ...buffers.map(([, , , place]) => place),
        ...epilogue === undefined ? [] : epiloguePlaces(epilogue),
      ],
      body,
    });
  const first = dispatch(
    splits * channels,
    [...given, parts],
    wgsl`  let o = i % ${u32(channels)};
  let begin = i / ${u32(channels)} * ${u32(chunk)};
  let end = min(begin + ${u32(chunk)}, ${u32(rows)});
${start}
  var own = vec4f();
  for (var row = begin; row < end; row++) {
    let at = row * ${u32(channels)} + o;
${add}
  }
  parts[i] = own;`,
  );
  const second = dispatch(
    channels,
    [...given.filter(([name]) => !pass.inputs.includes(name)), ...made.slice(1), parts, tables],
    wgsl`  let o = i;
  let c = i;
  var result = vec4f();
  for (var r = 0u; r < ${u32(splits)}; r++) {
    let a = result;
    let b = parts[r * ${u32(channels)} + c];
    result = ${combine};
  }
${start}
  let known = ${known};
  tables[c] = ${pass.table};
${pass.write}`,
  );
  const third = dispatch(
    rows * channels,
    [...given.filter(([name]) => pass.inputs.includes(name)), made[0]!, tables],
    wgsl`  let t = tables[i % ${u32(channels)}];
  ${pass.output}[i] = epilogue(i, ${pass.value});`,
    pass.epilogue,
  );
  const scratch = [splits, 1].map((count): Spec => ({ shape: [count, channels, 4], dtype: "f32" }));
  return { scratch, dispatches: [first, second, third] };
}
