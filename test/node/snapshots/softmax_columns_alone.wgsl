// alone: workgroups 1 1 1, operands 0 1
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

fn start_of(o: u32) -> u32 {
  let k0 = o;
  return k0;
}

fn step_of(r: u32) -> u32 {
  let k0 = r;
  return k0 * 16u;
}

fn merge_largest(local: u32, value: vec4f) -> vec4f { return value; }

fn merge_sum(local: u32, value: vec4f) -> vec4f { return value; }

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let part = (group.y * 1u + group.x) * 16u + local;
  if (part >= 16u) { return; }
  let place = part % 16u;
  let o = place;
  let first = part / 16u * 10u;
  let end = min(first + 10u, 10u);
  let writes = true;
  let start = start_of(o);
  var value = x[start + step_of(min(first, end - 1u))];
  for (var r = first; r < end; r += 1u) { value = max(value, x[start + step_of(r)]); }
  let largest = merge_largest(local, value);
  value = vec4f();
  for (var r = first; r < end; r += 1u) { value += exp(x[start + step_of(r)] - largest); }
  let total = merge_sum(local, value);
  if (place >= 16u) { return; }
  for (var r = first; r < end; r += 1u) {
    let at = start + step_of(r);
    let value = x[at] - largest;
    y[at] = value - log(total);
  }
}
