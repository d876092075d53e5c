import { sizeOf } from "../../shape.ts";
import type { Program, Spec } from "../kernel.ts";
import { declare, foldWorkgroups, NOTHING, ravel, u32, unravel, wgsl } from "../wgsl.ts";
import { type MatmulParams, matmulSizes } from "./sizes.ts";

/** Edge of the square tile of C that a workgroup computes; each invocation computes 4x4 of it. */
const TILE = 32;
/** Steps along K per round through workgroup memory. */
const DEPTH = 16;
const LANES = TILE / 4;
const INVOCATIONS = LANES * LANES;

/**
 * Tiled product. A workgroup stages TILE x DEPTH of A (stored [k][m], so that an invocation reads
 * its four rows as one vec4) and DEPTH x TILE of B in workgroup memory, then each invocation adds
 * DEPTH outer products to its 4x4 block, held in four named vec4 registers.
 */
export function matmulProgram(a: Spec, b: Spec, c: Spec, params: MatmulParams): Program {
  if (sizeOf(c.shape) === 0) return NOTHING;
  const { M, N, K, batch, batchStridesA, batchStridesB } = matmulSizes(a, b, params);
  const tilesM = Math.ceil(M / TILE), tilesN = Math.ceil(N / TILE);
  const groups = tilesM * tilesN * sizeOf(batch);
  const workgroups = foldWorkgroups(groups);
  const code = wgsl`${declare([["a", a], ["b", b], ["c", c]], 2)}

var<workgroup> tile_a: array<vec4f, ${DEPTH * LANES}>;
var<workgroup> tile_b: array<vec4f, ${DEPTH * LANES}>;

fn load_a(start: u32, m: u32, k: u32) -> f32 {
  if (m >= ${u32(M)} || k >= ${u32(K)}) { return 0.0; }
  #if ${params.transposeA}
  return a[start + k * ${u32(M)} + m];
  #else
  return a[start + m * ${u32(K)} + k];
  #endif
}

fn load_b(start: u32, k: u32, n: u32) -> f32 {
  if (n >= ${u32(N)} || k >= ${u32(K)}) { return 0.0; }
  #if ${params.transposeB}
  return b[start + n * ${u32(K)} + k];
  #else
  return b[start + k * ${u32(N)} + n];
  #endif
}

fn store(start: u32, m: u32, n: u32, values: vec4f) {
  if (m >= ${u32(M)}) { return; }
  let at = start + m * ${u32(N)} + n;
  if (n < ${u32(N)}) { c[at] = values.x; }
  if (n + 1u < ${u32(N)}) { c[at + 1u] = values.y; }
  if (n + 2u < ${u32(N)}) { c[at + 2u] = values.z; }
  if (n + 3u < ${u32(N)}) { c[at + 3u] = values.w; }
}

@compute @workgroup_size(${INVOCATIONS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * ${u32(workgroups[0])} + group.x;
  if (flat >= ${u32(groups)}) { return; }
  let batch = flat / ${u32(tilesM * tilesN)};
${unravel("batch", "x", batch)}
  let start_a = (${ravel("x", batchStridesA)}) * ${u32(M * K)};
  let start_b = (${ravel("x", batchStridesB)}) * ${u32(K * N)};
  let row = flat % ${u32(tilesM * tilesN)} / ${u32(tilesN)} * ${u32(TILE)};
  let column = flat % ${u32(tilesN)} * ${u32(TILE)};
  let y = local / ${u32(LANES)};
  let x = local % ${u32(LANES)};
  var c0 = vec4f(); var c1 = vec4f(); var c2 = vec4f(); var c3 = vec4f();

  for (var base = 0u; base < ${u32(K)}; base += ${u32(DEPTH)}) {
    for (var at = local; at < ${u32(DEPTH * LANES)}; at += ${u32(INVOCATIONS)}) {
      let k = base + at / ${u32(LANES)};
      let m = row + at % ${u32(LANES)} * 4u;
      let n = column + at % ${u32(LANES)} * 4u;
      tile_a[at] = vec4f(load_a(start_a, m, k), load_a(start_a, m + 1u, k), load_a(start_a, m + 2u, k), load_a(start_a, m + 3u, k));
      tile_b[at] = vec4f(load_b(start_b, k, n), load_b(start_b, k, n + 1u), load_b(start_b, k, n + 2u), load_b(start_b, k, n + 3u));
    }
    workgroupBarrier();
    for (var k = 0u; k < ${u32(DEPTH)}; k++) {
      let rows = tile_a[k * ${u32(LANES)} + y];
      let columns = tile_b[k * ${u32(LANES)} + x];
      c0 += rows.x * columns;
      c1 += rows.y * columns;
      c2 += rows.z * columns;
      c3 += rows.w * columns;
    }
    workgroupBarrier();
  }

  let start_c = batch * ${u32(M * N)};
  let m = row + y * 4u;
  let n = column + x * 4u;
  store(start_c, m, n, c0);
  store(start_c, m + 1u, n, c1);
  store(start_c, m + 2u, n, c2);
  store(start_c, m + 3u, n, c3);
}
`;
  return { dispatches: [{ code, operands: [0, 1, 2], workgroups }] };
}
