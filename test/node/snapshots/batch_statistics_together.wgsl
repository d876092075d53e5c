// 16 together, 16 shares: workgroups 16 1 1, operands 0 3
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

var<workgroup> merge_shared: array<vec4f, 256>;

fn merge(local: u32, value: vec4f) -> vec4f {
  let lane = local / 16u;
  merge_shared[local] = value;
  workgroupBarrier();
  if (lane < 8u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 128u];
    merge_shared[local] = join(a, b);
  }
  workgroupBarrier();
  if (lane < 4u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 64u];
    merge_shared[local] = join(a, b);
  }
  workgroupBarrier();
  if (lane < 2u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 32u];
    merge_shared[local] = join(a, b);
  }
  workgroupBarrier();
  if (lane < 1u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 16u];
    merge_shared[local] = join(a, b);
  }
  workgroupBarrier();
  let result = merge_shared[local - lane * 16u];
  workgroupBarrier();
  return result;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 16u + group.x;
  if (flat >= 16u) { return; }
  let lane = local / 16u;
  let place = flat / 16u * 16u + local % 16u;
  let o = min(place, 11u);
  let begin = flat % 16u * 128u;
  let first = begin + lane;
  let end = min(begin + 128u, 2048u);
  let part = flat % 16u * 12u + o;
  let writes = lane == 0u && place < 12u;

  let beginning = start_of(o);
  var own = vec4f();
  for (var index = first; index < end; index += 16u) {
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

// 16 together, 16 shares: workgroups 1 1 1, operands 3 1 2
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

var<workgroup> merge_shared: array<vec4f, 64>;

fn merge(local: u32, value: vec4f) -> vec4f {
  let lane = local / 16u;
  merge_shared[local] = value;
  workgroupBarrier();
  if (lane < 2u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 32u];
    merge_shared[local] = join(a, b);
  }
  workgroupBarrier();
  if (lane < 1u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 16u];
    merge_shared[local] = join(a, b);
  }
  workgroupBarrier();
  let result = merge_shared[local - lane * 16u];
  workgroupBarrier();
  return result;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 1u + group.x;
  if (flat >= 1u) { return; }
  let lane = local / 16u;
  let place = flat / 1u * 16u + local % 16u;
  let o = min(place, 11u);
  let begin = flat % 1u * 16u;
  let first = begin + lane;
  let end = min(begin + 16u, 16u);
  let part = flat % 1u * 12u + o;
  let writes = lane == 0u && place < 12u;

  let beginning = start_of(o);
  var own = vec4f();
  for (var index = first; index < end; index += 4u) {
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
