/**
 * First rung: one invocation per element of C.
 *
 * Each multiply-add reads two numbers from global memory, 8 bytes for 2 operations: 0.25 FLOP per
 * byte. A GPU that computes 10 TFLOP/s would need 40 TB/s; its memory gives about 0.4. Caches help,
 * since a row of A is read N times and a column of B M times, but the load instructions stay: two
 * for one multiply-add. The next rungs read less, first into workgroup memory, then into registers.
 * It is right for every size, K = 0 included, and so what the other rungs are compared with.
 *
 * @module
 */
import { perElement, u32, WORKGROUP } from "../wgsl.ts";
import type { Way } from "./call.ts";
import { factorsOf } from "./factors.ts";
import { programOf, storeVector } from "./output.ts";

/** One invocation per element. */
export const naive: Way = {
  name: "naive",
  waits: false,
  figures({ sizes, params, planes }) {
    const { N, K } = sizes, products = planes * factorsOf(sizes, params).rows * N * K;
    const workgroups = Math.ceil(products / Math.max(1, K) / WORKGROUP), invocations = WORKGROUP;
    const own = { workgroups, invocations, products, reads: 2 * products };
    return { ...own, sums: 1, staged: false, dispatches: 1 };
  },
  program({ sizes, params, planes }, epilogue) {
    const { N, K } = sizes;
    const factors = factorsOf(sizes, params, { a: 1, b: 1 });
    const { a, b, rows } = factors;
    const launch = perElement({
      size: planes * rows * N,
      operands: [],
      declarations: `var<private> plane: u32;
${a.functions}${b.functions}${storeVector(sizes, params, 1)}`,
      body: `  plane = i / ${u32(rows * N)};
  let m = i / ${u32(N)} % ${u32(rows)};
  let n = i % ${u32(N)};
  let row = place_a(m);
  let column = place_b(n);
  var sum = 0.0;
  for (var k = 0u; k < ${u32(K)}; k++) {
    sum += load_a(row, k) * load_b(column, k);
  }
  store(m, n, sum);`,
    });
    return programOf(launch, factors, { params, width: 1, epilogue });
  },
};
