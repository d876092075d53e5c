// alone: workgroups 63 1 1, operands 0 2
alias T = vec4f;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

fn start_of(o: u32) -> u32 {
  let k0 = o;
  return k0;
}

fn step_of(r: u32) -> u32 {
  let k0 = r;
  return k0 * 250u;
}

fn merge(local: u32, value: vec4f) -> vec4f { return value; }

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let part = (group.y * 63u + group.x) * 16u + local;
  if (part >= 1000u) { return; }
  let place = part % 250u;
  let o = place;
  let first = part / 250u * 128u;
  let end = min(first + 128u, 512u);
  let writes = true;
  let start = start_of(o);
  var value = x[start + step_of(first)];
  for (var block = first; block < end; block += 64u) {
    let stop = min(block + 64u, end);
    var own = x[start + step_of(block)];
    var r = block;
    for (; r + 3u < stop; r += 4u) { own = max(own, max(max(x[start + step_of(r)], x[start + step_of(r + 1u)]), max(x[start + step_of(r + 2u)], x[start + step_of(r + 3u)]))); }
    for (; r < stop; r++) { own = max(own, x[start + step_of(r)]); }
    value = max(value, own);
  }
  let result = merge(local, value);
  y[part] = result;
}

// alone: workgroups 16 1 1, operands 2 1
alias T = vec4f;
@group(0) @binding(0) var<storage, read_write> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

fn start_of(o: u32) -> u32 {
  let k0 = o;
  return k0;
}

fn step_of(r: u32) -> u32 {
  let k0 = r;
  return k0 * 250u;
}

fn merge(local: u32, value: vec4f) -> vec4f { return value; }

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let part = (group.y * 16u + group.x) * 16u + local;
  if (part >= 250u) { return; }
  let place = part % 250u;
  let o = place;
  let first = part / 250u * 4u;
  let end = min(first + 4u, 4u);
  let writes = true;
  let start = start_of(o);
  var value = x[start + step_of(first)];
  for (var block = first; block < end; block += 64u) {
    let stop = min(block + 64u, end);
    var own = x[start + step_of(block)];
    var r = block;
    for (; r + 3u < stop; r += 4u) { own = max(own, max(max(x[start + step_of(r)], x[start + step_of(r + 1u)]), max(x[start + step_of(r + 2u)], x[start + step_of(r + 3u)]))); }
    for (; r < stop; r++) { own = max(own, x[start + step_of(r)]); }
    value = max(value, own);
  }
  let result = merge(local, value);
  y[part] = result;
}
