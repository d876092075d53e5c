// 16 together: workgroups 2 1 1, operands 0 1
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

fn start_of(o: u32) -> u32 {
  let k0 = o;
  return k0 * 33u;
}

fn step_of(r: u32) -> u32 {
  let k0 = r;
  return k0;
}

var<workgroup> merge_largest_shared: array<f32, 64>;

fn merge_largest(local: u32, value: f32) -> f32 {
  let lane = local % 16u;
  merge_largest_shared[local] = value;
  workgroupBarrier();
  if (lane < 8u) {
    let a = merge_largest_shared[local];
    let b = merge_largest_shared[local + 8u];
    merge_largest_shared[local] = max(a, b);
  }
  workgroupBarrier();
  if (lane < 4u) {
    let a = merge_largest_shared[local];
    let b = merge_largest_shared[local + 4u];
    merge_largest_shared[local] = max(a, b);
  }
  workgroupBarrier();
  if (lane < 2u) {
    let a = merge_largest_shared[local];
    let b = merge_largest_shared[local + 2u];
    merge_largest_shared[local] = max(a, b);
  }
  workgroupBarrier();
  if (lane < 1u) {
    let a = merge_largest_shared[local];
    let b = merge_largest_shared[local + 1u];
    merge_largest_shared[local] = max(a, b);
  }
  workgroupBarrier();
  let result = merge_largest_shared[local - lane * 1u];
  workgroupBarrier();
  return result;
}

var<workgroup> merge_sum_shared: array<f32, 64>;

fn merge_sum(local: u32, value: f32) -> f32 {
  let lane = local % 16u;
  merge_sum_shared[local] = value;
  workgroupBarrier();
  if (lane < 8u) {
    let a = merge_sum_shared[local];
    let b = merge_sum_shared[local + 8u];
    merge_sum_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 4u) {
    let a = merge_sum_shared[local];
    let b = merge_sum_shared[local + 4u];
    merge_sum_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 2u) {
    let a = merge_sum_shared[local];
    let b = merge_sum_shared[local + 2u];
    merge_sum_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 1u) {
    let a = merge_sum_shared[local];
    let b = merge_sum_shared[local + 1u];
    merge_sum_shared[local] = a + b;
  }
  workgroupBarrier();
  let result = merge_sum_shared[local - lane * 1u];
  workgroupBarrier();
  return result;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 2u + group.x;
  if (flat >= 2u) { return; }
  let lane = local % 16u;
  let place = flat / 1u * 4u + local / 16u;
  let o = min(place, 6u);
  let begin = flat % 1u * 33u;
  let first = begin + lane;
  let end = min(begin + 33u, 33u);
  let part = flat % 1u * 7u + o;
  let writes = lane == 0u && place < 7u;
  let start = start_of(o);
  var value = x[start + step_of(min(first, end - 1u))];
  for (var r = first; r < end; r += 16u) { value = max(value, x[start + step_of(r)]); }
  let largest = merge_largest(local, value);
  value = 0.0;
  for (var r = first; r < end; r += 16u) { value += exp(x[start + step_of(r)] - largest); }
  let total = merge_sum(local, value);
  if (writes) { y[part] = largest + log(total); }
}
