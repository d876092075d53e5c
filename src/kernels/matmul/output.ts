/**
 * Where the candidates leave C and the column sums, and how a launch becomes a program.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import { type Epilogue, epiloguePlaces, epilogueText } from "../epilogue.ts";
import type { Program } from "../kernel.ts";
import type { Launch } from "../tiles/product.ts";
import { type Store, storeRows } from "../tiles/store.ts";
import { declareVectors, vectorType, type Width } from "../vectors.ts";
import { u32, wgsl } from "../wgsl.ts";
import type { Factors } from "./factors.ts";
import type { MatmulParams, MatmulSizes } from "./sizes.ts";

/** Numbers of C that one store writes; 4 where the rows allow it. */
export function storeWidth({ N }: MatmulSizes): 1 | 4 {
  return N % 4 === 0 ? 4 : 1;
}

/** Row M goes to the second output, and what follows it nowhere. */
function sumsRow(
  { M, N }: MatmulSizes,
  writes: readonly string[],
): readonly [condition: string, statements: string] {
  const statements = wgsl`    if (m == ${u32(M)}) {
    let at = plane * ${u32(N)} + n;
${writes.map((line) => `    ${line}`).join("\n")}
    }
`;
  return [`m >= ${u32(M)}`, statements];
}

/** `store` of a tiled product: four numbers of a row, at once where N is a multiple of 4. */
export function storeQuads(sizes: MatmulSizes, { columnSums = false }: MatmulParams): Store {
  const { M, N } = sizes, vectors = storeWidth(sizes) === 4;
  const start = `plane * ${u32(M * N)}`;
  return (beside) => {
    const singles = Array.from({ length: 4 }, (_, i) => {
      const away = u32(i * beside), write = `second[at + ${away}] = values.${"xyzw"[i]};`;
      return i === 0 ? write : `if (n + ${away} < ${u32(N)}) { ${write} }`;
    });
    const unless = sumsRow(sizes, vectors ? ["second[at / 4u] = values;"] : singles);
    return storeRows("c", N, { start, vectors, ...columnSums && { unless } })(beside);
  };
}

/** The same for parts of sums, each of `size` numbers: first those of C, then column sums. */
export function storeParts(
  sizes: MatmulSizes,
  { columnSums = false }: MatmulParams,
  size: number,
): Store {
  const { M, N, batch } = sizes, vectors = storeWidth(sizes) === 4;
  const first = `split * ${u32(size)} + `;
  const plain = `plane * ${u32(M * N)}`;
  if (!columnSums) return storeRows("c", N, { start: first + plain, parts: true, vectors });
  const sums = `${u32(sizeOf(batch) * M * N)} + plane * ${u32(N)}`;
  return storeRows("c", N, {
    start: `${first}select(${plain}, ${sums}, m == ${u32(M)})`,
    row: `select(m, 0u, m == ${u32(M)})`,
    unless: [`m > ${u32(M)}`, ""],
    parts: true,
    vectors,
  });
}

/** `store` of one vector of `width` columns, for row m and the columns from n. */
export function storeVector(
  sizes: MatmulSizes,
  { columnSums = false }: MatmulParams,
  width: 1 | 4,
): string {
  const { M, N } = sizes;
  const parts = Array.from({ length: 4 }, (_, i) => {
    return `epilogue(at + ${u32(i)}, value.${"xyzw"[i]})`;
  });
  const divide = width === 1 ? "" : " / 4u";
  const [condition, statements] = columnSums
    ? sumsRow(sizes, [`second[at${divide}] = value;`])
    : ["false", ""];
  return wgsl`fn store(m: u32, n: u32, value: ${vectorType(width)}) {
  if (${condition}) {
${statements}  } else {
  let at = plane * ${u32(M * N)} + m * ${u32(N)} + n;
  #if ${width === 1}
  c[at] = epilogue(at, value);
  #else
  c[at / 4u] = vec4f(${parts.join(", ")});
  #endif
  }
}
`;
}

/** The program of one dispatch that stores `width` numbers at once. */
export function programOf(
  { code, workgroups }: Launch,
  { a, b }: Factors,
  { params: { columnSums = false }, width, epilogue }: {
    readonly params: MatmulParams;
    readonly width: Width;
    readonly epilogue: Epilogue;
  },
): Program {
  const operands: (readonly [string, Width])[] = [["a", a.width], ["b", b.width], ["c", width]];
  if (columnSums) operands.push(["second", width]);
  const free = operands.length;
  return {
    dispatches: [{
      code: `${declareVectors(operands, 2)}\n${epilogueText(epilogue, free)}\n${code}`,
      operands: [...operands.map((_, place) => place), ...epiloguePlaces(epilogue)],
      workgroups,
    }],
  };
}
