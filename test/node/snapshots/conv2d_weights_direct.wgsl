// direct 4x4: workgroups 11 1 1, operands 0 1 4
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> g: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> parts: array<vec4f>;

// How many windows have this tap at a place before the padded place.
fn windows_before(place: u32, tap: u32) -> u32 {
  if (place <= tap) { return 0u; }
  return (place - tap + 1u) / 2u;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * 11u + group.x) * 64u + local;
  if (i >= 684u) { return; }
  
  if (i >= 648u) {
    let column = i % 3u;
    let split = (i - 648u) / 3u;
    var sum = vec4f();
    let last = min((split + 1u) * 1u, 12u);
    for (var unit = split * 1u; unit < last; unit++) {
      let start = unit % 1u * 4u;
      let line = unit / 1u * 4u;
      for (var ow = start; ow < min(start + 4u, 4u); ow++) {
        sum += g[(line + ow) * 3u + column];
      }
    }
    parts[split * 219u + 216u + column] = sum;
    return;
  }
  
  let column = i % 3u * 1u;
  let row = i / 3u % 2u * 1u;
  let tap = i / 6u % 9u;
  let split = i / 54u;
  let down = tap / 3u * 1u;
  let right = tap % 3u * 1u;
  let low = windows_before(1u, right);
  let high = windows_before(8u, right);
  let channel = column * 4u / 12u * 2u + row;
  var sum0_0 = vec4f();
  var sum1_0 = vec4f();
  var sum2_0 = vec4f();
  var sum3_0 = vec4f();
  let last = min((split + 1u) * 1u, 12u);
  for (var unit = split * 1u; unit < last; unit++) {
    let line = unit / 1u;
    // Above the image h wraps around to a huge number.
    let h = line % 4u * 2u + down - 1u;
    if (h >= 8u) { continue; }
    let start = unit % 1u * 4u;
    let image = (line / 4u * 8u + h) * 7u;
    let end = min(min(high, start + 4u), 4u);
    for (var ow = max(low, start); ow < end; ow++) {
      let w = ow * 2u + right - 1u;
      let at_x = (image + w) * 2u + channel;
      let at_g = (line * 4u + ow) * 3u + column;
      let x0 = x[at_x + 0u];
      let g0 = g[at_g + 0u];
      sum0_0 += x0.x * g0;
      sum1_0 += x0.y * g0;
      sum2_0 += x0.z * g0;
      sum3_0 += x0.w * g0;
    }
  }
  let result = split * 219u + (tap * 2u + row) * 12u + column;
  parts[result + 0u] = sum0_0;
  parts[result + 3u] = sum1_0;
  parts[result + 6u] = sum2_0;
  parts[result + 9u] = sum3_0;
}

// direct 4x4: workgroups 4 1 1, operands 4 2 3
@group(0) @binding(0) var<storage, read_write> parts: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums0: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums1: array<f32>;
fn epilogue(at: u32, value: f32) -> f32 { return value; }

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * 4u + group.x;
  if (flat >= 4u) { return; }
  var segment = 0u; var first = 0u; var lanes = 1u;
  var splits = 0u; var size = 0u; var start = 0u;
  if (flat < 4u) {
    segment = 0u; first = 0u; lanes = 1u;
    splits = 12u; size = 876u; start = 0u;
  }
  let columns = 256u / lanes;
  let lane = local / columns;
  let o = (flat - first) * columns + local % columns;
  var sum = 0.0;
  if (o < size) {
    for (var r = lane; r < splits; r += lanes) { sum += parts[start + r * size + o]; }
  }
  
  if (lane > 0u || o >= size) { return; }
  if (segment == 0u) {
    if (o < 864u) { sums0[0u + o] = epilogue(o, sum); } else { sums1[4294966432u + o] = sum; }
  }
}
