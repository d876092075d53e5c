// thin 4x2 each, 8x1 side by side, 32 lanes: workgroups 32 1 1, operands 0 1 2
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;
fn epilogue(at: u32, value: f32) -> f32 { return value; }

var<private> plane: u32;
var<workgroup> handed: array<f32, 1024>;

struct PlaceA { start: u32 }

fn place_a(outer: u32) -> PlaceA {

  let start = (0u) * 131072u;
  
  return PlaceA(start + outer / 4u);
  
}
fn load_a(place: PlaceA, k: u32) -> vec4f {
  
  return a[place.start + k * 256u];
  
}

struct PlaceB { start: u32 }

fn place_b(outer: u32) -> PlaceB {

  let start = (0u) * 1024u;
  
  return PlaceB(start + outer / 1u);
  
}
fn load_b(place: PlaceB, k: u32) -> f32 {
  
  return b[place.start + k * 2u];
  
}

fn store(m: u32, n: u32, value: f32) {
  if (false) {
  } else {
  let at = plane * 2048u + m * 2u + n;
  
  c[at] = epilogue(at, value);
  
  }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 32u + group.x;
  if (flat >= 32u) { return; }
  plane = flat / 32u;
  
  let lane = local / 8u;
  let block = local % 8u;
  
  
  let y = block % 8u;
  let x = block / 8u;
  
  let row = (flat % 32u / 1u * 8u + y) * 4u;
  let column = flat % 1u * 2u + x;
  let a_place0 = place_a(min(row + 0u, 1020u));
  let b_place0 = place_b(min((column + 0u) * 1u + 0u, 1u));
  let b_place1 = place_b(min((column + 1u) * 1u + 0u, 1u));
  var c0_0 = f32();
  var c0_1 = f32();
  var c1_0 = f32();
  var c1_1 = f32();
  var c2_0 = f32();
  var c2_1 = f32();
  var c3_0 = f32();
  var c3_1 = f32();
  for (var k = lane * 4u; k < 512u; k += 128u) {
    let a0_0 = load_a(a_place0, k + 0u);
    let b0_0 = load_b(b_place0, k + 0u);
    let b1_0 = load_b(b_place1, k + 0u);
    let v0_0 = b0_0;
    let v1_0 = b1_0;
    c0_0 += a0_0.x * v0_0;
    c0_1 += a0_0.x * v1_0;
    c1_0 += a0_0.y * v0_0;
    c1_1 += a0_0.y * v1_0;
    c2_0 += a0_0.z * v0_0;
    c2_1 += a0_0.z * v1_0;
    c3_0 += a0_0.w * v0_0;
    c3_1 += a0_0.w * v1_0;
    let a0_1 = load_a(a_place0, k + 1u);
    let b0_1 = load_b(b_place0, k + 1u);
    let b1_1 = load_b(b_place1, k + 1u);
    let v0_1 = b0_1;
    let v1_1 = b1_1;
    c0_0 += a0_1.x * v0_1;
    c0_1 += a0_1.x * v1_1;
    c1_0 += a0_1.y * v0_1;
    c1_1 += a0_1.y * v1_1;
    c2_0 += a0_1.z * v0_1;
    c2_1 += a0_1.z * v1_1;
    c3_0 += a0_1.w * v0_1;
    c3_1 += a0_1.w * v1_1;
    let a0_2 = load_a(a_place0, k + 2u);
    let b0_2 = load_b(b_place0, k + 2u);
    let b1_2 = load_b(b_place1, k + 2u);
    let v0_2 = b0_2;
    let v1_2 = b1_2;
    c0_0 += a0_2.x * v0_2;
    c0_1 += a0_2.x * v1_2;
    c1_0 += a0_2.y * v0_2;
    c1_1 += a0_2.y * v1_2;
    c2_0 += a0_2.z * v0_2;
    c2_1 += a0_2.z * v1_2;
    c3_0 += a0_2.w * v0_2;
    c3_1 += a0_2.w * v1_2;
    let a0_3 = load_a(a_place0, k + 3u);
    let b0_3 = load_b(b_place0, k + 3u);
    let b1_3 = load_b(b_place1, k + 3u);
    let v0_3 = b0_3;
    let v1_3 = b1_3;
    c0_0 += a0_3.x * v0_3;
    c0_1 += a0_3.x * v1_3;
    c1_0 += a0_3.y * v0_3;
    c1_1 += a0_3.y * v1_3;
    c2_0 += a0_3.z * v0_3;
    c2_1 += a0_3.z * v1_3;
    c3_0 += a0_3.w * v0_3;
    c3_1 += a0_3.w * v1_3;
  }

  if (lane >= 16u && lane < 32u) {
    let at = (lane - 16u) * 8u + block;
    handed[at + 0u] = c0_0;
    handed[at + 128u] = c0_1;
    handed[at + 256u] = c1_0;
    handed[at + 384u] = c1_1;
    handed[at + 512u] = c2_0;
    handed[at + 640u] = c2_1;
    handed[at + 768u] = c3_0;
    handed[at + 896u] = c3_1;
  }
  workgroupBarrier();
  if (lane < 16u) {
    let at = lane * 8u + block;
    c0_0 += handed[at + 0u];
    c0_1 += handed[at + 128u];
    c1_0 += handed[at + 256u];
    c1_1 += handed[at + 384u];
    c2_0 += handed[at + 512u];
    c2_1 += handed[at + 640u];
    c3_0 += handed[at + 768u];
    c3_1 += handed[at + 896u];
  }
  workgroupBarrier();
  if (lane >= 8u && lane < 16u) {
    let at = (lane - 8u) * 8u + block;
    handed[at + 0u] = c0_0;
    handed[at + 128u] = c0_1;
    handed[at + 256u] = c1_0;
    handed[at + 384u] = c1_1;
    handed[at + 512u] = c2_0;
    handed[at + 640u] = c2_1;
    handed[at + 768u] = c3_0;
    handed[at + 896u] = c3_1;
  }
  workgroupBarrier();
  if (lane < 8u) {
    let at = lane * 8u + block;
    c0_0 += handed[at + 0u];
    c0_1 += handed[at + 128u];
    c1_0 += handed[at + 256u];
    c1_1 += handed[at + 384u];
    c2_0 += handed[at + 512u];
    c2_1 += handed[at + 640u];
    c3_0 += handed[at + 768u];
    c3_1 += handed[at + 896u];
  }
  workgroupBarrier();
  if (lane >= 4u && lane < 8u) {
    let at = (lane - 4u) * 8u + block;
    handed[at + 0u] = c0_0;
    handed[at + 128u] = c0_1;
    handed[at + 256u] = c1_0;
    handed[at + 384u] = c1_1;
    handed[at + 512u] = c2_0;
    handed[at + 640u] = c2_1;
    handed[at + 768u] = c3_0;
    handed[at + 896u] = c3_1;
  }
  workgroupBarrier();
  if (lane < 4u) {
    let at = lane * 8u + block;
    c0_0 += handed[at + 0u];
    c0_1 += handed[at + 128u];
    c1_0 += handed[at + 256u];
    c1_1 += handed[at + 384u];
    c2_0 += handed[at + 512u];
    c2_1 += handed[at + 640u];
    c3_0 += handed[at + 768u];
    c3_1 += handed[at + 896u];
  }
  workgroupBarrier();
  if (lane >= 2u && lane < 4u) {
    let at = (lane - 2u) * 8u + block;
    handed[at + 0u] = c0_0;
    handed[at + 128u] = c0_1;
    handed[at + 256u] = c1_0;
    handed[at + 384u] = c1_1;
    handed[at + 512u] = c2_0;
    handed[at + 640u] = c2_1;
    handed[at + 768u] = c3_0;
    handed[at + 896u] = c3_1;
  }
  workgroupBarrier();
  if (lane < 2u) {
    let at = lane * 8u + block;
    c0_0 += handed[at + 0u];
    c0_1 += handed[at + 128u];
    c1_0 += handed[at + 256u];
    c1_1 += handed[at + 384u];
    c2_0 += handed[at + 512u];
    c2_1 += handed[at + 640u];
    c3_0 += handed[at + 768u];
    c3_1 += handed[at + 896u];
  }
  workgroupBarrier();
  if (lane >= 1u && lane < 2u) {
    let at = (lane - 1u) * 8u + block;
    handed[at + 0u] = c0_0;
    handed[at + 128u] = c0_1;
    handed[at + 256u] = c1_0;
    handed[at + 384u] = c1_1;
    handed[at + 512u] = c2_0;
    handed[at + 640u] = c2_1;
    handed[at + 768u] = c3_0;
    handed[at + 896u] = c3_1;
  }
  workgroupBarrier();
  if (lane < 1u) {
    let at = lane * 8u + block;
    c0_0 += handed[at + 0u];
    c0_1 += handed[at + 128u];
    c1_0 += handed[at + 256u];
    c1_1 += handed[at + 384u];
    c2_0 += handed[at + 512u];
    c2_1 += handed[at + 640u];
    c3_0 += handed[at + 768u];
    c3_1 += handed[at + 896u];
  }
  if (lane == 0u) { store(row + 0u, (column + 0u) * 1u, c0_0); }
  if (lane == 0u) { store(row + 0u, (column + 1u) * 1u, c0_1); }
  if (lane == 0u) { store(row + 1u, (column + 0u) * 1u, c1_0); }
  if (lane == 0u) { store(row + 1u, (column + 1u) * 1u, c1_1); }
  if (lane == 0u) { store(row + 2u, (column + 0u) * 1u, c2_0); }
  if (lane == 0u) { store(row + 2u, (column + 1u) * 1u, c2_1); }
  if (lane == 0u) { store(row + 3u, (column + 0u) * 1u, c3_0); }
  if (lane == 0u) { store(row + 3u, (column + 1u) * 1u, c3_1); }
}
