/**
 * Shader text: the one importer of wgsl-preprocessor, with checks that it lacks, and the few
 * pieces that all shaders share: literals, bindings, the index of an invocation.
 *
 * @module
 */
import { wgsl as preprocess } from "wgsl-preprocessor/wgsl-preprocessor.js";
import type { DType } from "../dtype.ts";
import { BackendError } from "../errors.ts";
import { type Shape, sizeOf } from "../shape.ts";
import type { Dispatch, Spec } from "./kernel.ts";

/** Invocations of a workgroup in kernels with one invocation per element. */
export const WORKGROUP = 64;

/** Workgroups that one dimension of a dispatch may have, by default limits. */
export const MAX_WORKGROUPS = 65535;

/**
 * Template tag with `#if ${condition}` / `#elif` / `#else` / `#endif`, each alone on its line.
 * Refuses what would only fail later, inside the shader compiler.
 */
export function wgsl(
  strings: TemplateStringsArray,
  ...values: readonly (string | number | boolean)[]
): string {
  for (const value of values) {
    const valid = typeof value === "number"
      ? Number.isFinite(value)
      : typeof value === "string" || typeof value === "boolean";
    if (!valid) {
      throw new BackendError(
        `Cannot write shader text with the value ${String(value)}: ` +
          "values must be strings, booleans or finite numbers",
      );
    }
  }
  const code = preprocess(strings, ...values);
  const [left] = code.match(/#\w+/) ?? [];
  if (left !== undefined) {
    throw new BackendError(
      `Cannot write shader text with ${left} in it: directives must stand alone on their lines`,
    );
  }
  return code;
}

/** An f32 literal. Throws where none exists: NaN, infinity, beyond the range of f32. */
export function f32(value: number): string {
  const text = String(Math.fround(value));
  if (!Number.isFinite(Math.fround(value))) {
    throw new BackendError(`Cannot write ${value} as an f32 literal: it must be finite in f32`);
  }
  return `${/[.e]/.test(text) ? text : `${text}.0`}f`;
}

/** A u32 literal. Negative numbers wrap: adding one steps backwards. */
export function u32(value: number): string {
  if (!Number.isInteger(value) || value < -(2 ** 31) || value >= 2 ** 32) {
    throw new BackendError(
      `Cannot write ${value} as a u32 literal: it must be a whole number from -2^31 to 2^32 - 1`,
    );
  }
  return `${value >>> 0}u`;
}

/** The WGSL name of an element type. */
export function typeName(dtype: DType): string {
  if (dtype !== "f64") return dtype;
  throw new BackendError("Cannot run an f64 kernel on WebGPU: WGSL has no f64; use f32");
}

/**
 * Declares one storage buffer per operand, binding i in the order given. The first `inputs` of
 * them are `read`, the others `read_write`.
 */
export function declare(
  operands: readonly (readonly [name: string, spec: { readonly dtype: DType }])[],
  inputs: number,
): string {
  return operands.map(([name, { dtype }], binding) => {
    const access = binding < inputs ? "read" : "read_write";
    return `@group(0) @binding(${binding}) var<storage, ${access}> ${name}: array<${
      typeName(dtype)
    }>;`;
  }).join("\n");
}

/** How many workgroups to launch, folded into two dimensions beyond 65,535. */
export function foldWorkgroups(count: number): [number, number, number] {
  if (count <= MAX_WORKGROUPS) return [count, 1, 1];
  const rows = Math.ceil(count / MAX_WORKGROUPS);
  if (rows > MAX_WORKGROUPS) {
    throw new BackendError(
      `Cannot launch ${count} workgroups: two dimensions take at most ${MAX_WORKGROUPS ** 2}`,
    );
  }
  return [Math.ceil(count / rows), rows, 1];
}

/**
 * A shader with one invocation per index `i` in 0..size-1: declarations, then a `main` whose body
 * is `body`. Fills in the index, folding and the guard.
 */
export function perElement(
  options: {
    readonly size: number;
    readonly declarations: string;
    readonly body: string;
    readonly operands: readonly number[];
  },
): Dispatch {
  const workgroups = foldWorkgroups(Math.ceil(options.size / WORKGROUP));
  const code = wgsl`${options.declarations}

@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * ${u32(workgroups[0])} + group.x) * ${u32(WORKGROUP)} + local;
  if (i >= ${u32(options.size)}) { return; }
${options.body}
}
`;
  return { code, operands: options.operands, workgroups };
}

/** Statements that split the flat index `from` into `prefix0`, `prefix1`, ... by `shape`. */
export function unravel(from: string, prefix: string, shape: Shape): string {
  let rest = sizeOf(shape);
  let left = from;
  return shape.map((size, axis) => {
    rest /= size || 1;
    const name = `${prefix}${axis}`;
    const line = rest > 1
      ? `  let ${name} = ${left} / ${u32(rest)}; let ${name}r = ${left} % ${u32(rest)};`
      : `  let ${name} = ${left};${axis < shape.length - 1 ? ` let ${name}r = 0u;` : ""}`;
    left = `${name}r`;
    return line;
  }).join("\n");
}

/** The flat index for coordinates `prefix0`, `prefix1`, ... under these strides. */
export function ravel(prefix: string, strides: readonly number[], offset = 0): string {
  const terms = strides.flatMap((stride, axis) => {
    if (stride === 0) return [];
    return [stride === 1 ? `${prefix}${axis}` : `${prefix}${axis} * ${u32(stride)}`];
  });
  if (offset !== 0) terms.push(u32(offset));
  return terms.length === 0 ? "0u" : terms.join(" + ");
}

/** A program that does nothing, for outputs without elements. */
export const NOTHING: { readonly dispatches: readonly Dispatch[] } = { dispatches: [] };

/** Bytes of an operand on the device. */
export function bytesOf(spec: Spec): number {
  return sizeOf(spec.shape) * 4;
}
