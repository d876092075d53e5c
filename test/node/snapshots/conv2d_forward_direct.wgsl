// direct 1x4: workgroups 3 1 1, operands 0 1 2
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> w: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
fn epilogue(at: u32, value: f32) -> f32 { return value; }

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * 3u + group.x) * 64u + local;
  if (i >= 144u) { return; }
  let column = i % 3u * 1u;
  let first = i / 3u * 1u;
  let channel = column * 4u / 12u * 2u;
  let pixel0 = min(first + 0u, 47u);
  let image0 = pixel0 / 16u * 8u;
  let top0 = pixel0 / 4u % 4u * 2u - 1u;
  let left0 = pixel0 % 4u * 2u - 1u;
  var sum0_0 = vec4f();
  for (var kh = 0u; kh < 3u; kh++) {
    for (var kw = 0u; kw < 3u; kw++) {
      let row0 = top0 + kh * 1u;
      let column0 = left0 + kw * 1u;
      let inside0 = row0 < 8u && column0 < 7u;
      let place0 = (image0 + row0) * 7u + column0;
      let at0 = select(0u, place0 * 2u + channel, inside0);
      let weights = (kh * 3u + kw) * 24u + column;
      for (var ci = 0u; ci < 2u; ci++) {
        let start = weights + ci * 12u;
        let w0_0 = w[start + 0u];
        let w1_0 = w[start + 3u];
        let w2_0 = w[start + 6u];
        let w3_0 = w[start + 9u];
        let x0 = select(vec4f(), x[at0 + ci], inside0);
        sum0_0 += x0.x * w0_0;
        sum0_0 += x0.y * w1_0;
        sum0_0 += x0.z * w2_0;
        sum0_0 += x0.w * w3_0;
      }
    }
  }
  if (first + 0u < 48u) {
    let to0 = pixel0 * 3u + column;
    y[to0 + 0u] = vec4f(epilogue((to0 + 0u) * 4u + 0u, sum0_0.x), epilogue((to0 + 0u) * 4u + 1u, sum0_0.y), epilogue((to0 + 0u) * 4u + 2u, sum0_0.z), epilogue((to0 + 0u) * 4u + 3u, sum0_0.w));
  }
}
