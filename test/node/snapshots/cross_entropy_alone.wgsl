// alone: workgroups 4 1 1, operands 0 1 2
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

fn merge_largest(local: u32, value: f32) -> f32 { return value; }

fn merge_sum(local: u32, value: f32) -> f32 { return value; }

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let part = (group.y * 4u + group.x) * 16u + local;
  if (part >= 64u) { return; }
  let place = part % 64u;
  let o = place;
  let first = part / 64u * 10u;
  let end = min(first + 10u, 10u);
  let writes = true;
  let start = o * 10u;
  // A negative label becomes a large one.
  let label = u32(labels[o]);
  let valid = label < 10u;
  var value = z[start + select(0u, 1u, label == 0u)];
  for (var r = first; r < end; r += 1u) {
    if (r != label) { value = max(value, z[start + r]); }
  }
  let largest = merge_largest(local, value);
  value = 0.0;
  for (var r = first; r < end; r += 1u) {
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
