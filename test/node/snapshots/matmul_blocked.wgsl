// blocked 64x64x16, 4x4 each: workgroups 256 1 1, operands 0 1 2
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;
fn epilogue(at: u32, value: f32) -> f32 { return value; }

var<private> plane: u32;
var<private> split: u32;
var<workgroup> tile_a: array<vec4f, 320>;
var<workgroup> tile_b: array<vec4f, 256>;

struct PlaceA { start: u32 }

fn place_a(outer: u32) -> PlaceA {

  let start = (0u) * 262144u;
  
  return PlaceA(start + outer * 256u);
  
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

  let start = (0u) * 262144u;
  
  return PlaceB(start + outer / 4u);
  
}
fn load_b(place: PlaceB, k: u32) -> vec4f {
  
  return b[place.start + k * 256u];
  
}

fn load_b_if(inside: bool, place: PlaceB, k: u32) -> vec4f {
  var value = vec4f();
  if (inside) { value = load_b(place, k); }
  return value;
}

fn store(m: u32, n: u32, values: vec4f) {
  if (false) {
  } else {
    let at = plane * 1048576u + m * 1024u + n;
    c[at / 4u] = vec4f(epilogue(at + 0u, values.x), epilogue(at + 1u, values.y), epilogue(at + 2u, values.z), epilogue(at + 3u, values.w));
  }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 256u + group.x;
  if (flat >= 256u) { return; }
  let row = flat % 256u / 16u * 64u;
  let column = flat % 16u * 64u;
  let own_plane = flat / 256u % 1u;
  plane = own_plane;
  // Not of plane and split themselves: the compiler must see that all invocations leave together.
  let k_begin = flat / 256u * 1024u;
  split = flat / 256u;
  let k_end = min(k_begin + 1024u, 1024u);
  let y = local / 16u;
  let x = local % 16u;
  let a_step = local % 4u * 4u;
  let a_outer = row + local / 4u;
  let a_place0 = place_a(min(a_outer + 0u, 1023u));
  let b_outer = column + local % 16u * 4u;
  let b_step = local / 16u;
  let b_place0 = place_b(min(b_outer + 0u, 1020u));
  var c0_0 = vec4f();
  var c1_0 = vec4f();
  var c2_0 = vec4f();
  var c3_0 = vec4f();
  for (var base = k_begin; base < k_end; base += 16u) {
    tile_a[(local / 4u + 0u) * 5u + local % 4u] = load_a(a_place0, base + a_step + 0u);
    tile_b[(b_step + 0u) * 16u + local % 16u] = load_b(b_place0, base + b_step + 0u);
    workgroupBarrier();
    for (var k = 0u; k < 16u; k += 4u) {
    let a0 = tile_a[y * 20u + k / 4u + 0u];
    let a1 = tile_a[y * 20u + k / 4u + 5u];
    let a2 = tile_a[y * 20u + k / 4u + 10u];
    let a3 = tile_a[y * 20u + k / 4u + 15u];
    {
      let b0 = tile_b[(k + 0u) * 16u + x + 0u];
      c0_0 += a0.x * b0;
      c1_0 += a1.x * b0;
      c2_0 += a2.x * b0;
      c3_0 += a3.x * b0;
    }
    {
      let b0 = tile_b[(k + 1u) * 16u + x + 0u];
      c0_0 += a0.y * b0;
      c1_0 += a1.y * b0;
      c2_0 += a2.y * b0;
      c3_0 += a3.y * b0;
    }
    {
      let b0 = tile_b[(k + 2u) * 16u + x + 0u];
      c0_0 += a0.z * b0;
      c1_0 += a1.z * b0;
      c2_0 += a2.z * b0;
      c3_0 += a3.z * b0;
    }
    {
      let b0 = tile_b[(k + 3u) * 16u + x + 0u];
      c0_0 += a0.w * b0;
      c1_0 += a1.w * b0;
      c2_0 += a2.w * b0;
      c3_0 += a3.w * b0;
    }
    }
    workgroupBarrier();
  }
    store(row + y * 4u + 0u, column + (x + 0u) * 4u, c0_0);
    store(row + y * 4u + 1u, column + (x + 0u) * 4u, c1_0);
    store(row + y * 4u + 2u, column + (x + 0u) * 4u, c2_0);
    store(row + y * 4u + 3u, column + (x + 0u) * 4u, c3_0);
}
