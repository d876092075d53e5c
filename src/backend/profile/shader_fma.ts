/**
 * Multiply-adds and reads of workgroup memory in the loops of a shader, counted in its text: in
 * numbers, so four in one of vec4f.
 *
 * @module
 */
import { allBlocks, type Block, bracketed, isLoop, statementsOf } from "./blocks.ts";
import { type Names, type Variable, variablesOf, widthOfType } from "./shader_types.ts";

/** Multiply-adds per number read from `shared`, in the innermost loop with most of them. */
export function fmaPerRead(
  file: Block,
  shared: readonly Variable[],
  names: Names,
): number | undefined {
  const widths = new Map(shared.map(({ name, type }) => [name, widthOfType(type, names)]));
  const vectors = vectorsOf(file, names, widths);
  let most = 0, ratio: number | undefined;
  for (const loop of allBlocks(file).filter(isLoop)) {
    let fmas = 0, reads = 0;
    for (const statement of statementsOf(loop)) {
      fmas += fmasIn(statement, vectors);
      reads += readsIn(statement, widths);
    }
    if (reads === 0 || fmas <= most) continue;
    most = fmas;
    ratio = fmas / reads;
  }
  return ratio;
}

/** Numbers read from workgroup memory in a statement. */
function readsIn(statement: string, widths: ReadonlyMap<string, number>): number {
  let reads = 0;
  for (const { 1: name, index } of statement.matchAll(/\b(\w+) ?\[/g)) {
    const width = widths.get(name!);
    if (width === undefined) continue;
    const rest = statement.slice(bracketed(statement, index).end);
    const isTarget = index === 0 && /^(\.\w+)? ?=(?!=)/.test(rest);
    const swizzle = /^\.([xyzwrgba]+)/.exec(rest)?.[1];
    if (!isTarget) reads += swizzle?.length ?? width;
  }
  return reads;
}

/** Multiply-adds in a statement. */
function fmasIn(statement: string, vectors: ReadonlyMap<string, number>): number {
  const found = /^([\w.]+(?: ?\[.*?\])?(?:\.\w+)?) ?(\+|-)?=(?!=) ?(.+)$/.exec(statement);
  if (found === null) return 0;
  const target = found[1]!, sum = withoutIndices(found[3]!);
  const adds = found[2] !== undefined || sum.startsWith(`${target} +`) ||
    sum.startsWith(`${target} -`);
  const width = widthOf(`${target} ${sum}`, vectors);
  const fused = (sum.match(/\bfma ?\(/g) ?? []).length * width;
  if (!adds) return fused;
  const dots = [...sum.matchAll(/\bdot ?\(/g)].reduce((count, { index }) => {
    return count + widthOf(bracketed(sum, index).inner, vectors);
  }, 0);
  // Whole numbers carry a u or an i: that is a place, not a sum.
  if (/\b\d+[ui]\b/.test(sum)) return fused + dots;
  return fused + dots + (sum.match(/\*/g) ?? []).length * width;
}

function withoutIndices(expression: string): string {
  let text = expression;
  for (let at = text.indexOf("["); at >= 0; at = text.indexOf("[", at + 2)) {
    text = `${text.slice(0, at)}[]${text.slice(bracketed(text, at).end)}`;
  }
  return text;
}

/** Numbers in each variable: those of the vectors among them. */
function vectorsOf(
  file: Block,
  names: Names,
  shared: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const widths = new Map(shared);
  for (const { name, type } of variablesOf(file)) widths.set(name, widthOfType(type, names));
  for (const { items, header } of allBlocks(file)) {
    for (const { 1: name, 2: type } of header.matchAll(/(\w+) ?: ?([\w<>]+)/g)) {
      widths.set(name!, widthOfType(type!, names));
    }
    for (const item of items) {
      const found = typeof item === "string"
        ? /^(?:let|var|const) (\w+)(?: ?: ?([^=]+?))?(?: ?= ?(.+))?$/.exec(item)
        : null;
      if (found === null) continue;
      const [, name, type, value = ""] = found;
      const text = withoutIndices(value);
      widths.set(name!, type === undefined ? widthOf(text, widths) : widthOfType(type, names));
    }
  }
  return widths;
}

/** Numbers in the value of an expression: those of its widest vector. */
function widthOf(expression: string, widths: ReadonlyMap<string, number>): number {
  let width = 1;
  for (
    const { 1: name, 2: swizzle } of expression.matchAll(/(\w+)(?:\[\])?(?:\.([xyzwrgba]+)\b)?/g)
  ) {
    const constructed = Number(/^vec([234])/.exec(name!)?.[1] ?? 1);
    width = Math.max(width, swizzle?.length ?? Math.max(constructed, widths.get(name!) ?? 1));
  }
  return width;
}
