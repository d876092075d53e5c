// alone: workgroups 4 1 1, operands 0 1
alias T = f32;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<i32>;

struct Candidate { value: T, at: u32 }

fn start_of(o: u32) -> u32 {
  let k0 = o;
  return k0 * 10u;
}

fn step_of(r: u32) -> u32 {
  let k0 = r;
  return k0;
}

fn candidate(o: u32, r: u32) -> Candidate {
  let at = r;
  return Candidate(x[start_of(o) + step_of(at)], at);
}

fn first_best(a: Candidate, b: Candidate) -> Candidate {
  if (b.value > a.value || (b.value == a.value && b.at < a.at)) { return b; }
  return a;
}

fn merge(local: u32, value: Candidate) -> Candidate { return value; }

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let part = (group.y * 4u + group.x) * 16u + local;
  if (part >= 64u) { return; }
  let place = part % 64u;
  let o = place;
  let first = part / 64u * 10u;
  let end = min(first + 10u, 10u);
  let writes = true;
  var best = candidate(o, min(first, end - 1u));
  for (var r = first; r < end; r += 1u) {
    best = first_best(best, candidate(o, r));
  }
  let result = merge(local, best);
  if (writes) { y[part] = i32(result.at); }
}
