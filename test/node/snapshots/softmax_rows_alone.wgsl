// alone: workgroups 32 1 1, operands 0 1
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

fn start_of(o: u32) -> u32 {
  let k0 = o;
  return k0 * 250u;
}

fn step_of(r: u32) -> u32 {
  let k0 = r;
  return k0;
}

fn merge_largest_two(a: f32, b: f32) -> f32 { return max(a, b); }

fn merge_largest(local: u32, value: vec4f) -> f32 { return merge_largest_two(merge_largest_two(merge_largest_two(value.x, value.y), value.z), value.w); }

fn merge_sum_two(a: f32, b: f32) -> f32 { return a + b; }

fn merge_sum(local: u32, value: vec4f) -> f32 { return merge_sum_two(merge_sum_two(merge_sum_two(value.x, value.y), value.z), value.w); }

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let part = (group.y * 32u + group.x) * 16u + local;
  if (part >= 512u) { return; }
  let place = part % 512u;
  let o = place;
  let first = part / 512u * 250u;
  let end = min(first + 250u, 250u);
  let writes = true;
  let start = start_of(o);
  var value = x[start + step_of(min(first, end - 1u))];
  for (var r = first; r < end; r += 1u) { value = max(value, x[start + step_of(r)]); }
  let largest = merge_largest(local, value);
  value = vec4f();
  for (var r = first; r < end; r += 1u) { value += exp(x[start + step_of(r)] - largest); }
  let total = merge_sum(local, value);
  if (place >= 512u) { return; }
  for (var r = first; r < end; r += 1u) {
    let at = start + step_of(r);
    let value = x[at] - largest;
    y[at] = exp(value) / total;
  }
}
