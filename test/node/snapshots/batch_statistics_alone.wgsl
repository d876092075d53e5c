// alone: workgroups 24 1 1, operands 0 3
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> parts: array<vec4f>;

fn join(a: vec4f, b: vec4f) -> vec4f {
  if (a.x == 0.0) { return b; }
  if (b.x == 0.0) { return a; }
  let count = a.x + b.x;
  let share = b.x / count;
  let step = b.y - a.y;
  return vec4f(count, a.y + step * share, a.z + b.z + step * step * a.x * share, 0.0);
}

fn start_of(o: u32) -> u32 {
  let k0 = o;
  return k0;
}

fn step_of(r: u32) -> u32 {
  let k0 = r;
  return k0 * 12u;
}

fn merge(local: u32, value: vec4f) -> vec4f { return value; }

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let part = (group.y * 24u + group.x) * 16u + local;
  if (part >= 384u) { return; }
  let place = part % 12u;
  let o = place;
  let first = part / 12u * 64u;
  let end = min(first + 64u, 2048u);
  let writes = true;

  let beginning = start_of(o);
  var own = vec4f();
  for (var index = first; index < end; index += 1u) {
    let at = beginning + step_of(index);
    let distance = x[at] - own.y;
    own.x += 1.0;
    own.y += distance / own.x;
    own.z += distance * (x[at] - own.y);
  }
  let result = merge(local, own);
  if (writes) {
    parts[part] = result;
  }
}

// alone: workgroups 1 1 1, operands 3 1 2
@group(0) @binding(0) var<storage, read_write> parts: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> mean: array<f32>;
@group(0) @binding(2) var<storage, read_write> variance: array<f32>;

fn join(a: vec4f, b: vec4f) -> vec4f {
  if (a.x == 0.0) { return b; }
  if (b.x == 0.0) { return a; }
  let count = a.x + b.x;
  let share = b.x / count;
  let step = b.y - a.y;
  return vec4f(count, a.y + step * share, a.z + b.z + step * step * a.x * share, 0.0);
}

fn start_of(o: u32) -> u32 {
  let k0 = o;
  return k0;
}

fn step_of(r: u32) -> u32 {
  let k0 = r;
  return k0 * 12u;
}

fn merge(local: u32, value: vec4f) -> vec4f { return value; }

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let part = (group.y * 1u + group.x) * 16u + local;
  if (part >= 12u) { return; }
  let place = part % 12u;
  let o = place;
  let first = part / 12u * 32u;
  let end = min(first + 32u, 32u);
  let writes = true;

  let beginning = start_of(o);
  var own = vec4f();
  for (var index = first; index < end; index += 1u) {
    let at = beginning + step_of(index);
    let a = own;
    let b = parts[at];
    own = join(a, b);
  }
  let result = merge(local, own);
  if (writes) {
    mean[o] = result.y;
    variance[o] = result.z / result.x;
  }
}
