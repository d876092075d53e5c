// Resolved WGSL as a tree, by the parser of wgsl_reflect. Four things that it does not know are put in
// other words first: hexadecimal floats, zero values of scalars, blocks that stand alone, and variables
// called "block".

import { type AstNode, WgslParser } from "wgsl_reflect/wgsl_reflect.module.js";

export type { AstNode };

function inOtherWords(code: string): string {
  return code
    .replace(/\/\/.*$/gm, "")
    .replace(/\b0x([0-9a-f]+)(?:\.([0-9a-f]*))?p([+-]?\d+)f?\b/gi, (_, whole, behind, power) => {
      const part: string = behind ?? "";
      const value = parseInt(whole + part, 16) * 2 ** (Number(power) - 4 * part.length);
      return `${value.toExponential()}f`;
    })
    .replace(/\b(f32|i32|u32|bool)\(\)/g, "$1(0)")
    .replace(/\bblock\b/g, "block_")
    .replace(/([;{}]\s*)\{/g, "$1if (true) {");
}

/** The declarations of a shader. */
export function parse(code: string): readonly AstNode[] {
  return new WgslParser().parse(inOtherWords(code));
}
