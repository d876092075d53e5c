// The part of wgsl_reflect's parser that the simulator uses: nodes carry their kind in astNodeType.

declare module "wgsl_reflect/wgsl_reflect.module.js" {
  export interface AstNode {
    readonly astNodeType: string;
    readonly [field: string]: unknown;
  }

  export class WgslParser {
    parse(code: string): readonly AstNode[];
  }
}
