// 32 together, 8 shares: workgroups 8 1 1, operands 0 2
alias T = f32;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

fn start_of(o: u32) -> u32 {
  let k0 = o;
  return k0;
}

fn step_of(r: u32) -> u32 {
  let k0 = r;
  return k0 * 6u;
}

var<workgroup> merge_shared: array<T, 256>;

fn merge(local: u32, value: T) -> T {
  let lane = local / 8u;
  merge_shared[local] = value;
  workgroupBarrier();
  if (lane < 16u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 128u];
    merge_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 8u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 64u];
    merge_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 4u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 32u];
    merge_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 2u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 16u];
    merge_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 1u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 8u];
    merge_shared[local] = a + b;
  }
  workgroupBarrier();
  let result = merge_shared[local - lane * 8u];
  workgroupBarrier();
  return result;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 8u + group.x;
  if (flat >= 8u) { return; }
  let lane = local / 8u;
  let place = flat / 8u * 8u + local % 8u;
  let o = min(place, 5u);
  let begin = flat % 8u * 256u;
  let first = begin + lane;
  let end = min(begin + 256u, 2048u);
  let part = flat % 8u * 6u + o;
  let writes = lane == 0u && place < 6u;
  let start = start_of(o);
  var value = T(0);
  for (var r = first; r < end; r += 32u) {
    let a = value;
    let b = x[start + step_of(r)];
    value = a + b;
  }
  let result = merge(local, value);
  if (writes) { y[part] = result; }
}

// 32 together, 8 shares: workgroups 1 1 1, operands 2 1
alias T = f32;
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

fn start_of(o: u32) -> u32 {
  let k0 = o;
  return k0;
}

fn step_of(r: u32) -> u32 {
  let k0 = r;
  return k0 * 6u;
}

var<workgroup> merge_shared: array<T, 16>;

fn merge(local: u32, value: T) -> T {
  let lane = local / 8u;
  merge_shared[local] = value;
  workgroupBarrier();
  if (lane < 1u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 8u];
    merge_shared[local] = a + b;
  }
  workgroupBarrier();
  let result = merge_shared[local - lane * 8u];
  workgroupBarrier();
  return result;
}

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 1u + group.x;
  if (flat >= 1u) { return; }
  let lane = local / 8u;
  let place = flat / 1u * 8u + local % 8u;
  let o = min(place, 5u);
  let begin = flat % 1u * 8u;
  let first = begin + lane;
  let end = min(begin + 8u, 8u);
  let part = flat % 1u * 6u + o;
  let writes = lane == 0u && place < 6u;
  let start = start_of(o);
  var value = T(0);
  for (var r = first; r < end; r += 2u) {
    let a = value;
    let b = x[start + step_of(r)];
    value = a + b;
  }
  let result = merge(local, value);
  if (writes) { y[part] = result / 2048.0f; }
}
