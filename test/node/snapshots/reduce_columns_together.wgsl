// 4 together, 8 shares: workgroups 128 1 1, operands 0 2
alias T = f32;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

fn start_of(o: u32) -> u32 {
  let k0 = o;
  return k0;
}

fn step_of(r: u32) -> u32 {
  let k0 = r;
  return k0 * 1000u;
}

var<workgroup> merge_shared: array<T, 256>;

fn merge(local: u32, value: T) -> T {
  let lane = local / 64u;
  merge_shared[local] = value;
  workgroupBarrier();
  if (lane < 2u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 128u];
    merge_shared[local] = max(a, b);
  }
  workgroupBarrier();
  if (lane < 1u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 64u];
    merge_shared[local] = max(a, b);
  }
  workgroupBarrier();
  let result = merge_shared[local - lane * 64u];
  workgroupBarrier();
  return result;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 128u + group.x;
  if (flat >= 128u) { return; }
  let lane = local / 64u;
  let place = flat / 8u * 64u + local % 64u;
  let o = min(place, 999u);
  let begin = flat % 8u * 64u;
  let first = begin + lane;
  let end = min(begin + 64u, 512u);
  let part = flat % 8u * 1000u + o;
  let writes = lane == 0u && place < 1000u;
  let start = start_of(o);
  var value = x[start + step_of(min(first, end - 1u))];
  for (var r = first; r < end; r += 4u) {
    let a = value;
    let b = x[start + step_of(r)];
    value = max(a, b);
  }
  let result = merge(local, value);
  if (writes) { y[part] = result; }
}

// 4 together, 8 shares: workgroups 16 1 1, operands 2 1
alias T = f32;
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

fn start_of(o: u32) -> u32 {
  let k0 = o;
  return k0;
}

fn step_of(r: u32) -> u32 {
  let k0 = r;
  return k0 * 1000u;
}

var<workgroup> merge_shared: array<T, 128>;

fn merge(local: u32, value: T) -> T {
  let lane = local / 64u;
  merge_shared[local] = value;
  workgroupBarrier();
  if (lane < 1u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 64u];
    merge_shared[local] = max(a, b);
  }
  workgroupBarrier();
  let result = merge_shared[local - lane * 64u];
  workgroupBarrier();
  return result;
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 16u + group.x;
  if (flat >= 16u) { return; }
  let lane = local / 64u;
  let place = flat / 1u * 64u + local % 64u;
  let o = min(place, 999u);
  let begin = flat % 1u * 8u;
  let first = begin + lane;
  let end = min(begin + 8u, 8u);
  let part = flat % 1u * 1000u + o;
  let writes = lane == 0u && place < 1000u;
  let start = start_of(o);
  var value = x[start + step_of(min(first, end - 1u))];
  for (var r = first; r < end; r += 2u) {
    let a = value;
    let b = x[start + step_of(r)];
    value = max(a, b);
  }
  let result = merge(local, value);
  if (writes) { y[part] = result; }
}
