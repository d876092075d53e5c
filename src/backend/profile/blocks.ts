/**
 * Shader text as blocks: as much of WGSL's grammar as the kernel report needs to tell loops,
 * conditions and functions apart.
 *
 * @module
 */

/** What stands between braces. */
export interface Block {
  /** What stands before the brace: `fn main(...)`, `for (...)`, `if (...)`; empty for the file. */
  readonly header: string;
  /** Statements and inner blocks, in order. */
  readonly items: readonly (string | Block)[];
}

interface OpenBlock extends Block {
  readonly items: (string | Block)[];
}

/** Reads the whole text. Comments are dropped. */
export function blocksOf(code: string): Block {
  const text = code.replace(/\/\*[\s\S]*?\*\//g, " ").replace(/\/\/.*/g, "");
  const open: OpenBlock[] = [{ header: "", items: [] }];
  let start = 0, depth = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!;
    if (sign === "(" || sign === "[") depth++;
    else if (sign === ")" || sign === "]") depth--;
    // The semicolons of a for stand in parentheses.
    if (depth > 0 || !"{};".includes(sign)) continue;
    const words = text.slice(start, at).trim().replace(/\s+/g, " ");
    start = at + 1;
    const inner = open.at(-1)!;
    if (sign === "{") {
      const block: OpenBlock = { header: words, items: [] };
      inner.items.push(block);
      open.push(block);
      continue;
    }
    if (words !== "") inner.items.push(words);
    if (sign === "}" && open.length > 1) open.pop();
  }
  return open[0]!;
}

/** Every block in a block, the outer ones first, itself included. */
export function allBlocks(block: Block): readonly Block[] {
  return [block, ...block.items.flatMap((it) => typeof it === "string" ? [] : allBlocks(it))];
}

/** Whether what stands in the block may run more than once. */
export function isLoop({ header }: Block): boolean {
  return /^(for|while|loop)\b/.test(header);
}

/** The statements of a block and of conditions in it, without those of inner loops. */
export function statementsOf(block: Block): readonly string[] {
  return block.items.flatMap((it): readonly string[] => {
    if (typeof it === "string") return [it];
    return isLoop(it) ? [] : [it.header, ...statementsOf(it)];
  });
}

/** What stands between the first opening bracket at or after `from` and its closing one. */
export function bracketed(
  text: string,
  from: number,
): { readonly inner: string; readonly end: number } {
  const first = text.slice(from).search(/[([]/) + from;
  let depth = 0;
  for (let at = first; at < text.length; at++) {
    if ("([".includes(text[at]!)) depth++;
    else if (")]".includes(text[at]!) && --depth === 0) {
      return { inner: text.slice(first + 1, at), end: at + 1 };
    }
  }
  return { inner: text.slice(first + 1), end: text.length };
}
