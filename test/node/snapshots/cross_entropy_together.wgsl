// 4 together: workgroups 4 1 1, operands 0 1 2
@group(0) @binding(0) var<storage, read> z: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<i32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

fn sigmoid(x: f32) -> f32 {
  let e = exp(-abs(x));
  return select(e, 1.0, x >= 0.0) / (1.0 + e);
}

fn log1p(x: f32) -> f32 {
  let s = x / (2.0 + x);
  let t = s * s;
  return 2.0 * s * (1.0 + t * (1.0 / 3.0 + t * (1.0 / 5.0 + t * (1.0 / 7.0 + t * (1.0 / 9.0 +
    t * (1.0 / 11.0 + t * (1.0 / 13.0 + t / 15.0)))))));
}

var<workgroup> merge_largest_shared: array<f32, 64>;

fn merge_largest(local: u32, value: f32) -> f32 {
  let lane = local % 4u;
  merge_largest_shared[local] = value;
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
  let lane = local % 4u;
  merge_sum_shared[local] = value;
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
  let flat = group.y * 4u + group.x;
  if (flat >= 4u) { return; }
  let lane = local % 4u;
  let place = flat / 1u * 16u + local / 4u;
  let o = min(place, 63u);
  let begin = flat % 1u * 10u;
  let first = begin + lane;
  let end = min(begin + 10u, 10u);
  let part = flat % 1u * 64u + o;
  let writes = lane == 0u && place < 64u;
  let start = o * 10u;
  // A negative label becomes a large one.
  let label = u32(labels[o]);
  let valid = label < 10u;
  var value = z[start + select(0u, 1u, label == 0u)];
  for (var r = first; r < end; r += 4u) {
    if (r != label) { value = max(value, z[start + r]); }
  }
  let largest = merge_largest(local, value);
  value = 0.0;
  for (var r = first; r < end; r += 4u) {
    if (r != label) { value += exp(z[start + r] - largest); }
  }
  let total = merge_sum(local, value);
  let z_label = z[start + min(label, 9u)];
  let m = (largest - z_label) + log(total);
  // NaN by its bits, out of a value that the compiler cannot know.
  let invalid = bitcast<f32>(0x7fc00000u | min(label, 1u));

  
  if (writes) {
    if (valid) { y[part] = max(m, 0.0) + log1p(exp(-abs(m))); } else { y[part] = invalid; }
  }
}
