// product 64x16x16, 4x4 each: workgroups 2 1 1, operands 0 1 4
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> g: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dw: array<vec4f>;
var<private> plane: u32;
var<private> split: u32;
var<workgroup> tile_a: array<vec4f, 256>;
var<workgroup> tile_b: array<vec4f, 64>;

struct PlaceA { down: u32, right: u32, channel: u32, ones: bool }
fn place_a(outer: u32) -> PlaceA {
  let ones = outer >= 72u;
  let tap = select(outer, 0u, ones) / 8u;
  let down = tap / 3u * 1u - 1u;
  let right = tap % 3u * 1u - 1u;
  return PlaceA(down, right, outer % 8u / 4u, ones);
}
fn load_a(place: PlaceA, k: u32) -> vec4f {
  let row = k / 4u % 4u * 2u + place.down;
  let column = k % 4u * 2u + place.right;
  let pixel = (k / 16u * 8u + row) * 7u + column;
  var value = vec4f(select(0.0, 1.0, place.ones));
  // Above and left of the image they wrap around to huge numbers.
  if (row < 8u && column < 7u && !place.ones) { value = x[pixel * 2u + place.channel]; }
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
  return g[k * 3u + place.start];
}

fn load_b_if(inside: bool, place: PlaceB, k: u32) -> vec4f {
  var value = vec4f();
  if (inside) { value = load_b(place, k); }
  return value;
}

fn store(m: u32, n: u32, values: vec4f) {
  if (m > 72u) {
  } else {
    let at = split * 876u + m * 12u + n;
    dw[at / 4u] = vec4f(values.x, values.y, values.z, values.w);
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 2u + group.x;
  if (flat >= 2u) { return; }
  let row = flat % 2u / 1u * 64u;
  let column = flat % 1u * 16u;
  let own_plane = flat / 2u % 1u;
  plane = own_plane;
  // Not of plane and split themselves: the compiler must see that all invocations leave together.
  let k_begin = flat / 2u * 48u;
  split = flat / 2u;
  let k_end = min(k_begin + 48u, 48u);
  let y = local / 4u;
  let x = local % 4u;
  let a_outer = row + local % 16u * 4u;
  let a_step = local / 16u;
  let a_place0 = place_a(min(a_outer + 0u, 72u));
  let b_outer = column + local % 4u * 4u;
  let b_step = local / 4u;
  let b_place0 = place_b(min(b_outer + 0u, 8u));
  var c0_0 = vec4f();
  var c1_0 = vec4f();
  var c2_0 = vec4f();
  var c3_0 = vec4f();
  for (var base = k_begin; base < k_end; base += 16u) {
    tile_a[(a_step + 0u) * 16u + local % 16u] = load_a_if(a_outer + 0u < 76u, a_place0, base + a_step + 0u);
    tile_a[(a_step + 4u) * 16u + local % 16u] = load_a_if(a_outer + 0u < 76u, a_place0, base + a_step + 4u);
    tile_a[(a_step + 8u) * 16u + local % 16u] = load_a_if(a_outer + 0u < 76u, a_place0, base + a_step + 8u);
    tile_a[(a_step + 12u) * 16u + local % 16u] = load_a_if(a_outer + 0u < 76u, a_place0, base + a_step + 12u);
    tile_b[(b_step + 0u) * 4u + local % 4u] = load_b_if(b_outer + 0u < 12u, b_place0, base + b_step + 0u);
    workgroupBarrier();
    for (var k = 0u; k < 16u; k += 4u) {
    {
      let a0 = tile_a[(k + 0u) * 16u + y * 1u + 0u];
      let b0 = tile_b[(k + 0u) * 4u + x + 0u];
      c0_0 += a0.x * b0;
      c1_0 += a0.y * b0;
      c2_0 += a0.z * b0;
      c3_0 += a0.w * b0;
    }
    {
      let a0 = tile_a[(k + 1u) * 16u + y * 1u + 0u];
      let b0 = tile_b[(k + 1u) * 4u + x + 0u];
      c0_0 += a0.x * b0;
      c1_0 += a0.y * b0;
      c2_0 += a0.z * b0;
      c3_0 += a0.w * b0;
    }
    {
      let a0 = tile_a[(k + 2u) * 16u + y * 1u + 0u];
      let b0 = tile_b[(k + 2u) * 4u + x + 0u];
      c0_0 += a0.x * b0;
      c1_0 += a0.y * b0;
      c2_0 += a0.z * b0;
      c3_0 += a0.w * b0;
    }
    {
      let a0 = tile_a[(k + 3u) * 16u + y * 1u + 0u];
      let b0 = tile_b[(k + 3u) * 4u + x + 0u];
      c0_0 += a0.x * b0;
      c1_0 += a0.y * b0;
      c2_0 += a0.z * b0;
      c3_0 += a0.w * b0;
    }
    }
    workgroupBarrier();
  }
  if (row + y * 4u + 0u < 76u) {
    if (column + (x + 0u) * 4u < 12u) { store(row + y * 4u + 0u, column + (x + 0u) * 4u, c0_0); }
  }
  if (row + y * 4u + 1u < 76u) {
    if (column + (x + 0u) * 4u < 12u) { store(row + y * 4u + 1u, column + (x + 0u) * 4u, c1_0); }
  }
  if (row + y * 4u + 2u < 76u) {
    if (column + (x + 0u) * 4u < 12u) { store(row + y * 4u + 2u, column + (x + 0u) * 4u, c2_0); }
  }
  if (row + y * 4u + 3u < 76u) {
    if (column + (x + 0u) * 4u < 12u) { store(row + y * 4u + 3u, column + (x + 0u) * 4u, c3_0); }
  }
}

// product 64x16x16, 4x4 each: workgroups 4 1 1, operands 4 2 3
@group(0) @binding(0) var<storage, read_write> parts: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums0: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums1: array<f32>;
fn epilogue(at: u32, value: f32) -> f32 { return value; }

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 4u + group.x;
  if (flat >= 4u) { return; }
  var segment = 0u; var first = 0u; var lanes = 1u;
  var splits = 0u; var size = 0u; var start = 0u;
  if (flat < 4u) {
    segment = 0u; first = 0u; lanes = 1u;
    splits = 1u; size = 876u; start = 0u;
  }
  let columns = 256u / lanes;
  let lane = local / columns;
  let o = (flat - first) * columns + local % columns;
  var sum = 0.0;
  if (o < size) {
    for (var r = lane; r < splits; r += lanes) { sum += parts[start + r * size + o]; }
  }
  
  if (lane > 0u || o >= size) { return; }
  if (segment == 0u) {
    if (o < 864u) { sums0[0u + o] = epilogue(o, sum); } else { sums1[4294966432u + o] = sum; }
  }
}
