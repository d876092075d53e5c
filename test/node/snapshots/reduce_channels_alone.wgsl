// alone: workgroups 6 1 1, operands 0 2
alias T = vec2f;
@group(0) @binding(0) var<storage, read> x: array<vec2f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec2f>;

fn start_of(o: u32) -> u32 {
  let k0 = o;
  return k0;
}

fn step_of(r: u32) -> u32 {
  let k0 = r;
  return k0 * 3u;
}

fn merge(local: u32, value: vec2f) -> vec2f { return value; }

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let part = (group.y * 6u + group.x) * 16u + local;
  if (part >= 96u) { return; }
  let place = part % 3u;
  let o = place;
  let first = part / 3u * 64u;
  let end = min(first + 64u, 2048u);
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

// alone: workgroups 1 1 1, operands 2 1
alias T = vec2f;
@group(0) @binding(0) var<storage, read_write> x: array<vec2f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec2f>;

fn start_of(o: u32) -> u32 {
  let k0 = o;
  return k0;
}

fn step_of(r: u32) -> u32 {
  let k0 = r;
  return k0 * 3u;
}

fn merge(local: u32, value: vec2f) -> vec2f { return value; }

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let part = (group.y * 1u + group.x) * 16u + local;
  if (part >= 3u) { return; }
  let place = part % 3u;
  let o = place;
  let first = part / 3u * 32u;
  let end = min(first + 32u, 32u);
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
  y[part] = result / 2048.0f;
}
