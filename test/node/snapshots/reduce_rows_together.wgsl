// 256 together: workgroups 512 1 1, operands 0 1
alias T = f32;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

fn start_of(o: u32) -> u32 {
  let k0 = o;
  return k0 * 1000u;
}

fn step_of(r: u32) -> u32 {
  let k0 = r;
  return k0;
}

var<workgroup> merge_shared: array<T, 256>;

fn merge(local: u32, value: T) -> T {
  let lane = local % 256u;
  merge_shared[local] = value;
  workgroupBarrier();
  if (lane < 128u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 128u];
    merge_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 64u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 64u];
    merge_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 32u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 32u];
    merge_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 16u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 16u];
    merge_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 8u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 8u];
    merge_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 4u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 4u];
    merge_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 2u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 2u];
    merge_shared[local] = a + b;
  }
  workgroupBarrier();
  if (lane < 1u) {
    let a = merge_shared[local];
    let b = merge_shared[local + 1u];
    merge_shared[local] = a + b;
  }
  workgroupBarrier();
  let result = merge_shared[local - lane * 1u];
  workgroupBarrier();
  return result;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 512u + group.x;
  if (flat >= 512u) { return; }
  let lane = local % 256u;
  let place = flat / 1u * 1u + local / 256u;
  let o = min(place, 511u);
  let begin = flat % 1u * 1000u;
  let first = begin + lane;
  let end = min(begin + 1000u, 1000u);
  let part = flat % 1u * 512u + o;
  let writes = lane == 0u && place < 512u;
  let start = start_of(o);
  var value = T(0);
  for (var r = first; r < end; r += 256u) {
    let a = value;
    let b = x[start + step_of(r)];
    value = a + b;
  }
  let result = merge(local, value);
  if (writes) { y[part] = result; }
}
