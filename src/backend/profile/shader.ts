/**
 * What the text of a shader tells of its speed: invocations and workgroup memory of a workgroup,
 * elements that an invocation writes, and multiply-adds per number read from workgroup memory.
 * What the text does not tell plainly is undefined, never guessed.
 *
 * @module
 */
import { allBlocks, type Block, blocksOf } from "./blocks.ts";
import { fmaPerRead } from "./shader_fma.ts";
import { Stores } from "./shader_stores.ts";
import { integerOf, layoutOf, type Names, namesOf, variablesOf } from "./shader_types.ts";

/** Figures of a shader. */
export interface ShaderFigures {
  /** Invocations of a workgroup. */
  readonly workgroupSize: number | undefined;
  /** Bytes of workgroup memory. */
  readonly workgroupBytes: number | undefined;
  /** Elements that an invocation writes if all of its bounds checks pass. */
  readonly elementsPerInvocation: number | undefined;
  /**
   * Multiply-adds per number read from workgroup memory, in the innermost loop that does both.
   * Undefined where there is none.
   */
  readonly fmaPerSharedRead: number | undefined;
}

/** Reads a resolved shader. */
export function shaderFigures(code: string): ShaderFigures {
  const file = blocksOf(code), names = namesOf(file);
  const variables = variablesOf(file);
  const shared = variables.filter(({ space }) => space === "workgroup");
  const written = variables.filter(({ space }) => /^storage, ?read_write$/.test(space));
  return {
    workgroupSize: workgroupSizeOf(file, names),
    workgroupBytes: shared.reduce<number | undefined>((sum, { type }) => {
      const layout = layoutOf(type, names);
      return sum === undefined || layout === undefined ? undefined : sum + layout.size;
    }, 0),
    elementsPerInvocation: new Stores(file, written, names).count(),
    fmaPerSharedRead: fmaPerRead(file, shared, names),
  };
}

function workgroupSizeOf(file: Block, names: Names): number | undefined {
  for (const { header } of allBlocks(file)) {
    const sizes = /@workgroup_size ?\(([^)]*)\)/.exec(header)?.[1];
    if (sizes !== undefined) {
      return integerOf(sizes.replace(/,\s*$/, "").replaceAll(",", "*"), names);
    }
  }
  return undefined;
}
