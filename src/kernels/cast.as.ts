/** Copies of all elements, and in another type; broadcast like elementwise functions. */
import { map, One } from "./elementwise/cpu.as";

type V = v128;

class Copy extends One { @inline of(a: V, b: V, c: V): V { return a; } }
class FromI32 extends One { @inline of(a: V, b: V, c: V): V { return f32x4.convert_i32x4_s(a); } }
class FromU32 extends One { @inline of(a: V, b: V, c: V): V { return f32x4.convert_i32x4_u(a); } }

// The largest numbers that f32 holds below 2^31 and 2^32.
class ToI32 extends One {
  @inline of(a: V, b: V, c: V): V {
    return i32x4.trunc_sat_f32x4_s(f32x4.pmin(a, f32x4.splat(2147483520)));
  }
}
class ToU32 extends One {
  @inline of(a: V, b: V, c: V): V {
    return i32x4.trunc_sat_f32x4_u(f32x4.pmin(a, f32x4.splat(4294967040)));
  }
}

export function copy(args: usize, i: i32, n: i32): void { map<Copy>(args, i, n); }
export function cast_i32_f32(args: usize, i: i32, n: i32): void { map<FromI32>(args, i, n); }
export function cast_u32_f32(args: usize, i: i32, n: i32): void { map<FromU32>(args, i, n); }
export function cast_f32_i32(args: usize, i: i32, n: i32): void { map<ToI32>(args, i, n); }
export function cast_f32_u32(args: usize, i: i32, n: i32): void { map<ToU32>(args, i, n); }
