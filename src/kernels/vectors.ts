/**
 * Shader text for reading f32 in vectors: the width that divides a count, types, components.
 *
 * @module
 */

/** Numbers in a vector. */
export type Width = 1 | 2 | 4;

/** The widest vector that divides `count`. */
export function widthOf(count: number): Width {
  return count % 4 === 0 ? 4 : count % 2 === 0 ? 2 : 1;
}

/** The WGSL type of a vector. */
export function vectorType(width: Width, type: "f32" | "i32" | "u32" = "f32"): string {
  return width === 1 ? type : `vec${width}${type[0]}`;
}

/** Component `k` of a vector. */
export function component(vector: string, width: Width, k: number): string {
  return width === 1 ? vector : `${vector}.${"xyzw"[k]}`;
}

/** The sum of the products of the components of two vectors. */
export function dot(a: string, b: string, width: Width): string {
  return width === 1 ? `${a} * ${b}` : `dot(${a}, ${b})`;
}

/** Lines made by `make` for 0 to count - 1: unrolled loops over named registers. */
export function repeat(count: number, make: (k: number) => string): string {
  return Array.from({ length: count }, (_, k) => make(k)).join("\n");
}

/**
 * Declares one storage buffer of vectors per entry, binding i in the order given. The first
 * `inputs` of them are `read`, the others `read_write`.
 */
export function declareVectors(
  operands: readonly (readonly [name: string, width: Width, type?: "f32" | "i32" | "u32"])[],
  inputs: number,
): string {
  return operands.map(([name, width, type], binding) => {
    const access = binding < inputs ? "read" : "read_write";
    return `@group(0) @binding(${binding}) var<storage, ${access}> ${name}: array<${
      vectorType(width, type)
    }>;`;
  }).join("\n");
}

/** A vector whose numbers went through epilogue(), the first of them as element `at`. */
export function finishedVector(width: Width, at: string, vector: string): string {
  const parts = Array.from({ length: width }, (_, k) => {
    return `epilogue(${at} + ${k}u, ${component(vector, width, k)})`;
  });
  return width === 1 ? parts[0]! : `${vectorType(width)}(${parts.join(", ")})`;
}
