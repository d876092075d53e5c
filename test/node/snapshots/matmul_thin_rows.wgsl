// thin 1x4 each, 1x1 side by side, 64 lanes: workgroups 256 1 1, operands 0 1 2
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;
fn epilogue(at: u32, value: f32) -> f32 { return value; }

var<private> plane: u32;
var<workgroup> handed: array<vec4f, 32>;

struct PlaceA { start: u32 }

fn place_a(outer: u32) -> PlaceA {

  let start = (0u) * 128u;
  
  return PlaceA(start + outer * 128u);
  
}
fn load_a(place: PlaceA, k: u32) -> vec4f {
  
  return a[place.start + k / 4u];
  
}

struct PlaceB { start: u32 }

fn place_b(outer: u32) -> PlaceB {

  let start = (0u) * 131072u;
  
  return PlaceB(start + outer * 128u);
  
}
fn load_b(place: PlaceB, k: u32) -> vec4f {
  
  return b[place.start + k / 4u];
  
}

fn store(m: u32, n: u32, value: vec4f) {
  if (false) {
  } else {
  let at = plane * 1024u + m * 1024u + n;
  
  c[at / 4u] = vec4f(epilogue(at + 0u, value.x), epilogue(at + 1u, value.y), epilogue(at + 2u, value.z), epilogue(at + 3u, value.w));
  
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 256u + group.x;
  if (flat >= 256u) { return; }
  plane = flat / 256u;
  
  let lane = local % 64u;
  let block = local / 64u;
  
  
  let y = block / 1u;
  let x = block % 1u;
  
  let row = (flat % 256u / 256u * 1u + y) * 1u;
  let column = flat % 256u * 1u + x;
  let a_place0 = place_a(min(row + 0u, 0u));
  let b_place0 = place_b(min((column + 0u) * 4u + 0u, 1023u));
  let b_place1 = place_b(min((column + 0u) * 4u + 1u, 1023u));
  let b_place2 = place_b(min((column + 0u) * 4u + 2u, 1023u));
  let b_place3 = place_b(min((column + 0u) * 4u + 3u, 1023u));
  var c0_0 = vec4f();
  for (var k = lane * 4u; k < 512u; k += 256u) {
    let a0_0 = load_a(a_place0, k + 0u);
    let b0_0 = load_b(b_place0, k + 0u);
    let b1_0 = load_b(b_place1, k + 0u);
    let b2_0 = load_b(b_place2, k + 0u);
    let b3_0 = load_b(b_place3, k + 0u);
    let v0_0 = vec4f(b0_0.x, b1_0.x, b2_0.x, b3_0.x);
    c0_0 += a0_0.x * v0_0;
    let v0_1 = vec4f(b0_0.y, b1_0.y, b2_0.y, b3_0.y);
    c0_0 += a0_0.y * v0_1;
    let v0_2 = vec4f(b0_0.z, b1_0.z, b2_0.z, b3_0.z);
    c0_0 += a0_0.z * v0_2;
    let v0_3 = vec4f(b0_0.w, b1_0.w, b2_0.w, b3_0.w);
    c0_0 += a0_0.w * v0_3;
  }

  if (lane >= 32u && lane < 64u) {
    let at = (lane - 32u) * 1u + block;
    handed[at + 0u] = c0_0;
  }
  workgroupBarrier();
  if (lane < 32u) {
    let at = lane * 1u + block;
    c0_0 += handed[at + 0u];
  }
  workgroupBarrier();
  if (lane >= 16u && lane < 32u) {
    let at = (lane - 16u) * 1u + block;
    handed[at + 0u] = c0_0;
  }
  workgroupBarrier();
  if (lane < 16u) {
    let at = lane * 1u + block;
    c0_0 += handed[at + 0u];
  }
  workgroupBarrier();
  if (lane >= 8u && lane < 16u) {
    let at = (lane - 8u) * 1u + block;
    handed[at + 0u] = c0_0;
  }
  workgroupBarrier();
  if (lane < 8u) {
    let at = lane * 1u + block;
    c0_0 += handed[at + 0u];
  }
  workgroupBarrier();
  if (lane >= 4u && lane < 8u) {
    let at = (lane - 4u) * 1u + block;
    handed[at + 0u] = c0_0;
  }
  workgroupBarrier();
  if (lane < 4u) {
    let at = lane * 1u + block;
    c0_0 += handed[at + 0u];
  }
  workgroupBarrier();
  if (lane >= 2u && lane < 4u) {
    let at = (lane - 2u) * 1u + block;
    handed[at + 0u] = c0_0;
  }
  workgroupBarrier();
  if (lane < 2u) {
    let at = lane * 1u + block;
    c0_0 += handed[at + 0u];
  }
  workgroupBarrier();
  if (lane >= 1u && lane < 2u) {
    let at = (lane - 1u) * 1u + block;
    handed[at + 0u] = c0_0;
  }
  workgroupBarrier();
  if (lane < 1u) {
    let at = lane * 1u + block;
    c0_0 += handed[at + 0u];
  }
  if (lane == 0u) { store(row + 0u, (column + 0u) * 4u, c0_0); }
}
