// implicit 64x16x16, 4x4 each: workgroups 1 1 1, operands 0 1 2
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> w: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
fn epilogue(at: u32, value: f32) -> f32 { return value; }

var<private> plane: u32;
var<private> split: u32;
var<workgroup> tile_a: array<vec4f, 320>;
var<workgroup> tile_b: array<vec4f, 64>;

struct PlaceA { image: u32, top: u32, left: u32 }
fn place_a(outer: u32) -> PlaceA {
  let top = outer / 4u % 4u * 2u - 1u;
  let left = outer % 4u * 2u - 1u;
  return PlaceA(outer / 16u * 8u, top, left);
}
fn load_a(place: PlaceA, k: u32) -> vec4f {
  let tap = k / 8u;
  let row = place.top + tap / 3u * 1u;
  let column = place.left + tap % 3u * 1u;
  let at = ((place.image + row) * 7u + column) * 2u;
  var value = vec4f();
  if (row < 8u && column < 7u) { value = x[at + k % 8u / 4u]; }
  return value;
}

fn load_a_if(inside: bool, place: PlaceA, k: u32) -> vec4f {
  var value = vec4f();
  if (inside) { value = load_a(place, k); }
  return value;
}

struct PlaceB { start: u32 }
fn place_b(outer: u32) -> PlaceB { return PlaceB(outer / 4u); }
fn load_b(place: PlaceB, k: u32) -> vec4f {
  return w[k * 3u + place.start];
}

fn load_b_if(inside: bool, place: PlaceB, k: u32) -> vec4f {
  var value = vec4f();
  if (inside) { value = load_b(place, k); }
  return value;
}

fn store(m: u32, n: u32, values: vec4f) {
  if (false) {
  } else {
    let at = 0u + m * 12u + n;
    y[at / 4u] = vec4f(epilogue(at + 0u, values.x), epilogue(at + 1u, values.y), epilogue(at + 2u, values.z), epilogue(at + 3u, values.w));
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 1u + group.x;
  if (flat >= 1u) { return; }
  let row = flat % 1u / 1u * 64u;
  let column = flat % 1u * 16u;
  let own_plane = flat / 1u % 1u;
  plane = own_plane;
  // Not of plane and split themselves: the compiler must see that all invocations leave together.
  let k_begin = flat / 1u * 80u;
  split = flat / 1u;
  let k_end = min(k_begin + 80u, 72u);
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
  let b_place0 = place_b(min(b_outer + 0u, 8u));
  var c0_0 = vec4f();
  var c1_0 = vec4f();
  var c2_0 = vec4f();
  var c3_0 = vec4f();
  for (var base = k_begin; base < k_end; base += 16u) {
    tile_a[(local / 4u + 0u) * 5u + local % 4u] = load_a_if(a_outer + 0u < 48u && base + a_step + 0u < k_end, a_place0, base + a_step + 0u);
    tile_a[(local / 4u + 16u) * 5u + local % 4u] = load_a_if(a_outer + 16u < 48u && base + a_step + 0u < k_end, a_place1, base + a_step + 0u);
    tile_a[(local / 4u + 32u) * 5u + local % 4u] = load_a_if(a_outer + 32u < 48u && base + a_step + 0u < k_end, a_place2, base + a_step + 0u);
    tile_a[(local / 4u + 48u) * 5u + local % 4u] = load_a_if(a_outer + 48u < 48u && base + a_step + 0u < k_end, a_place3, base + a_step + 0u);
    tile_b[(b_step + 0u) * 4u + local % 4u] = load_b_if(b_outer + 0u < 12u && base + b_step + 0u < k_end, b_place0, base + b_step + 0u);
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
    if (column + (x + 0u) * 4u < 12u) { store(row + y * 4u + 0u, column + (x + 0u) * 4u, c0_0); }
  }
  if (row + y * 4u + 1u < 48u) {
    if (column + (x + 0u) * 4u < 12u) { store(row + y * 4u + 1u, column + (x + 0u) * 4u, c1_0); }
  }
  if (row + y * 4u + 2u < 48u) {
    if (column + (x + 0u) * 4u < 12u) { store(row + y * 4u + 2u, column + (x + 0u) * 4u, c2_0); }
  }
  if (row + y * 4u + 3u < 48u) {
    if (column + (x + 0u) * 4u < 12u) { store(row + y * 4u + 3u, column + (x + 0u) * 4u, c3_0); }
  }
}
