// tiled 16x16: workgroups 4 1 1, operands 0 1 2
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;
fn epilogue(at: u32, value: f32) -> f32 { return value; }

var<private> plane: u32;
var<workgroup> tile_a: array<array<f32, 16>, 16>;
var<workgroup> tile_b: array<array<f32, 16>, 16>;

struct PlaceA { start: u32 }

fn place_a(outer: u32) -> PlaceA {

  let start = (0u) * 360u;
  
  return PlaceA(start + outer * 18u);
  
}
fn load_a(place: PlaceA, k: u32) -> f32 {
  
  return a[place.start + k / 1u];
  
}

struct PlaceB { start: u32 }

fn place_b(outer: u32) -> PlaceB {

  let start = (0u) * 306u;
  
  return PlaceB(start + outer * 18u);
  
}
fn load_b(place: PlaceB, k: u32) -> f32 {
  
  return b[place.start + k / 1u];
  
}
fn store(m: u32, n: u32, value: f32) {
  if (false) {
  } else {
  let at = plane * 340u + m * 17u + n;
  
  c[at] = epilogue(at, value);
  
  }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 4u + group.x;
  if (flat >= 4u) { return; }
  plane = flat / 4u;
  let y = local / 16u;
  let x = local % 16u;
  let row = flat % 4u / 2u * 16u;
  let column = flat % 2u * 16u;
  let m = row + y;
  let n = column + x;
  // What lies outside of a matrix counts as 0: its sums are dropped, or add nothing.
  let row_a = place_a(min(row + y, 19u));
  let column_b = place_b(min(column + y, 16u));
  var sum = 0.0;
  for (var base = 0u; base < 18u; base += 16u) {
    let k_a = base + x;
    let k_b = base + x;
    var number_a = 0.0;
    var number_b = 0.0;
    if (k_a < 18u) { number_a = load_a(row_a, k_a); }
    if (k_b < 18u) { number_b = load_b(column_b, k_b); }
    tile_a[y][x] = number_a;
    tile_b[x][y] = number_b;
    workgroupBarrier();
    for (var k = 0u; k < 16u; k++) {
      sum += tile_a[y][k] * tile_b[k][x];
    }
    workgroupBarrier();
  }
  if (m < 20u && n < 17u) { store(m, n, sum); }
}
