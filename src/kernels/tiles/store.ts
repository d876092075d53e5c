/**
 * How a tiled product stores its result in rows.
 *
 * @module
 */
import { u32, wgsl } from "../wgsl.ts";

/**
 * WGSL of `fn store(m: u32, n: u32, values: vec4f)`, for row m < M and four columns from n < N on,
 * each `beside` columns from the one before; it drops those from N on. Where N is a multiple of 4
 * they lie side by side.
 */
export type Store = (beside: number) => string;

/** How rows are stored. */
export interface Rows {
  /** WGSL of where row 0 begins. */
  readonly start: string;
  /** Whether they are parts of sums: then epilogue() is not called. */
  readonly parts?: boolean;
  /** Whether the buffer is declared as vectors of four. */
  readonly vectors: boolean;
  /** Statements before anything else, and the number of the row that they find. Default m. */
  readonly before?: string;
  readonly row?: string;
  /** When a row is not stored, and statements that run instead. */
  readonly unless?: readonly [condition: string, statements: string];
}

/**
 * `store` for a result of rows of N numbers; vectors only where N is a multiple of 4. It has no return
 * in it, see staging.ts.
 */
export function storeRows(name: string, N: number, rows: Rows): Store {
  const { start, parts = false, vectors, row = "m", before = "", unless } = rows;
  const [condition, statements] = unless ?? ["false", ""];
  return (beside) => {
    const finished = (part: number) => {
      const value = `values.${"xyzw"[part]}`;
      return parts ? value : `epilogue(at + ${u32(part * beside)}, ${value})`;
    };
    const rest = [1, 2, 3].map((part) => {
      const away = u32(part * beside);
      return `    if (n + ${away} < ${u32(N)}) { ${name}[at + ${away}] = ${finished(part)}; }`;
    });
    const stores = vectors
      ? `    ${name}[at / 4u] = vec4f(${[0, 1, 2, 3].map(finished).join(", ")});`
      : `    ${name}[at] = ${finished(0)};\n${rest.join("\n")}`;
    return wgsl`fn store(m: u32, n: u32, values: vec4f) {
${before}  if (${condition}) {
${statements}  } else {
    let at = ${start} + ${row} * ${u32(N)} + n;
${stores}
  }
}
`;
  };
}
