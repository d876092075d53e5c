// blocked 64x16x16, 4x4 each, k in 130: workgroups 130 1 1, operands 0 1 3
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;
var<private> plane: u32;
var<private> split: u32;
var<workgroup> tile_a: array<vec4f, 320>;
var<workgroup> tile_b: array<vec4f, 64>;

struct PlaceA { start: u32 }

fn place_a(outer: u32) -> PlaceA {

  let start = (0u) * 720000u;
  
  return PlaceA(start + outer * 15000u);
  
}
fn load_a(place: PlaceA, k: u32) -> vec4f {
  
  return a[place.start + k / 4u];
  
}

fn load_a_if(inside: bool, place: PlaceA, k: u32) -> vec4f {
  var value = vec4f();
  if (inside) { value = load_a(place, k); }
  return value;
}

struct PlaceB { start: u32 }

fn place_b(outer: u32) -> PlaceB {

  let start = (0u) * 240000u;
  
  return PlaceB(start + outer / 4u);
  
}
fn load_b(place: PlaceB, k: u32) -> vec4f {
  
  return b[place.start + k * 4u];
  
}

fn load_b_if(inside: bool, place: PlaceB, k: u32) -> vec4f {
  var value = vec4f();
  if (inside) { value = load_b(place, k); }
  return value;
}

fn store(m: u32, n: u32, values: vec4f) {
  if (false) {
  } else {
    let at = split * 768u + plane * 768u + m * 16u + n;
    c[at / 4u] = vec4f(values.x, values.y, values.z, values.w);
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 130u + group.x;
  if (flat >= 130u) { return; }
  let row = flat % 1u / 1u * 64u;
  let column = flat % 1u * 16u;
  let own_plane = flat / 1u % 1u;
  plane = own_plane;
  // Not of plane and split themselves: the compiler must see that all invocations leave together.
  let k_begin = flat / 1u * 464u;
  split = flat / 1u;
  let k_end = min(k_begin + 464u, 60000u);
  let y = local / 4u;
  let x = local % 4u;
  let a_step = local % 4u * 4u;
  let a_outer = row + local / 4u;
  let a_place0 = place_a(min(a_outer + 0u, 47u));
  let a_place1 = place_a(min(a_outer + 16u, 47u));
  let a_place2 = place_a(min(a_outer + 32u, 47u));
  let a_place3 = place_a(min(a_outer + 48u, 47u));
  let b_outer = column + local % 4u * 4u;
  let b_step = local / 4u;
  let b_place0 = place_b(min(b_outer + 0u, 12u));
  var c0_0 = vec4f();
  var c1_0 = vec4f();
  var c2_0 = vec4f();
  var c3_0 = vec4f();
  for (var base = k_begin; base < k_end; base += 16u) {
    tile_a[(local / 4u + 0u) * 5u + local % 4u] = load_a_if(a_outer + 0u < 48u, a_place0, base + a_step + 0u);
    tile_a[(local / 4u + 16u) * 5u + local % 4u] = load_a_if(a_outer + 16u < 48u, a_place1, base + a_step + 0u);
    tile_a[(local / 4u + 32u) * 5u + local % 4u] = load_a_if(a_outer + 32u < 48u, a_place2, base + a_step + 0u);
    tile_a[(local / 4u + 48u) * 5u + local % 4u] = load_a_if(a_outer + 48u < 48u, a_place3, base + a_step + 0u);
    tile_b[(b_step + 0u) * 4u + local % 4u] = load_b(b_place0, base + b_step + 0u);
    workgroupBarrier();
    for (var k = 0u; k < 16u; k += 4u) {
    let a0 = tile_a[y * 20u + k / 4u + 0u];
    let a1 = tile_a[y * 20u + k / 4u + 5u];
    let a2 = tile_a[y * 20u + k / 4u + 10u];
    let a3 = tile_a[y * 20u + k / 4u + 15u];
    {
      let b0 = tile_b[(k + 0u) * 4u + x + 0u];
      c0_0 += a0.x * b0;
      c1_0 += a1.x * b0;
      c2_0 += a2.x * b0;
      c3_0 += a3.x * b0;
    }
    {
      let b0 = tile_b[(k + 1u) * 4u + x + 0u];
      c0_0 += a0.y * b0;
      c1_0 += a1.y * b0;
      c2_0 += a2.y * b0;
      c3_0 += a3.y * b0;
    }
    {
      let b0 = tile_b[(k + 2u) * 4u + x + 0u];
      c0_0 += a0.z * b0;
      c1_0 += a1.z * b0;
      c2_0 += a2.z * b0;
      c3_0 += a3.z * b0;
    }
    {
      let b0 = tile_b[(k + 3u) * 4u + x + 0u];
      c0_0 += a0.w * b0;
      c1_0 += a1.w * b0;
      c2_0 += a2.w * b0;
      c3_0 += a3.w * b0;
    }
    }
    workgroupBarrier();
  }
  if (row + y * 4u + 0u < 48u) {
    store(row + y * 4u + 0u, column + (x + 0u) * 4u, c0_0);
  }
  if (row + y * 4u + 1u < 48u) {
    store(row + y * 4u + 1u, column + (x + 0u) * 4u, c1_0);
  }
  if (row + y * 4u + 2u < 48u) {
    store(row + y * 4u + 2u, column + (x + 0u) * 4u, c2_0);
  }
  if (row + y * 4u + 3u < 48u) {
    store(row + y * 4u + 3u, column + (x + 0u) * 4u, c3_0);
  }
}

// blocked 64x16x16, 4x4 each, k in 130: workgroups 48 1 1, operands 3 2
@group(0) @binding(0) var<storage, read_write> parts: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums0: array<f32>;
fn epilogue(at: u32, value: f32) -> f32 { return value; }

var<workgroup> shared_sums: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 48u + group.x;
  if (flat >= 48u) { return; }
  var segment = 0u; var first = 0u; var lanes = 1u;
  var splits = 0u; var size = 0u; var start = 0u;
  if (flat < 48u) {
    segment = 0u; first = 0u; lanes = 16u;
    splits = 130u; size = 768u; start = 0u;
  }
  let columns = 256u / lanes;
  let lane = local / columns;
  let o = (flat - first) * columns + local % columns;
  var sum = 0.0;
  if (o < size) {
    for (var r = lane; r < splits; r += lanes) { sum += parts[start + r * size + o]; }
  }
  
  shared_sums[local] = sum;
  workgroupBarrier();
  for (var half = lanes / 2u; half > 0u; half /= 2u) {
    if (lane < half) { shared_sums[local] += shared_sums[local + half * columns]; }
    workgroupBarrier();
  }
  sum = shared_sums[local];
  
  if (lane > 0u || o >= size) { return; }
  if (segment == 0u) { sums0[0u + o] = epilogue(o, sum); }
}
