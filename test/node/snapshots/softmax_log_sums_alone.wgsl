// alone: workgroups 1 1 1, operands 0 1
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

fn merge_largest(local: u32, value: f32) -> f32 { return value; }

fn merge_sum(local: u32, value: f32) -> f32 { return value; }

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let part = (group.y * 1u + group.x) * 16u + local;
  if (part >= 7u) { return; }
  let place = part % 7u;
  let o = place;
  let first = part / 7u * 33u;
  let end = min(first + 33u, 33u);
  let writes = true;
  let start = start_of(o);
  var value = x[start + step_of(min(first, end - 1u))];
  for (var r = first; r < end; r += 1u) { value = max(value, x[start + step_of(r)]); }
  let largest = merge_largest(local, value);
  value = 0.0;
  for (var r = first; r < end; r += 1u) { value += exp(x[start + step_of(r)] - largest); }
  let total = merge_sum(local, value);
  if (writes) { y[part] = largest + log(total); }
}
