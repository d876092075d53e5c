// blocked 32x32x16, 4x4 each: workgroups 4 1 1, operands 0 1 2 3
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;
@group(0) @binding(3) var<storage, read_write> second: array<f32>;
fn epilogue(at: u32, value: f32) -> f32 { return value; }

var<private> plane: u32;
var<private> split: u32;
var<workgroup> tile_a: array<vec4f, 128>;
var<workgroup> tile_b: array<vec4f, 128>;

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
    if (n + 1u < 34u) { second[at + 1u] = values.y; }
    if (n + 2u < 34u) { second[at + 2u] = values.z; }
    if (n + 3u < 34u) { second[at + 3u] = values.w; }
    }
  } else {
    let at = plane * 1122u + m * 34u + n;
    c[at] = epilogue(at + 0u, values.x);
    if (n + 1u < 34u) { c[at + 1u] = epilogue(at + 1u, values.y); }
    if (n + 2u < 34u) { c[at + 2u] = epilogue(at + 2u, values.z); }
    if (n + 3u < 34u) { c[at + 3u] = epilogue(at + 3u, values.w); }
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
  let a_outer = row + local % 8u * 4u;
  let a_step = local / 8u;
  let a_place0 = place_a(min(a_outer + 0u, 33u));
  let a_place1 = place_a(min(a_outer + 1u, 33u));
  let a_place2 = place_a(min(a_outer + 2u, 33u));
  let a_place3 = place_a(min(a_outer + 3u, 33u));
  let b_outer = column + local % 8u * 4u;
  let b_step = local / 8u;
  let b_place0 = place_b(min(b_outer + 0u, 32u));
  let b_place2 = place_b(min(b_outer + 2u, 32u));
  var c0_0 = vec4f();
  var c1_0 = vec4f();
  var c2_0 = vec4f();
  var c3_0 = vec4f();
  for (var base = k_begin; base < k_end; base += 16u) {
    tile_a[(a_step + 0u) * 8u + local % 8u] = vec4f(load_a_if(a_outer + 0u < 34u && base + a_step + 0u < k_end, a_place0, base + a_step + 0u), load_a_if(a_outer + 1u < 34u && base + a_step + 0u < k_end, a_place1, base + a_step + 0u), load_a_if(a_outer + 2u < 34u && base + a_step + 0u < k_end, a_place2, base + a_step + 0u), load_a_if(a_outer + 3u < 34u && base + a_step + 0u < k_end, a_place3, base + a_step + 0u));
    tile_a[(a_step + 8u) * 8u + local % 8u] = vec4f(load_a_if(a_outer + 0u < 34u && base + a_step + 8u < k_end, a_place0, base + a_step + 8u), load_a_if(a_outer + 1u < 34u && base + a_step + 8u < k_end, a_place1, base + a_step + 8u), load_a_if(a_outer + 2u < 34u && base + a_step + 8u < k_end, a_place2, base + a_step + 8u), load_a_if(a_outer + 3u < 34u && base + a_step + 8u < k_end, a_place3, base + a_step + 8u));
    tile_b[(b_step + 0u) * 8u + local % 8u] = vec4f(load_b_if(b_outer + 0u < 34u && base + b_step + 0u < k_end, b_place0, base + b_step + 0u), load_b_if(b_outer + 2u < 34u && base + b_step + 0u < k_end, b_place2, base + b_step + 0u));
    tile_b[(b_step + 8u) * 8u + local % 8u] = vec4f(load_b_if(b_outer + 0u < 34u && base + b_step + 8u < k_end, b_place0, base + b_step + 8u), load_b_if(b_outer + 2u < 34u && base + b_step + 8u < k_end, b_place2, base + b_step + 8u));
    workgroupBarrier();
    for (var k = 0u; k < 16u; k += 4u) {
    {
      let a0 = tile_a[(k + 0u) * 8u + y * 1u + 0u];
      let b0 = tile_b[(k + 0u) * 8u + x + 0u];
      c0_0 += a0.x * b0;
      c1_0 += a0.y * b0;
      c2_0 += a0.z * b0;
      c3_0 += a0.w * b0;
    }
    {
      let a0 = tile_a[(k + 1u) * 8u + y * 1u + 0u];
      let b0 = tile_b[(k + 1u) * 8u + x + 0u];
      c0_0 += a0.x * b0;
      c1_0 += a0.y * b0;
      c2_0 += a0.z * b0;
      c3_0 += a0.w * b0;
    }
    {
      let a0 = tile_a[(k + 2u) * 8u + y * 1u + 0u];
      let b0 = tile_b[(k + 2u) * 8u + x + 0u];
      c0_0 += a0.x * b0;
      c1_0 += a0.y * b0;
      c2_0 += a0.z * b0;
      c3_0 += a0.w * b0;
    }
    {
      let a0 = tile_a[(k + 3u) * 8u + y * 1u + 0u];
      let b0 = tile_b[(k + 3u) * 8u + x + 0u];
      c0_0 += a0.x * b0;
      c1_0 += a0.y * b0;
      c2_0 += a0.z * b0;
      c3_0 += a0.w * b0;
    }
    }
    workgroupBarrier();
  }
  if (row + y * 4u + 0u < 34u) {
    if (column + (x + 0u) * 4u < 34u) { store(row + y * 4u + 0u, column + (x + 0u) * 4u, c0_0); }
  }
  if (row + y * 4u + 1u < 34u) {
    if (column + (x + 0u) * 4u < 34u) { store(row + y * 4u + 1u, column + (x + 0u) * 4u, c1_0); }
  }
  if (row + y * 4u + 2u < 34u) {
    if (column + (x + 0u) * 4u < 34u) { store(row + y * 4u + 2u, column + (x + 0u) * 4u, c2_0); }
  }
  if (row + y * 4u + 3u < 34u) {
    if (column + (x + 0u) * 4u < 34u) { store(row + y * 4u + 3u, column + (x + 0u) * 4u, c3_0); }
  }
}
