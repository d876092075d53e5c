// alone: workgroups 4 1 1, operands 0 1 2 3
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> g: array<f32>;
@group(0) @binding(2) var<storage, read> center: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn moved(i: u32, scale: f32, factor: f32) -> f32 {
  return x[i] + g[i] / scale * factor - center[i];
}

fn merge_largest(local: u32, value: f32) -> f32 { return value; }

fn merge_square(local: u32, value: f32) -> f32 { return value; }

fn merge_distance(local: u32, value: f32) -> f32 { return value; }

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let part = (group.y * 4u + group.x) * 16u + local;
  if (part >= 64u) { return; }
  let place = part % 64u;
  let o = place;
  let first = part / 64u * 784u;
  let end = min(first + 784u, 784u);
  let writes = true;
  let start = o * 784u;
  var value = 0.0;
  for (var r = first; r < end; r += 1u) { value = max(value, abs(g[start + r])); }
  let largest = merge_largest(local, value);
  // Divided first: the square of a very small gradient would underflow.
  let scale = select(largest, 1.0, largest == 0.0);
  value = 0.0;
  for (var r = first; r < end; r += 1u) { let part = g[start + r] / scale; value += part * part; }
  let square = merge_square(local, value);
  let factor = select(0.5f / sqrt(square), 0.0, square == 0.0);
  value = 0.0;
  for (var r = first; r < end; r += 1u) { let delta = moved(start + r, scale, factor); value += delta * delta; }
  let length = sqrt(merge_distance(local, value));
  let back = select(1.0, 0.7999991774559021f / length, length > 0.800000011920929f);
  // Invocations beyond the last example repeat it, and must not write.
  let last = select(0u, end, place < 64u);
  for (var r = first; r < last; r += 1u) {
    let i = start + r;
    y[i] = clamp(center[i] + moved(i, scale, factor) * back, 0.0f, 1.0f);
  }
}
