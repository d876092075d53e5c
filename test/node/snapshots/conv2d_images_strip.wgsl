// direct 5x4: workgroups 18 1 1, operands 0 1 2
@group(0) @binding(0) var<storage, read> g: array<vec4f>;
@group(0) @binding(1) var<storage, read> w: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;
fn epilogue(at: u32, value: f32) -> f32 { return value; }

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * 18u + group.x) * 64u + local;
  if (i >= 1152u) { return; }
  let column = i % 1u * 1u;
  let first = i / 1u % 2u * 5u;
  let line = i / 2u;
  let channel = column * 4u / 4u * 1u;
  let ci = column * 4u % 4u;
  let image = line / 9u * 9u;
  let bottom = line % 9u + 1u;
  let left = first + 1u - 2u;
  var sum0_0 = vec4f();
  var sum1_0 = vec4f();
  var sum2_0 = vec4f();
  var sum3_0 = vec4f();
  var sum4_0 = vec4f();
  for (var kh = 0u; kh < 3u; kh++) {
    let row = bottom - kh * 1u;
    if (row >= 9u) { continue; }
    let start = ((image + row) * 10u + left) * 1u + channel;
    let inside0 = left + 0u < 10u;
    let at0 = select(0u, start + 0u, inside0);
    let inside1 = left + 1u < 10u;
    let at1 = select(0u, start + 1u, inside1);
    let inside2 = left + 2u < 10u;
    let at2 = select(0u, start + 2u, inside2);
    let inside3 = left + 3u < 10u;
    let at3 = select(0u, start + 3u, inside3);
    let inside4 = left + 4u < 10u;
    let at4 = select(0u, start + 4u, inside4);
    let inside5 = left + 5u < 10u;
    let at5 = select(0u, start + 5u, inside5);
    let inside6 = left + 6u < 10u;
    let at6 = select(0u, start + 6u, inside6);
    for (var co = 0u; co < 1u; co++) {
      let g0 = select(vec4f(), g[at0 + co], inside0);
      let g1 = select(vec4f(), g[at1 + co], inside1);
      let g2 = select(vec4f(), g[at2 + co], inside2);
      let g3 = select(vec4f(), g[at3 + co], inside3);
      let g4 = select(vec4f(), g[at4 + co], inside4);
      let g5 = select(vec4f(), g[at5 + co], inside5);
      let g6 = select(vec4f(), g[at6 + co], inside6);
      {
        let weights = ((kh * 3u + 0u) * 4u + ci) * 1u + channel + co;
        let w0 = w[weights + 0u];
        let w1 = w[weights + 1u];
        let w2 = w[weights + 2u];
        let w3 = w[weights + 3u];
        sum0_0 += vec4f(dot(g2, w0), dot(g2, w1), dot(g2, w2), dot(g2, w3));
        sum1_0 += vec4f(dot(g3, w0), dot(g3, w1), dot(g3, w2), dot(g3, w3));
        sum2_0 += vec4f(dot(g4, w0), dot(g4, w1), dot(g4, w2), dot(g4, w3));
        sum3_0 += vec4f(dot(g5, w0), dot(g5, w1), dot(g5, w2), dot(g5, w3));
        sum4_0 += vec4f(dot(g6, w0), dot(g6, w1), dot(g6, w2), dot(g6, w3));
      }
      {
        let weights = ((kh * 3u + 1u) * 4u + ci) * 1u + channel + co;
        let w0 = w[weights + 0u];
        let w1 = w[weights + 1u];
        let w2 = w[weights + 2u];
        let w3 = w[weights + 3u];
        sum0_0 += vec4f(dot(g1, w0), dot(g1, w1), dot(g1, w2), dot(g1, w3));
        sum1_0 += vec4f(dot(g2, w0), dot(g2, w1), dot(g2, w2), dot(g2, w3));
        sum2_0 += vec4f(dot(g3, w0), dot(g3, w1), dot(g3, w2), dot(g3, w3));
        sum3_0 += vec4f(dot(g4, w0), dot(g4, w1), dot(g4, w2), dot(g4, w3));
        sum4_0 += vec4f(dot(g5, w0), dot(g5, w1), dot(g5, w2), dot(g5, w3));
      }
      {
        let weights = ((kh * 3u + 2u) * 4u + ci) * 1u + channel + co;
        let w0 = w[weights + 0u];
        let w1 = w[weights + 1u];
        let w2 = w[weights + 2u];
        let w3 = w[weights + 3u];
        sum0_0 += vec4f(dot(g0, w0), dot(g0, w1), dot(g0, w2), dot(g0, w3));
        sum1_0 += vec4f(dot(g1, w0), dot(g1, w1), dot(g1, w2), dot(g1, w3));
        sum2_0 += vec4f(dot(g2, w0), dot(g2, w1), dot(g2, w2), dot(g2, w3));
        sum3_0 += vec4f(dot(g3, w0), dot(g3, w1), dot(g3, w2), dot(g3, w3));
        sum4_0 += vec4f(dot(g4, w0), dot(g4, w1), dot(g4, w2), dot(g4, w3));
      }
    }
  }
  let result = (line * 10u + first) * 1u + column;
  if (first + 0u < 10u) {
    let to0 = result + 0u;
    dx[to0 + 0u] = vec4f(epilogue((to0 + 0u) * 4u + 0u, sum0_0.x), epilogue((to0 + 0u) * 4u + 1u, sum0_0.y), epilogue((to0 + 0u) * 4u + 2u, sum0_0.z), epilogue((to0 + 0u) * 4u + 3u, sum0_0.w));
  }
  if (first + 1u < 10u) {
    let to1 = result + 1u;
    dx[to1 + 0u] = vec4f(epilogue((to1 + 0u) * 4u + 0u, sum1_0.x), epilogue((to1 + 0u) * 4u + 1u, sum1_0.y), epilogue((to1 + 0u) * 4u + 2u, sum1_0.z), epilogue((to1 + 0u) * 4u + 3u, sum1_0.w));
  }
  if (first + 2u < 10u) {
    let to2 = result + 2u;
    dx[to2 + 0u] = vec4f(epilogue((to2 + 0u) * 4u + 0u, sum2_0.x), epilogue((to2 + 0u) * 4u + 1u, sum2_0.y), epilogue((to2 + 0u) * 4u + 2u, sum2_0.z), epilogue((to2 + 0u) * 4u + 3u, sum2_0.w));
  }
  if (first + 3u < 10u) {
    let to3 = result + 3u;
    dx[to3 + 0u] = vec4f(epilogue((to3 + 0u) * 4u + 0u, sum3_0.x), epilogue((to3 + 0u) * 4u + 1u, sum3_0.y), epilogue((to3 + 0u) * 4u + 2u, sum3_0.z), epilogue((to3 + 0u) * 4u + 3u, sum3_0.w));
  }
  if (first + 4u < 10u) {
    let to4 = result + 4u;
    dx[to4 + 0u] = vec4f(epilogue((to4 + 0u) * 4u + 0u, sum4_0.x), epilogue((to4 + 0u) * 4u + 1u, sum4_0.y), epilogue((to4 + 0u) * 4u + 2u, sum4_0.z), epilogue((to4 + 0u) * 4u + 3u, sum4_0.w));
  }
}
