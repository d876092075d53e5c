/**
 * Ways to reduce: classes without fields, of which the compiler makes one loop each. `start` gives
 * what a chain begins with, `join` joins four elements to four, `four` four vectors to one.
 */
import { firstLanes, keep } from "../assembly/vectors.as";

type V = v128;

/** All four lanes joined, in each of them. */
export function foldLanes<F>(a: V): V {
  const f = changetype<F>(0);
  const pairs = f.join(a, i32x4.shuffle(a, a, 2, 3, 0, 1));
  return f.join(pairs, i32x4.shuffle(pairs, pairs, 1, 0, 3, 2));
}

/** Sums: chains begin with 0, and rows are added among themselves first. */
export class Sum {
  @inline start(first: V, whole: bool): V { return i32x4.splat(0); }
  /** A vector of which 1 to 4 lanes count, the others being repeated. */
  @inline part(a: V, count: i32): V { return keep(firstLanes(count), a); }
}
export class SumF32 extends Sum {
  /** Sums of spans are added in f64. */
  @inline gather(total: V, span: V): V {
    const high = f64x2.promote_low_f32x4(i32x4.shuffle(span, span, 2, 3, 0, 1));
    return f64x2.add(total, f64x2.add(f64x2.promote_low_f32x4(span), high));
  }
  @inline result(total: V, divisor: f32): V {
    const sum = f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
    return f32x4.splat(<f32> (sum / <f64> divisor));
  }
  @inline join(a: V, b: V): V { return f32x4.add(a, b); }
  @inline four(to: V, a: V, b: V, c: V, d: V): V {
    return f32x4.add(to, f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
  }
  @inline finish(a: V, divisor: f32): V { return f32x4.div(a, f32x4.splat(divisor)); }
}
export class SumI32 extends Sum {
  @inline gather(total: V, span: V): V { return this.join(total, span); }
  @inline result(total: V, divisor: f32): V { return foldLanes<SumI32>(total); }
  @inline join(a: V, b: V): V { return i32x4.add(a, b); }
  @inline four(to: V, a: V, b: V, c: V, d: V): V {
    return i32x4.add(to, i32x4.add(i32x4.add(a, b), i32x4.add(c, d)));
  }
  @inline finish(a: V, divisor: f32): V { return a; }
}

/**
 * Extremes: chains begin with the first element, and only what is larger replaces it. A NaN stays
 * where it comes first and loses elsewhere, so chunks behind the first one begin with what loses.
 */
export class Extreme {
  @inline part(a: V, count: i32): V { return a; }
  @inline finish(a: V, divisor: f32): V { return a; }
}
export class MaxF32 extends Extreme {
  @inline wins(a: V, b: V): V { return f32x4.gt(a, b); }
  @inline equal(a: V, b: V): V { return f32x4.eq(a, b); }
  @inline gather(total: V, span: V): V { return this.join(total, span); }
  @inline result(total: V, divisor: f32): V { return foldLanes<MaxF32>(total); }
  @inline start(first: V, whole: bool): V { return whole ? first : f32x4.splat(-Infinity); }
  @inline join(a: V, b: V): V { return f32x4.pmax(a, b); }
  @inline four(to: V, a: V, b: V, c: V, d: V): V {
    return this.join(this.join(this.join(this.join(to, a), b), c), d);
  }
}
export class MinF32 extends Extreme {
  @inline wins(a: V, b: V): V { return f32x4.lt(a, b); }
  @inline equal(a: V, b: V): V { return f32x4.eq(a, b); }
  @inline gather(total: V, span: V): V { return this.join(total, span); }
  @inline result(total: V, divisor: f32): V { return foldLanes<MinF32>(total); }
  @inline start(first: V, whole: bool): V { return whole ? first : f32x4.splat(Infinity); }
  @inline join(a: V, b: V): V { return f32x4.pmin(a, b); }
  @inline four(to: V, a: V, b: V, c: V, d: V): V {
    return this.join(this.join(this.join(this.join(to, a), b), c), d);
  }
}
export class MaxI32 extends Extreme {
  @inline wins(a: V, b: V): V { return i32x4.gt_s(a, b); }
  @inline equal(a: V, b: V): V { return i32x4.eq(a, b); }
  @inline gather(total: V, span: V): V { return this.join(total, span); }
  @inline result(total: V, divisor: f32): V { return foldLanes<MaxI32>(total); }
  @inline start(first: V, whole: bool): V { return first; }
  @inline join(a: V, b: V): V { return i32x4.max_s(a, b); }
  @inline four(to: V, a: V, b: V, c: V, d: V): V {
    return this.join(this.join(this.join(this.join(to, a), b), c), d);
  }
}
export class MinI32 extends Extreme {
  @inline wins(a: V, b: V): V { return i32x4.lt_s(a, b); }
  @inline equal(a: V, b: V): V { return i32x4.eq(a, b); }
  @inline gather(total: V, span: V): V { return this.join(total, span); }
  @inline result(total: V, divisor: f32): V { return foldLanes<MinI32>(total); }
  @inline start(first: V, whole: bool): V { return first; }
  @inline join(a: V, b: V): V { return i32x4.min_s(a, b); }
  @inline four(to: V, a: V, b: V, c: V, d: V): V {
    return this.join(this.join(this.join(this.join(to, a), b), c), d);
  }
}
export class MaxU32 extends Extreme {
  @inline wins(a: V, b: V): V { return i32x4.gt_u(a, b); }
  @inline equal(a: V, b: V): V { return i32x4.eq(a, b); }
  @inline gather(total: V, span: V): V { return this.join(total, span); }
  @inline result(total: V, divisor: f32): V { return foldLanes<MaxU32>(total); }
  @inline start(first: V, whole: bool): V { return first; }
  @inline join(a: V, b: V): V { return i32x4.max_u(a, b); }
  @inline four(to: V, a: V, b: V, c: V, d: V): V {
    return this.join(this.join(this.join(this.join(to, a), b), c), d);
  }
}
export class MinU32 extends Extreme {
  @inline wins(a: V, b: V): V { return i32x4.lt_u(a, b); }
  @inline equal(a: V, b: V): V { return i32x4.eq(a, b); }
  @inline gather(total: V, span: V): V { return this.join(total, span); }
  @inline result(total: V, divisor: f32): V { return foldLanes<MinU32>(total); }
  @inline start(first: V, whole: bool): V { return first; }
  @inline join(a: V, b: V): V { return i32x4.min_u(a, b); }
  @inline four(to: V, a: V, b: V, c: V, d: V): V {
    return this.join(this.join(this.join(this.join(to, a), b), c), d);
  }
}
