// naive: workgroups 1 1 1, operands 0 1 2
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;
fn epilogue(at: u32, value: f32) -> f32 { return value; }

var<private> plane: u32;

struct PlaceA { start: u32 }

fn place_a(outer: u32) -> PlaceA {

  let start = (0u) * 42u;
  
  return PlaceA(start + outer * 7u);
  
}
fn load_a(place: PlaceA, k: u32) -> f32 {
  
  return a[place.start + k / 1u];
  
}

struct PlaceB { start: u32 }

fn place_b(outer: u32) -> PlaceB {

  let start = (0u) * 35u;
  
  return PlaceB(start + outer / 1u);
  
}
fn load_b(place: PlaceB, k: u32) -> f32 {
  
  return b[place.start + k * 5u];
  
}
fn store(m: u32, n: u32, value: f32) {
  if (false) {
  } else {
  let at = plane * 30u + m * 5u + n;
  
  c[at] = epilogue(at, value);
  
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * 1u + group.x) * 64u + local;
  if (i >= 30u) { return; }
  plane = i / 30u;
  let m = i / 5u % 6u;
  let n = i % 5u;
  let row = place_a(m);
  let column = place_b(n);
  var sum = 0.0;
  for (var k = 0u; k < 7u; k++) {
    sum += load_a(row, k) * load_b(column, k);
  }
  store(m, n, sum);
}
