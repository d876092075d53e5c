// direct 1x4: workgroups 6 1 1, operands 0 1 2
@group(0) @binding(0) var<storage, read> g: array<vec4f>;
@group(0) @binding(1) var<storage, read> w: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;
fn epilogue(at: u32, value: f32) -> f32 { return value; }

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * 6u + group.x) * 64u + local;
  if (i >= 384u) { return; }
  let column = i % 2u * 1u;
  let block = i / 2u % 4u;
  let row = i / 8u % 4u;
  let n = i / 32u % 3u;
  let phase = i / 96u;
  let h = row * 2u + phase / 2u;
  let left = block * 2u + phase % 2u;
  if (h >= 8u || left >= 7u) { return; }
  let residue_h = (h + 1u) % 2u;
  let residue_w = (left + 1u) % 2u;
  let channel = column * 4u / 8u * 3u;
  let ci = column * 4u % 8u;
  var sum0_0 = vec4f();
  for (var kh = residue_h / 1u * 1u % 2u; kh < 3u; kh += 2u) {
    let oh = (i32(h + 1u) - i32(kh * 1u)) / 2;
    if (oh < 0 || oh >= 4) { continue; }
    let line = (n * 4u + u32(oh)) * 4u;
    for (var kw = residue_w / 1u * 1u % 2u; kw < 3u; kw += 2u) {
      let ow = (i32(left + 1u) - i32(kw * 1u)) / 2;
      let weights = ((kh * 3u + kw) * 8u + ci) * 3u + channel;
      let inside0 = ow + 0 >= 0 && ow + 0 < 4;
      let place0 = (line + u32(ow + 0)) * 3u + channel;
      let at0 = select(0u, place0, inside0);
      for (var co = 0u; co < 3u; co++) {
        let w0 = w[weights + 0u + co];
        let w1 = w[weights + 3u + co];
        let w2 = w[weights + 6u + co];
        let w3 = w[weights + 9u + co];
        let g0 = select(vec4f(), g[at0 + co], inside0);
        sum0_0 += vec4f(dot(g0, w0), dot(g0, w1), dot(g0, w2), dot(g0, w3));
      }
    }
  }
  let result = ((n * 8u + h) * 7u + left) * 2u + column;
  if (left + 0u < 7u) {
    let to0 = result + 0u;
    dx[to0 + 0u] = vec4f(epilogue((to0 + 0u) * 4u + 0u, sum0_0.x), epilogue((to0 + 0u) * 4u + 1u, sum0_0.y), epilogue((to0 + 0u) * 4u + 2u, sum0_0.z), epilogue((to0 + 0u) * 4u + 3u, sum0_0.w));
  }
}
