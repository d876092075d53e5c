// 4 together: workgroups 1 1 1, operands 0 1 2 3 4
@group(0) @binding(0) var<storage, read> z: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<i32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read_write> dz: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

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

var<workgroup> merge_largest_shared: array<f32, 256>;

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

var<workgroup> merge_sum_shared: array<f32, 256>;

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

var<workgroup> merge_loss_shared: array<f32, 256>;

fn merge_loss(local: u32, value: f32) -> f32 {
  let lane = local % 256u;
  merge_loss_shared[local] = value;
  workgroupBarrier();
  if (lane < 128u) {
    let a = merge_loss_shared[local];
    let b = merge_loss_shared[local + 128u];
    merge_loss_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 64u) {
    let a = merge_loss_shared[local];
    let b = merge_loss_shared[local + 64u];
    merge_loss_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 32u) {
    let a = merge_loss_shared[local];
    let b = merge_loss_shared[local + 32u];
    merge_loss_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 16u) {
    let a = merge_loss_shared[local];
    let b = merge_loss_shared[local + 16u];
    merge_loss_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 8u) {
    let a = merge_loss_shared[local];
    let b = merge_loss_shared[local + 8u];
    merge_loss_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 4u) {
    let a = merge_loss_shared[local];
    let b = merge_loss_shared[local + 4u];
    merge_loss_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 2u) {
    let a = merge_loss_shared[local];
    let b = merge_loss_shared[local + 2u];
    merge_loss_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 1u) {
    let a = merge_loss_shared[local];
    let b = merge_loss_shared[local + 1u];
    merge_loss_shared[local] = a + b;
  }
  workgroupBarrier();
  let result = merge_loss_shared[local - lane * 1u];
  workgroupBarrier();
  return result;
}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) local: u32) {
  let lane = local % 4u;
  let first = lane;
  let end = 10u;
  var loss = 0.0;
  for (var block = 0u; block < 1u; block++) {
  let place = block * 64u + local / 4u;
  let o = min(place, 63u);
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
    if (valid) { loss += max(m, 0.0) + log1p(exp(-abs(m))); } else { loss += invalid; }
  }
  let scale = sigmoid(m);
  let last = select(0u, end, place < 64u);
  for (var r = first; r < last; r += 4u) {
    let share = scale * (exp(z[start + r] - largest) / total) + 0.0f;
    let result = g[o] * select(share, 0.0f - scale, r == label);
    if (valid) { dz[start + r] = result; } else { dz[start + r] = invalid; }
  }
  }
  let sum = merge_loss(local, loss);
  if (local == 0u) { y[0] = sum / 64.0f; }
}
