// registers 16x8 each, 4x16 side by side: workgroups 8 1 1, operands 0 1 2
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;
fn epilogue(at: u32, value: f32) -> f32 { return value; }

var<private> plane: u32;

struct PlaceA { start: u32 }

fn place_a(outer: u32) -> PlaceA {

  let start = (0u) * 16384u;
  
  return PlaceA(start + outer * 64u);
  
}
fn load_a(place: PlaceA, k: u32) -> vec4f {
  
  return a[place.start + k / 4u];
  
}

struct PlaceB { start: u32 }

fn place_b(outer: u32) -> PlaceB {

  let start = (0u) * 16384u;
  
  return PlaceB(start + outer / 4u);
  
}
fn load_b(place: PlaceB, k: u32) -> vec4f {
  
  return b[place.start + k * 64u];
  
}

fn store(m: u32, n: u32, value: vec4f) {
  if (false) {
  } else {
  let at = plane * 65536u + m * 256u + n;
  
  c[at / 4u] = vec4f(epilogue(at + 0u, value.x), epilogue(at + 1u, value.y), epilogue(at + 2u, value.z), epilogue(at + 3u, value.w));
  
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 8u + group.x;
  if (flat >= 8u) { return; }
  plane = flat / 8u;
  
  let lane = local / 64u;
  let block = local % 64u;
  
  
  let y = block / 16u;
  let x = block % 16u;
  
  let row = (flat % 8u / 2u * 4u + y) * 16u;
  let column = flat % 2u * 32u + x;
  let a_place0 = place_a(min(row + 0u, 255u));
  let a_place1 = place_a(min(row + 1u, 255u));
  let a_place2 = place_a(min(row + 2u, 255u));
  let a_place3 = place_a(min(row + 3u, 255u));
  let a_place4 = place_a(min(row + 4u, 255u));
  let a_place5 = place_a(min(row + 5u, 255u));
  let a_place6 = place_a(min(row + 6u, 255u));
  let a_place7 = place_a(min(row + 7u, 255u));
  let a_place8 = place_a(min(row + 8u, 255u));
  let a_place9 = place_a(min(row + 9u, 255u));
  let a_place10 = place_a(min(row + 10u, 255u));
  let a_place11 = place_a(min(row + 11u, 255u));
  let a_place12 = place_a(min(row + 12u, 255u));
  let a_place13 = place_a(min(row + 13u, 255u));
  let a_place14 = place_a(min(row + 14u, 255u));
  let a_place15 = place_a(min(row + 15u, 255u));
  let b_place0 = place_b(min((column + 0u) * 4u + 0u, 252u));
  let b_place4 = place_b(min((column + 16u) * 4u + 0u, 252u));
  var c0_0 = vec4f();
  var c0_1 = vec4f();
  var c1_0 = vec4f();
  var c1_1 = vec4f();
  var c2_0 = vec4f();
  var c2_1 = vec4f();
  var c3_0 = vec4f();
  var c3_1 = vec4f();
  var c4_0 = vec4f();
  var c4_1 = vec4f();
  var c5_0 = vec4f();
  var c5_1 = vec4f();
  var c6_0 = vec4f();
  var c6_1 = vec4f();
  var c7_0 = vec4f();
  var c7_1 = vec4f();
  var c8_0 = vec4f();
  var c8_1 = vec4f();
  var c9_0 = vec4f();
  var c9_1 = vec4f();
  var c10_0 = vec4f();
  var c10_1 = vec4f();
  var c11_0 = vec4f();
  var c11_1 = vec4f();
  var c12_0 = vec4f();
  var c12_1 = vec4f();
  var c13_0 = vec4f();
  var c13_1 = vec4f();
  var c14_0 = vec4f();
  var c14_1 = vec4f();
  var c15_0 = vec4f();
  var c15_1 = vec4f();
  for (var k = lane * 4u; k < 256u; k += 4u) {
    let a0_0 = load_a(a_place0, k + 0u);
    let a1_0 = load_a(a_place1, k + 0u);
    let a2_0 = load_a(a_place2, k + 0u);
    let a3_0 = load_a(a_place3, k + 0u);
    let a4_0 = load_a(a_place4, k + 0u);
    let a5_0 = load_a(a_place5, k + 0u);
    let a6_0 = load_a(a_place6, k + 0u);
    let a7_0 = load_a(a_place7, k + 0u);
    let a8_0 = load_a(a_place8, k + 0u);
    let a9_0 = load_a(a_place9, k + 0u);
    let a10_0 = load_a(a_place10, k + 0u);
    let a11_0 = load_a(a_place11, k + 0u);
    let a12_0 = load_a(a_place12, k + 0u);
    let a13_0 = load_a(a_place13, k + 0u);
    let a14_0 = load_a(a_place14, k + 0u);
    let a15_0 = load_a(a_place15, k + 0u);
    let b0_0 = load_b(b_place0, k + 0u);
    let b4_0 = load_b(b_place4, k + 0u);
    let v0_0 = b0_0;
    let v1_0 = b4_0;
    c0_0 += a0_0.x * v0_0;
    c0_1 += a0_0.x * v1_0;
    c1_0 += a1_0.x * v0_0;
    c1_1 += a1_0.x * v1_0;
    c2_0 += a2_0.x * v0_0;
    c2_1 += a2_0.x * v1_0;
    c3_0 += a3_0.x * v0_0;
    c3_1 += a3_0.x * v1_0;
    c4_0 += a4_0.x * v0_0;
    c4_1 += a4_0.x * v1_0;
    c5_0 += a5_0.x * v0_0;
    c5_1 += a5_0.x * v1_0;
    c6_0 += a6_0.x * v0_0;
    c6_1 += a6_0.x * v1_0;
    c7_0 += a7_0.x * v0_0;
    c7_1 += a7_0.x * v1_0;
    c8_0 += a8_0.x * v0_0;
    c8_1 += a8_0.x * v1_0;
    c9_0 += a9_0.x * v0_0;
    c9_1 += a9_0.x * v1_0;
    c10_0 += a10_0.x * v0_0;
    c10_1 += a10_0.x * v1_0;
    c11_0 += a11_0.x * v0_0;
    c11_1 += a11_0.x * v1_0;
    c12_0 += a12_0.x * v0_0;
    c12_1 += a12_0.x * v1_0;
    c13_0 += a13_0.x * v0_0;
    c13_1 += a13_0.x * v1_0;
    c14_0 += a14_0.x * v0_0;
    c14_1 += a14_0.x * v1_0;
    c15_0 += a15_0.x * v0_0;
    c15_1 += a15_0.x * v1_0;
    let b0_1 = load_b(b_place0, k + 1u);
    let b4_1 = load_b(b_place4, k + 1u);
    let v0_1 = b0_1;
    let v1_1 = b4_1;
    c0_0 += a0_0.y * v0_1;
    c0_1 += a0_0.y * v1_1;
    c1_0 += a1_0.y * v0_1;
    c1_1 += a1_0.y * v1_1;
    c2_0 += a2_0.y * v0_1;
    c2_1 += a2_0.y * v1_1;
    c3_0 += a3_0.y * v0_1;
    c3_1 += a3_0.y * v1_1;
    c4_0 += a4_0.y * v0_1;
    c4_1 += a4_0.y * v1_1;
    c5_0 += a5_0.y * v0_1;
    c5_1 += a5_0.y * v1_1;
    c6_0 += a6_0.y * v0_1;
    c6_1 += a6_0.y * v1_1;
    c7_0 += a7_0.y * v0_1;
    c7_1 += a7_0.y * v1_1;
    c8_0 += a8_0.y * v0_1;
    c8_1 += a8_0.y * v1_1;
    c9_0 += a9_0.y * v0_1;
    c9_1 += a9_0.y * v1_1;
    c10_0 += a10_0.y * v0_1;
    c10_1 += a10_0.y * v1_1;
    c11_0 += a11_0.y * v0_1;
    c11_1 += a11_0.y * v1_1;
    c12_0 += a12_0.y * v0_1;
    c12_1 += a12_0.y * v1_1;
    c13_0 += a13_0.y * v0_1;
    c13_1 += a13_0.y * v1_1;
    c14_0 += a14_0.y * v0_1;
    c14_1 += a14_0.y * v1_1;
    c15_0 += a15_0.y * v0_1;
    c15_1 += a15_0.y * v1_1;
    let b0_2 = load_b(b_place0, k + 2u);
    let b4_2 = load_b(b_place4, k + 2u);
    let v0_2 = b0_2;
    let v1_2 = b4_2;
    c0_0 += a0_0.z * v0_2;
    c0_1 += a0_0.z * v1_2;
    c1_0 += a1_0.z * v0_2;
    c1_1 += a1_0.z * v1_2;
    c2_0 += a2_0.z * v0_2;
    c2_1 += a2_0.z * v1_2;
    c3_0 += a3_0.z * v0_2;
    c3_1 += a3_0.z * v1_2;
    c4_0 += a4_0.z * v0_2;
    c4_1 += a4_0.z * v1_2;
    c5_0 += a5_0.z * v0_2;
    c5_1 += a5_0.z * v1_2;
    c6_0 += a6_0.z * v0_2;
    c6_1 += a6_0.z * v1_2;
    c7_0 += a7_0.z * v0_2;
    c7_1 += a7_0.z * v1_2;
    c8_0 += a8_0.z * v0_2;
    c8_1 += a8_0.z * v1_2;
    c9_0 += a9_0.z * v0_2;
    c9_1 += a9_0.z * v1_2;
    c10_0 += a10_0.z * v0_2;
    c10_1 += a10_0.z * v1_2;
    c11_0 += a11_0.z * v0_2;
    c11_1 += a11_0.z * v1_2;
    c12_0 += a12_0.z * v0_2;
    c12_1 += a12_0.z * v1_2;
    c13_0 += a13_0.z * v0_2;
    c13_1 += a13_0.z * v1_2;
    c14_0 += a14_0.z * v0_2;
    c14_1 += a14_0.z * v1_2;
    c15_0 += a15_0.z * v0_2;
    c15_1 += a15_0.z * v1_2;
    let b0_3 = load_b(b_place0, k + 3u);
    let b4_3 = load_b(b_place4, k + 3u);
    let v0_3 = b0_3;
    let v1_3 = b4_3;
    c0_0 += a0_0.w * v0_3;
    c0_1 += a0_0.w * v1_3;
    c1_0 += a1_0.w * v0_3;
    c1_1 += a1_0.w * v1_3;
    c2_0 += a2_0.w * v0_3;
    c2_1 += a2_0.w * v1_3;
    c3_0 += a3_0.w * v0_3;
    c3_1 += a3_0.w * v1_3;
    c4_0 += a4_0.w * v0_3;
    c4_1 += a4_0.w * v1_3;
    c5_0 += a5_0.w * v0_3;
    c5_1 += a5_0.w * v1_3;
    c6_0 += a6_0.w * v0_3;
    c6_1 += a6_0.w * v1_3;
    c7_0 += a7_0.w * v0_3;
    c7_1 += a7_0.w * v1_3;
    c8_0 += a8_0.w * v0_3;
    c8_1 += a8_0.w * v1_3;
    c9_0 += a9_0.w * v0_3;
    c9_1 += a9_0.w * v1_3;
    c10_0 += a10_0.w * v0_3;
    c10_1 += a10_0.w * v1_3;
    c11_0 += a11_0.w * v0_3;
    c11_1 += a11_0.w * v1_3;
    c12_0 += a12_0.w * v0_3;
    c12_1 += a12_0.w * v1_3;
    c13_0 += a13_0.w * v0_3;
    c13_1 += a13_0.w * v1_3;
    c14_0 += a14_0.w * v0_3;
    c14_1 += a14_0.w * v1_3;
    c15_0 += a15_0.w * v0_3;
    c15_1 += a15_0.w * v1_3;
  }

  store(row + 0u, (column + 0u) * 4u, c0_0);
  store(row + 0u, (column + 16u) * 4u, c0_1);
  store(row + 1u, (column + 0u) * 4u, c1_0);
  store(row + 1u, (column + 16u) * 4u, c1_1);
  store(row + 2u, (column + 0u) * 4u, c2_0);
  store(row + 2u, (column + 16u) * 4u, c2_1);
  store(row + 3u, (column + 0u) * 4u, c3_0);
  store(row + 3u, (column + 16u) * 4u, c3_1);
  store(row + 4u, (column + 0u) * 4u, c4_0);
  store(row + 4u, (column + 16u) * 4u, c4_1);
  store(row + 5u, (column + 0u) * 4u, c5_0);
  store(row + 5u, (column + 16u) * 4u, c5_1);
  store(row + 6u, (column + 0u) * 4u, c6_0);
  store(row + 6u, (column + 16u) * 4u, c6_1);
  store(row + 7u, (column + 0u) * 4u, c7_0);
  store(row + 7u, (column + 16u) * 4u, c7_1);
  store(row + 8u, (column + 0u) * 4u, c8_0);
  store(row + 8u, (column + 16u) * 4u, c8_1);
  store(row + 9u, (column + 0u) * 4u, c9_0);
  store(row + 9u, (column + 16u) * 4u, c9_1);
  store(row + 10u, (column + 0u) * 4u, c10_0);
  store(row + 10u, (column + 16u) * 4u, c10_1);
  store(row + 11u, (column + 0u) * 4u, c11_0);
  store(row + 11u, (column + 16u) * 4u, c11_1);
  store(row + 12u, (column + 0u) * 4u, c12_0);
  store(row + 12u, (column + 16u) * 4u, c12_1);
  store(row + 13u, (column + 0u) * 4u, c13_0);
  store(row + 13u, (column + 16u) * 4u, c13_1);
  store(row + 14u, (column + 0u) * 4u, c14_0);
  store(row + 14u, (column + 16u) * 4u, c14_1);
  store(row + 15u, (column + 0u) * 4u, c15_0);
  store(row + 15u, (column + 16u) * 4u, c15_1);
}
