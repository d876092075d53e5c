// blocked 32x32x16, 4x4 each: workgroups 4 1 1, operands 0 1 2 3
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;
@group(0) @binding(3) var<storage, read_write> second: array<f32>;
fn epilogue(at: u32, value: f32) -> f32 { return value; }

var<private> plane: u32;
var<private> split: u32;
var<workgroup> tile_a: array<vec4f, 160>;
var<workgroup> tile_b: array<vec4f, 160>;

struct PlaceA { start: u32, ones: bool }

fn place_a(outer: u32) -> PlaceA {

  let start = (0u) * 1155u;
  
  // The row of ones reads where the first row lies, and drops it.
  return PlaceA(start + select(outer / 1u, 0u, outer >= 33u), outer >= 33u);
  
}
fn load_a(place: PlaceA, k: u32) -> f32 {
  
  return select(a[place.start + k * 33u], f32(1.0), place.ones);
  
}

fn load_a_if(inside: bool, place: PlaceA, k: u32) -> f32 {
  var value = f32();
  if (inside) { value = load_a(place, k); }
  return value;
}

struct PlaceB { start: u32 }

fn place_b(outer: u32) -> PlaceB {

  let start = (0u) * 595u;
  
  return PlaceB(start + outer / 2u);
  
}
fn load_b(place: PlaceB, k: u32) -> vec2f {
  
  return b[place.start + k * 17u];
  
}

fn load_b_if(inside: bool, place: PlaceB, k: u32) -> vec2f {
  var value = vec2f();
  if (inside) { value = load_b(place, k); }
  return value;
}

fn store(m: u32, n: u32, values: vec4f) {
  if (m >= 33u) {
    if (m == 33u) {
    let at = plane * 34u + n;
    second[at + 0u] = values.x;
    if (n + 8u < 34u) { second[at + 8u] = values.y; }
    if (n + 16u < 34u) { second[at + 16u] = values.z; }
    if (n + 24u < 34u) { second[at + 24u] = values.w; }
    }
  } else {
    let at = plane * 1122u + m * 34u + n;
    c[at] = epilogue(at + 0u, values.x);
    if (n + 8u < 34u) { c[at + 8u] = epilogue(at + 8u, values.y); }
    if (n + 16u < 34u) { c[at + 16u] = epilogue(at + 16u, values.z); }
    if (n + 24u < 34u) { c[at + 24u] = epilogue(at + 24u, values.w); }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 4u + group.x;
  if (flat >= 4u) { return; }
  let row = flat % 4u / 2u * 32u;
  let column = flat % 2u * 32u;
  let own_plane = flat / 4u % 1u;
  plane = own_plane;
  // Not of plane and split themselves: the compiler must see that all invocations leave together.
  let k_begin = flat / 4u * 48u;
  split = flat / 4u;
  let k_end = min(k_begin + 48u, 35u);
  let y = local / 8u;
  let x = local % 8u;
  let a_unit0 = local % 32u * 1u;
  let a_outer0 = row + a_unit0;
  let a_place0 = place_a(min(a_outer0, 33u));
  let b_unit0 = local % 16u * 2u;
  let b_outer0 = column + b_unit0;
  let b_place0 = place_b(min(b_outer0, 32u));
  var c0_0 = vec4f();
  var c1_0 = vec4f();
  var c2_0 = vec4f();
  var c3_0 = vec4f();
  for (var base = k_begin; base < k_end; base += 16u) {
    {
      let quad = local / 32u;
      let first = base + quad * 4u;
      let n0 = load_a_if(a_outer0 < 34u && first + 0u < k_end, a_place0, first + 0u);
      let n1 = load_a_if(a_outer0 < 34u && first + 1u < k_end, a_place0, first + 1u);
      let n2 = load_a_if(a_outer0 < 34u && first + 2u < k_end, a_place0, first + 2u);
      let n3 = load_a_if(a_outer0 < 34u && first + 3u < k_end, a_place0, first + 3u);
      tile_a[a_unit0 * 5u + quad + 0u] = vec4f(n0, n1, n2, n3);
    }
    {
      let quad = (local + 64u) / 32u;
      let first = base + quad * 4u;
      let n0 = load_a_if(a_outer0 < 34u && first + 0u < k_end, a_place0, first + 0u);
      let n1 = load_a_if(a_outer0 < 34u && first + 1u < k_end, a_place0, first + 1u);
      let n2 = load_a_if(a_outer0 < 34u && first + 2u < k_end, a_place0, first + 2u);
      let n3 = load_a_if(a_outer0 < 34u && first + 3u < k_end, a_place0, first + 3u);
      tile_a[a_unit0 * 5u + quad + 0u] = vec4f(n0, n1, n2, n3);
    }
    {
      let quad = local / 16u;
      let first = base + quad * 4u;
      let n0 = load_b_if(b_outer0 < 34u && first + 0u < k_end, b_place0, first + 0u);
      let n1 = load_b_if(b_outer0 < 34u && first + 1u < k_end, b_place0, first + 1u);
      let n2 = load_b_if(b_outer0 < 34u && first + 2u < k_end, b_place0, first + 2u);
      let n3 = load_b_if(b_outer0 < 34u && first + 3u < k_end, b_place0, first + 3u);
      tile_b[b_unit0 * 5u + quad + 0u] = vec4f(n0.x, n1.x, n2.x, n3.x);
      tile_b[b_unit0 * 5u + quad + 5u] = vec4f(n0.y, n1.y, n2.y, n3.y);
    }
    workgroupBarrier();
    for (var k = 0u; k < 16u; k += 4u) {
    let a0 = tile_a[y * 20u + k / 4u + 0u];
    let a1 = tile_a[y * 20u + k / 4u + 5u];
    let a2 = tile_a[y * 20u + k / 4u + 10u];
    let a3 = tile_a[y * 20u + k / 4u + 15u];
    let n0 = tile_b[x * 5u + k / 4u + 0u];
    let n1 = tile_b[x * 5u + k / 4u + 40u];
    let n2 = tile_b[x * 5u + k / 4u + 80u];
    let n3 = tile_b[x * 5u + k / 4u + 120u];
    {
      let b0 = vec4f(n0.x, n1.x, n2.x, n3.x);
      c0_0 += a0.x * b0;
      c1_0 += a1.x * b0;
      c2_0 += a2.x * b0;
      c3_0 += a3.x * b0;
    }
    {
      let b0 = vec4f(n0.y, n1.y, n2.y, n3.y);
      c0_0 += a0.y * b0;
      c1_0 += a1.y * b0;
      c2_0 += a2.y * b0;
      c3_0 += a3.y * b0;
    }
    {
      let b0 = vec4f(n0.z, n1.z, n2.z, n3.z);
      c0_0 += a0.z * b0;
      c1_0 += a1.z * b0;
      c2_0 += a2.z * b0;
      c3_0 += a3.z * b0;
    }
    {
      let b0 = vec4f(n0.w, n1.w, n2.w, n3.w);
      c0_0 += a0.w * b0;
      c1_0 += a1.w * b0;
      c2_0 += a2.w * b0;
      c3_0 += a3.w * b0;
    }
    }
    workgroupBarrier();
  }
  if (row + y * 4u + 0u < 34u) {
    if (column + x + 0u < 34u) { store(row + y * 4u + 0u, column + x + 0u, c0_0); }
  }
  if (row + y * 4u + 1u < 34u) {
    if (column + x + 0u < 34u) { store(row + y * 4u + 1u, column + x + 0u, c1_0); }
  }
  if (row + y * 4u + 2u < 34u) {
    if (column + x + 0u < 34u) { store(row + y * 4u + 2u, column + x + 0u, c2_0); }
  }
  if (row + y * 4u + 3u < 34u) {
    if (column + x + 0u < 34u) { store(row + y * 4u + 3u, column + x + 0u, c3_0); }
  }
}
