// 256 together: workgroups 64 1 1, operands 0 1 2 3
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> g: array<f32>;
@group(0) @binding(2) var<storage, read> center: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn moved(i: u32, scale: f32, factor: f32) -> f32 {
  return x[i] + g[i] / scale * factor - center[i];
}

var<workgroup> merge_largest_shared: array<f32, 256>;

fn merge_largest(local: u32, value: f32) -> f32 {
  let lane = local % 256u;
  merge_largest_shared[local] = value;
  workgroupBarrier();
  if (lane < 128u) {
    let a = merge_largest_shared[local];
    let b = merge_largest_shared[local + 128u];
    merge_largest_shared[local] = max(a, b);
  }
  workgroupBarrier();
  if (lane < 64u) {
    let a = merge_largest_shared[local];
    let b = merge_largest_shared[local + 64u];
    merge_largest_shared[local] = max(a, b);
  }
  workgroupBarrier();
  if (lane < 32u) {
    let a = merge_largest_shared[local];
    let b = merge_largest_shared[local + 32u];
    merge_largest_shared[local] = max(a, b);
  }
  workgroupBarrier();
  if (lane < 16u) {
    let a = merge_largest_shared[local];
    let b = merge_largest_shared[local + 16u];
    merge_largest_shared[local] = max(a, b);
  }
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

var<workgroup> merge_square_shared: array<f32, 256>;

fn merge_square(local: u32, value: f32) -> f32 {
  let lane = local % 256u;
  merge_square_shared[local] = value;
  workgroupBarrier();
  if (lane < 128u) {
    let a = merge_square_shared[local];
    let b = merge_square_shared[local + 128u];
    merge_square_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 64u) {
    let a = merge_square_shared[local];
    let b = merge_square_shared[local + 64u];
    merge_square_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 32u) {
    let a = merge_square_shared[local];
    let b = merge_square_shared[local + 32u];
    merge_square_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 16u) {
    let a = merge_square_shared[local];
    let b = merge_square_shared[local + 16u];
    merge_square_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 8u) {
    let a = merge_square_shared[local];
    let b = merge_square_shared[local + 8u];
    merge_square_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 4u) {
    let a = merge_square_shared[local];
    let b = merge_square_shared[local + 4u];
    merge_square_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 2u) {
    let a = merge_square_shared[local];
    let b = merge_square_shared[local + 2u];
    merge_square_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 1u) {
    let a = merge_square_shared[local];
    let b = merge_square_shared[local + 1u];
    merge_square_shared[local] = a + b;
  }
  workgroupBarrier();
  let result = merge_square_shared[local - lane * 1u];
  workgroupBarrier();
  return result;
}

var<workgroup> merge_distance_shared: array<f32, 256>;

fn merge_distance(local: u32, value: f32) -> f32 {
  let lane = local % 256u;
  merge_distance_shared[local] = value;
  workgroupBarrier();
  if (lane < 128u) {
    let a = merge_distance_shared[local];
    let b = merge_distance_shared[local + 128u];
    merge_distance_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 64u) {
    let a = merge_distance_shared[local];
    let b = merge_distance_shared[local + 64u];
    merge_distance_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 32u) {
    let a = merge_distance_shared[local];
    let b = merge_distance_shared[local + 32u];
    merge_distance_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 16u) {
    let a = merge_distance_shared[local];
    let b = merge_distance_shared[local + 16u];
    merge_distance_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 8u) {
    let a = merge_distance_shared[local];
    let b = merge_distance_shared[local + 8u];
    merge_distance_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 4u) {
    let a = merge_distance_shared[local];
    let b = merge_distance_shared[local + 4u];
    merge_distance_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 2u) {
    let a = merge_distance_shared[local];
    let b = merge_distance_shared[local + 2u];
    merge_distance_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 1u) {
    let a = merge_distance_shared[local];
    let b = merge_distance_shared[local + 1u];
    merge_distance_shared[local] = a + b;
  }
  workgroupBarrier();
  let result = merge_distance_shared[local - lane * 1u];
  workgroupBarrier();
  return result;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 64u + group.x;
  if (flat >= 64u) { return; }
  let lane = local % 256u;
  let place = flat / 1u * 1u + local / 256u;
  let o = min(place, 63u);
  let begin = flat % 1u * 784u;
  let first = begin + lane;
  let end = min(begin + 784u, 784u);
  let part = flat % 1u * 64u + o;
  let writes = lane == 0u && place < 64u;
  let start = o * 784u;
  var value = 0.0;
  for (var r = first; r < end; r += 256u) { value = max(value, abs(g[start + r])); }
  let largest = merge_largest(local, value);
  // Divided first: the square of a very small gradient would underflow.
  let scale = select(largest, 1.0, largest == 0.0);
  value = 0.0;
  for (var r = first; r < end; r += 256u) { let part = g[start + r] / scale; value += part * part; }
  let square = merge_square(local, value);
  let factor = select(0.5f / sqrt(square), 0.0, square == 0.0);
  value = 0.0;
  for (var r = first; r < end; r += 256u) { let delta = moved(start + r, scale, factor); value += delta * delta; }
  let length = sqrt(merge_distance(local, value));
  let back = select(1.0, 0.7999991774559021f / length, length > 0.800000011920929f);
  // Invocations beyond the last example repeat it, and must not write.
  let last = select(0u, end, place < 64u);
  for (var r = first; r < last; r += 256u) {
    let i = start + r;
    y[i] = clamp(center[i] + moved(i, scale, factor) * back, 0.0f, 1.0f);
  }
}
