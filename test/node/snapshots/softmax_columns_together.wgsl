// 4 together: workgroups 1 1 1, operands 0 1
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

fn start_of(o: u32) -> u32 {
  let k0 = o;
  return k0;
}

fn step_of(r: u32) -> u32 {
  let k0 = r;
  return k0 * 64u;
}

var<workgroup> merge_largest_shared: array<f32, 256>;

fn merge_largest(local: u32, value: f32) -> f32 {
  let lane = local / 64u;
  merge_largest_shared[local] = value;
  workgroupBarrier();
  if (lane < 2u) {
    let a = merge_largest_shared[local];
    let b = merge_largest_shared[local + 128u];
    merge_largest_shared[local] = max(a, b);
  }
  workgroupBarrier();
  if (lane < 1u) {
    let a = merge_largest_shared[local];
    let b = merge_largest_shared[local + 64u];
    merge_largest_shared[local] = max(a, b);
  }
  workgroupBarrier();
  let result = merge_largest_shared[local - lane * 64u];
  workgroupBarrier();
  return result;
}

var<workgroup> merge_sum_shared: array<f32, 256>;

fn merge_sum(local: u32, value: f32) -> f32 {
  let lane = local / 64u;
  merge_sum_shared[local] = value;
  workgroupBarrier();
  if (lane < 2u) {
    let a = merge_sum_shared[local];
    let b = merge_sum_shared[local + 128u];
    merge_sum_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 1u) {
    let a = merge_sum_shared[local];
    let b = merge_sum_shared[local + 64u];
    merge_sum_shared[local] = a + b;
  }
  workgroupBarrier();
  let result = merge_sum_shared[local - lane * 64u];
  workgroupBarrier();
  return result;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 1u + group.x;
  if (flat >= 1u) { return; }
  let lane = local / 64u;
  let place = flat / 1u * 64u + local % 64u;
  let o = min(place, 63u);
  let begin = flat % 1u * 10u;
  let first = begin + lane;
  let end = min(begin + 10u, 10u);
  let part = flat % 1u * 64u + o;
  let writes = lane == 0u && place < 64u;
  let start = start_of(o);
  var value = x[start + step_of(min(first, end - 1u))];
  for (var r = first; r < end; r += 4u) { value = max(value, x[start + step_of(r)]); }
  let largest = merge_largest(local, value);
  value = 0.0;
  for (var r = first; r < end; r += 4u) { value += exp(x[start + step_of(r)] - largest); }
  let total = merge_sum(local, value);
  if (place >= 64u) { return; }
  for (var r = first; r < end; r += 4u) {
    let at = start + step_of(r);
    let value = x[at] - largest;
    y[at] = value - log(total);
  }
}
