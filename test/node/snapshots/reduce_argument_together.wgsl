// 4 together: workgroups 4 1 1, operands 0 1
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

var<workgroup> merge_shared: array<Candidate, 64>;

fn merge(local: u32, value: Candidate) -> Candidate {
  let lane = local % 4u;
  merge_shared[local] = value;
  workgroupBarrier();
  if (lane < 2u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 2u];
    merge_shared[local] = first_best(a, b);
  }
  workgroupBarrier();
  if (lane < 1u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 1u];
    merge_shared[local] = first_best(a, b);
  }
  workgroupBarrier();
  let result = merge_shared[local - lane * 1u];
  workgroupBarrier();
  return result;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 4u + group.x;
  if (flat >= 4u) { return; }
  let lane = local % 4u;
  let place = flat / 1u * 16u + local / 4u;
  let o = min(place, 63u);
  let begin = flat % 1u * 10u;
  let first = begin + lane;
  let end = min(begin + 10u, 10u);
  let part = flat % 1u * 64u + o;
  let writes = lane == 0u && place < 64u;
  var best = candidate(o, min(first, end - 1u));
  for (var r = first; r < end; r += 4u) {
    best = first_best(best, candidate(o, r));
  }
  let result = merge(local, best);
  if (writes) { y[part] = i32(result.at); }
}
