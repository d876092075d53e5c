// alone: workgroups 64 1 1, operands 0 2
alias T = vec4f;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

fn start_of(o: u32) -> u32 {
  let k0 = o;
  return k0 * 250u;
}

fn step_of(r: u32) -> u32 {
  let k0 = r;
  return k0;
}

fn merge_two(a: f32, b: f32) -> f32 { return (a + b); }

fn merge(local: u32, value: vec4f) -> f32 { return merge_two(merge_two(merge_two(value.x, value.y), value.z), value.w); }

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let part = (group.y * 64u + group.x) * 16u + local;
  if (part >= 1024u) { return; }
  let place = part % 512u;
  let o = place;
  let first = part / 512u * 125u;
  let end = min(first + 125u, 250u);
  let writes = true;
  let start = start_of(o);
  var value = T(0);
  for (var block = first; block < end; block += 64u) {
    let stop = min(block + 64u, end);
    var own = T(0);
    var r = block;
    for (; r + 3u < stop; r += 4u) { own = (own + ((x[start + step_of(r)] + x[start + step_of(r + 1u)]) + (x[start + step_of(r + 2u)] + x[start + step_of(r + 3u)]))); }
    for (; r < stop; r++) { own = (own + x[start + step_of(r)]); }
    value = (value + own);
  }
  let result = merge(local, value);
  y[part] = result;
}

// alone: workgroups 8 1 1, operands 2 1
alias T = vec4f;
@group(0) @binding(0) var<storage, read_write> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

fn start_of(o: u32) -> u32 {
  let k0 = o;
  return k0;
}

fn step_of(r: u32) -> u32 {
  let k0 = r;
  return k0 * 128u;
}

fn merge(local: u32, value: vec4f) -> vec4f { return value; }

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let part = (group.y * 8u + group.x) * 16u + local;
  if (part >= 128u) { return; }
  let place = part % 128u;
  let o = place;
  let first = part / 128u * 2u;
  let end = min(first + 2u, 2u);
  let writes = true;
  let start = start_of(o);
  var value = T(0);
  for (var block = first; block < end; block += 64u) {
    let stop = min(block + 64u, end);
    var own = T(0);
    var r = block;
    for (; r + 3u < stop; r += 4u) { own = (own + ((x[start + step_of(r)] + x[start + step_of(r + 1u)]) + (x[start + step_of(r + 2u)] + x[start + step_of(r + 3u)]))); }
    for (; r < stop; r++) { own = (own + x[start + step_of(r)]); }
    value = (value + own);
  }
  let result = merge(local, value);
  y[part] = result;
}
