// small 8x8, 4x4 each, 2x2 side by side, 64 lanes: workgroups 128 1 1, operands 0 1 2
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;
fn epilogue(at: u32, value: f32) -> f32 { return value; }

var<private> plane: u32;
var<workgroup> handed: array<vec4f, 512>;

struct PlaceA { start: u32 }

fn place_a(outer: u32) -> PlaceA {

  let start = (0u) * 25088u;
  
  return PlaceA(start + outer * 392u);
  
}
fn load_a(place: PlaceA, k: u32) -> vec4f {
  
  return a[place.start + k / 4u];
  
}

struct PlaceB { start: u32 }

fn place_b(outer: u32) -> PlaceB {

  let start = (0u) * 50176u;
  
  return PlaceB(start + outer / 4u);
  
}
fn load_b(place: PlaceB, k: u32) -> vec4f {
  
  return b[place.start + k * 32u];
  
}

fn store(m: u32, n: u32, value: vec4f) {
  if (false) {
  } else {
  let at = plane * 8192u + m * 128u + n;
  
  c[at / 4u] = vec4f(epilogue(at + 0u, value.x), epilogue(at + 1u, value.y), epilogue(at + 2u, value.z), epilogue(at + 3u, value.w));
  
  }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 128u + group.x;
  if (flat >= 128u) { return; }
  plane = flat / 128u;
  
  let lane = local % 64u;
  let block = local / 64u;
  
  
  let y = block / 2u;
  let x = block % 2u;
  
  let row = (flat % 128u / 16u * 2u + y) * 4u;
  let column = flat % 16u * 2u + x;
  let a_place0 = place_a(min(row + 0u, 63u));
  let a_place1 = place_a(min(row + 1u, 63u));
  let a_place2 = place_a(min(row + 2u, 63u));
  let a_place3 = place_a(min(row + 3u, 63u));
  let b_place0 = place_b(min((column + 0u) * 4u + 0u, 124u));
  var c0_0 = vec4f();
  var c1_0 = vec4f();
  var c2_0 = vec4f();
  var c3_0 = vec4f();
  for (var k = lane * 4u; k < 1568u; k += 256u) {
    let a0_0 = load_a(a_place0, k + 0u);
    let a1_0 = load_a(a_place1, k + 0u);
    let a2_0 = load_a(a_place2, k + 0u);
    let a3_0 = load_a(a_place3, k + 0u);
    let b0_0 = load_b(b_place0, k + 0u);
    let v0_0 = b0_0;
    c0_0 += a0_0.x * v0_0;
    c1_0 += a1_0.x * v0_0;
    c2_0 += a2_0.x * v0_0;
    c3_0 += a3_0.x * v0_0;
    let b0_1 = load_b(b_place0, k + 1u);
    let v0_1 = b0_1;
    c0_0 += a0_0.y * v0_1;
    c1_0 += a1_0.y * v0_1;
    c2_0 += a2_0.y * v0_1;
    c3_0 += a3_0.y * v0_1;
    let b0_2 = load_b(b_place0, k + 2u);
    let v0_2 = b0_2;
    c0_0 += a0_0.z * v0_2;
    c1_0 += a1_0.z * v0_2;
    c2_0 += a2_0.z * v0_2;
    c3_0 += a3_0.z * v0_2;
    let b0_3 = load_b(b_place0, k + 3u);
    let v0_3 = b0_3;
    c0_0 += a0_0.w * v0_3;
    c1_0 += a1_0.w * v0_3;
    c2_0 += a2_0.w * v0_3;
    c3_0 += a3_0.w * v0_3;
  }

  if (lane >= 32u && lane < 64u) {
    let at = (lane - 32u) * 4u + block;
    handed[at + 0u] = c0_0;
    handed[at + 128u] = c1_0;
    handed[at + 256u] = c2_0;
    handed[at + 384u] = c3_0;
  }
  workgroupBarrier();
  if (lane < 32u) {
    let at = lane * 4u + block;
    c0_0 += handed[at + 0u];
    c1_0 += handed[at + 128u];
    c2_0 += handed[at + 256u];
    c3_0 += handed[at + 384u];
  }
  workgroupBarrier();
  if (lane >= 16u && lane < 32u) {
    let at = (lane - 16u) * 4u + block;
    handed[at + 0u] = c0_0;
    handed[at + 128u] = c1_0;
    handed[at + 256u] = c2_0;
    handed[at + 384u] = c3_0;
  }
  workgroupBarrier();
  if (lane < 16u) {
    let at = lane * 4u + block;
    c0_0 += handed[at + 0u];
    c1_0 += handed[at + 128u];
    c2_0 += handed[at + 256u];
    c3_0 += handed[at + 384u];
  }
  workgroupBarrier();
  if (lane >= 8u && lane < 16u) {
    let at = (lane - 8u) * 4u + block;
    handed[at + 0u] = c0_0;
    handed[at + 128u] = c1_0;
    handed[at + 256u] = c2_0;
    handed[at + 384u] = c3_0;
  }
  workgroupBarrier();
  if (lane < 8u) {
    let at = lane * 4u + block;
    c0_0 += handed[at + 0u];
    c1_0 += handed[at + 128u];
    c2_0 += handed[at + 256u];
    c3_0 += handed[at + 384u];
  }
  workgroupBarrier();
  if (lane >= 4u && lane < 8u) {
    let at = (lane - 4u) * 4u + block;
    handed[at + 0u] = c0_0;
    handed[at + 128u] = c1_0;
    handed[at + 256u] = c2_0;
    handed[at + 384u] = c3_0;
  }
  workgroupBarrier();
  if (lane < 4u) {
    let at = lane * 4u + block;
    c0_0 += handed[at + 0u];
    c1_0 += handed[at + 128u];
    c2_0 += handed[at + 256u];
    c3_0 += handed[at + 384u];
  }
  workgroupBarrier();
  if (lane >= 2u && lane < 4u) {
    let at = (lane - 2u) * 4u + block;
    handed[at + 0u] = c0_0;
    handed[at + 128u] = c1_0;
    handed[at + 256u] = c2_0;
    handed[at + 384u] = c3_0;
  }
  workgroupBarrier();
  if (lane < 2u) {
    let at = lane * 4u + block;
    c0_0 += handed[at + 0u];
    c1_0 += handed[at + 128u];
    c2_0 += handed[at + 256u];
    c3_0 += handed[at + 384u];
  }
  workgroupBarrier();
  if (lane >= 1u && lane < 2u) {
    let at = (lane - 1u) * 4u + block;
    handed[at + 0u] = c0_0;
    handed[at + 128u] = c1_0;
    handed[at + 256u] = c2_0;
    handed[at + 384u] = c3_0;
  }
  workgroupBarrier();
  if (lane < 1u) {
    let at = lane * 4u + block;
    c0_0 += handed[at + 0u];
    c1_0 += handed[at + 128u];
    c2_0 += handed[at + 256u];
    c3_0 += handed[at + 384u];
  }
  if (lane == 0u) { store(row + 0u, (column + 0u) * 4u, c0_0); }
  if (lane == 0u) { store(row + 1u, (column + 0u) * 4u, c1_0); }
  if (lane == 0u) { store(row + 2u, (column + 0u) * 4u, c2_0); }
  if (lane == 0u) { store(row + 3u, (column + 0u) * 4u, c3_0); }
}
