/**
 * Second rung: a workgroup computes a 16x16 tile of C, one element per invocation.
 *
 * In rounds of 16 steps along k, each invocation copies one number of A and one of B into workgroup
 * memory, and then all use them: every number read from global memory serves 16 multiply-adds, which
 * makes 4 FLOP per byte instead of 0.25. Now workgroup memory is what limits: two reads there for
 * one multiply-add, 0.5 per read, while a GPU could do several in that time. The next rung,
 * webgpu_blocked.ts, keeps a block of C in each invocation's registers for that.
 *
 * @module
 */
import { foldWorkgroups, u32, wgsl } from "../wgsl.ts";
import type { Way } from "./call.ts";
import { factorsOf } from "./factors.ts";
import { programOf, storeVector } from "./output.ts";

/** Edge of a tile, and steps along k of a round. */
const TILE = 16;

/** A tile of C by a workgroup. */
export const tiled: Way = {
  name: `tiled ${TILE}x${TILE}`,
  waits: true,
  figures({ sizes, params, planes }) {
    const { rows } = factorsOf(sizes, params), { N, K } = sizes;
    const workgroups = Math.ceil(rows / TILE) * Math.ceil(N / TILE) * planes;
    const products = workgroups * TILE * TILE * K, reads = 2 * workgroups * TILE * K;
    return {
      workgroups,
      invocations: TILE * TILE,
      products,
      reads,
      sums: 1,
      staged: true,
      dispatches: 1,
    };
  },
  program({ sizes, params, planes }, epilogue) {
    const { N, K } = sizes;
    const factors = factorsOf(sizes, params, { a: 1, b: 1 });
    const { a, b, rows } = factors;
    const tilesN = Math.ceil(N / TILE), tiles = Math.ceil(rows / TILE) * tilesN;
    const groups = tiles * planes, workgroups = foldWorkgroups(groups);
    // Neighbouring invocations read neighbouring numbers: along k or across it, as the factor lies.
    const [acrossA, alongA] = params.transposeA ? ["x", "y"] : ["y", "x"];
    const [acrossB, alongB] = params.transposeB ? ["y", "x"] : ["x", "y"];
    const code = wgsl`var<private> plane: u32;
var<workgroup> tile_a: array<array<f32, ${TILE}>, ${TILE}>;
var<workgroup> tile_b: array<array<f32, ${TILE}>, ${TILE}>;
${a.functions}${b.functions}${storeVector(sizes, params, 1)}
@compute @workgroup_size(${TILE * TILE})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * ${u32(workgroups[0])} + group.x;
  if (flat >= ${u32(groups)}) { return; }
  plane = flat / ${u32(tiles)};
  let y = local / ${u32(TILE)};
  let x = local % ${u32(TILE)};
  let row = flat % ${u32(tiles)} / ${u32(tilesN)} * ${u32(TILE)};
  let column = flat % ${u32(tilesN)} * ${u32(TILE)};
  let m = row + y;
  let n = column + x;
  // What lies outside of a matrix counts as 0: its sums are dropped, or add nothing.
  let row_a = place_a(min(row + ${acrossA}, ${u32(rows - 1)}));
  let column_b = place_b(min(column + ${acrossB}, ${u32(N - 1)}));
  var sum = 0.0;
  for (var base = 0u; base < ${u32(K)}; base += ${u32(TILE)}) {
    let k_a = base + ${alongA};
    let k_b = base + ${alongB};
    var number_a = 0.0;
    var number_b = 0.0;
    if (k_a < ${u32(K)}) { number_a = load_a(row_a, k_a); }
    if (k_b < ${u32(K)}) { number_b = load_b(column_b, k_b); }
    tile_a[${acrossA}][${alongA}] = number_a;
    tile_b[${alongB}][${acrossB}] = number_b;
    workgroupBarrier();
    for (var k = 0u; k < ${u32(TILE)}; k++) {
      sum += tile_a[y][k] * tile_b[k][x];
    }
    workgroupBarrier();
  }
  if (m < ${u32(rows)} && n < ${u32(N)}) { store(m, n, sum); }
}
`;
    return programOf({ code, workgroups }, factors, { params, width: 1, epilogue });
  },
};
