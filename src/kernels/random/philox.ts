/**
 * Philox 4x32-10 as shader text, the same words as `philox` in src/random.ts. WGSL has no 64-bit
 * product, so its high half is put together from products of 16-bit halves.
 *
 * @module
 */

/** `philox(counter, key)`. */
export const PHILOX = `fn multiply_high(a: u32, b: u32) -> u32 {
  let a_low = a & 0xffffu; let a_high = a >> 16u;
  let b_low = b & 0xffffu; let b_high = b >> 16u;
  let middle = a_high * b_low + ((a_low * b_low) >> 16u);
  let carry = a_low * b_high + (middle & 0xffffu);
  return a_high * b_high + (middle >> 16u) + (carry >> 16u);
}

fn philox(counter: vec4u, key: vec2u) -> vec4u {
  var c = counter;
  var k = key;
  for (var round = 0u; round < 10u; round++) {
    let high0 = multiply_high(0xd2511f53u, c.x);
    let high1 = multiply_high(0xcd9e8d57u, c.z);
    c = vec4u(high1 ^ c.y ^ k.x, 0xcd9e8d57u * c.z, high0 ^ c.w ^ k.y, 0xd2511f53u * c.x);
    k += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}
`;

/**
 * `normal_pair(first, second)`, by Box and Muller. WGSL allows errors of 2^-21 in log near 1 and of
 * 2^-11 in sin and cos, so these come from series on a reduced range.
 */
export const NORMAL_PAIR = `fn radius(word: u32) -> f32 {
  let n = (word >> 8u) + 1u; // u = n / 2^24 in (0, 1]
  let v = f32(16777216u - n) * 0x1p-24f; // 1 - u, exact
  let s = v / (2.0 - v); // -ln(1 - v) = 2 atanh(s)
  let q = s * s;
  let near = 2.0 * s * (1.0 + q * (0.33333334 + q * (0.2 + q * (0.14285715 + q * (0.11111111 +
    q * (0.09090909 + q * (0.07692308 + q * 0.06666667)))))));
  return sqrt(2.0 * select(-log(f32(n) * 0x1p-24f), near, v < 0.5));
}

fn normal_pair(first: u32, second: u32) -> vec2f {
  let n = second >> 8u;
  let quarter = (n + 0x200000u) >> 22u; // nearest quarter of a turn; the rest is within an eighth
  let t = f32(i32(n) - i32(quarter << 22u)) * 3.7450703e-7; // times 2 pi / 2^24
  let q = t * t;
  let sine = t * (1.0 - q * (0.16666667 - q * (0.008333334 - q * (1.9841270e-4 -
    q * 2.7557319e-6))));
  let cosine = 1.0 - q * (0.5 - q * (0.041666668 - q * (0.0013888889 - q * (2.4801588e-5 -
    q * 2.7557319e-7))));
  let turned = select(vec2f(cosine, sine), vec2f(-sine, cosine), (quarter & 1u) == 1u);
  return radius(first) * select(turned, -turned, (quarter & 2u) == 2u);
}
`;
