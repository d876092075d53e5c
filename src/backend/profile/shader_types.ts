/**
 * Types in shader text: how many bytes they take in workgroup memory, and how many numbers a vector
 * has. Sizes and alignments are those of the WGSL specification, "Alignment and Size".
 *
 * @module
 */
import { allBlocks, type Block } from "./blocks.ts";

/** What the names of a shader mean. */
export interface Names {
  /** Types by name: aliases. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Types of the members of structures. */
  readonly structures: ReadonlyMap<string, readonly string[]>;
  /** Constants. */
  readonly constants: ReadonlyMap<string, string>;
}

/** Reads the names of a shader. */
export function namesOf(file: Block): Names {
  const aliases = new Map<string, string>(), constants = new Map<string, string>();
  for (const item of file.items) {
    if (typeof item !== "string") continue;
    const alias = /^alias (\w+) = (.+)$/.exec(item);
    if (alias !== null) aliases.set(alias[1]!, alias[2]!);
    const constant = /^const (\w+)(?: ?: ?\w+)? ?= ?(.+)$/.exec(item);
    if (constant !== null) constants.set(constant[1]!, constant[2]!);
  }
  const structures = new Map(
    allBlocks(file).flatMap(({ header, items }): [string, readonly string[]][] => {
      const name = /^struct (\w+)$/.exec(header)?.[1];
      if (name === undefined) return [];
      const members = splitTop(items.filter((it) => typeof it === "string").join(","));
      return [[name, members.map((member) => member.replace(/^[^:]*:/, "").trim())]];
    }),
  );
  return { aliases, structures, constants };
}

/** A whole number: a literal, a constant, or a product of them. Undefined for anything else. */
export function integerOf(text: string, names: Names): number | undefined {
  let product = 1;
  for (const factor of text.split("*")) {
    const word = factor.trim();
    const literal = /^(\d+)[ui]?$/.exec(word)?.[1];
    const constant = names.constants.get(word);
    const value = literal !== undefined
      ? Number(literal)
      : constant === undefined
      ? undefined
      : integerOf(constant, names);
    if (value === undefined) return undefined;
    product *= value;
  }
  return product;
}

/** A variable of the module. */
export interface Variable {
  readonly name: string;
  readonly space: string;
  readonly type: string;
}

/** The variables of a module. */
export function variablesOf({ items }: Block): Variable[] {
  return items.flatMap((item): Variable[] => {
    if (typeof item !== "string") return [];
    const found = /\bvar ?<([^>]+)> ?(\w+) ?: ?(.+)$/.exec(item);
    return found === null ? [] : [{ space: found[1]!, name: found[2]!, type: found[3]! }];
  });
}

interface Layout {
  readonly size: number;
  readonly align: number;
}

/** Bytes of a type; undefined for one that this does not know. */
export function layoutOf(type: string, names: Names): Layout | undefined {
  const text = type.trim();
  const alias = names.aliases.get(text);
  if (alias !== undefined) return layoutOf(alias, names);
  if (/^(f32|i32|u32|bool)$/.test(text) || /^atomic ?</.test(text)) return { size: 4, align: 4 };
  if (text === "f16") return { size: 2, align: 2 };
  const vector = /^vec([234])(?:([fiuh])|<(.+)>)$/.exec(text);
  if (vector !== null) {
    const count = Number(vector[1]);
    const each = vector[2] === "h" || vector[3]?.trim() === "f16" ? 2 : 4;
    return { size: count * each, align: (count === 3 ? 4 : count) * each };
  }
  const array = /^array ?<(.+)>$/.exec(text);
  if (array !== null) {
    const [of, count] = splitTop(array[1]!);
    const element = layoutOf(of!, names);
    const length = count === undefined ? undefined : integerOf(count, names);
    if (element === undefined || length === undefined) return undefined;
    return { size: length * roundUp(element.size, element.align), align: element.align };
  }
  const members = names.structures.get(text);
  if (members === undefined) return undefined;
  let size = 0, align = 1;
  for (const member of members) {
    const layout = layoutOf(member, names);
    if (layout === undefined) return undefined;
    size = roundUp(size, layout.align) + layout.size;
    align = Math.max(align, layout.align);
  }
  return { size: roundUp(size, align), align };
}

/** Numbers in a value of a type: 4 for vec4f, 1 for a scalar; of an array those of one element. */
export function widthOfType(type: string, names: Names): number {
  const text = names.aliases.get(type.trim()) ?? type.trim();
  const element = /^array ?<(.+)>$/.exec(text)?.[1];
  if (element !== undefined) return widthOfType(splitTop(element)[0]!, names);
  return Number(/^vec([234])/.exec(text)?.[1] ?? 1);
}

/** Parts between the commas that stand in no bracket. */
function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0, start = 0;
  for (let at = 0; at <= text.length; at++) {
    const sign = text[at] ?? ",";
    if ("<([".includes(sign)) depth++;
    else if (">)]".includes(sign)) depth--;
    if (sign !== "," || depth > 0) continue;
    parts.push(text.slice(start, at).trim());
    start = at + 1;
  }
  return parts.filter((part) => part !== "");
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
