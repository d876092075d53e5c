// direct 5x4: workgroups 18 1 1, operands 0 1 2
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> w: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
fn epilogue(at: u32, value: f32) -> f32 { return value; }

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * 18u + group.x) * 64u + local;
  if (i >= 1152u) { return; }
  let column = i % 1u * 1u;
  let first = i / 1u % 2u * 5u;
  let line = i / 2u;
  let channel = column * 4u / 4u * 1u;
  let image = line / 9u * 9u;
  let top = line % 9u * 1u - 1u;
  let left = first * 1u - 1u;
  var sum0_0 = vec4f();
  var sum1_0 = vec4f();
  var sum2_0 = vec4f();
  var sum3_0 = vec4f();
  var sum4_0 = vec4f();
  for (var kh = 0u; kh < 3u; kh++) {
    let row = top + kh * 1u;
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
    for (var ci = 0u; ci < 1u; ci++) {
      let x0 = select(vec4f(), x[at0 + ci], inside0);
      let x1 = select(vec4f(), x[at1 + ci], inside1);
      let x2 = select(vec4f(), x[at2 + ci], inside2);
      let x3 = select(vec4f(), x[at3 + ci], inside3);
      let x4 = select(vec4f(), x[at4 + ci], inside4);
      let x5 = select(vec4f(), x[at5 + ci], inside5);
      let x6 = select(vec4f(), x[at6 + ci], inside6);
      {
        let weights = ((kh * 3u + 0u) * 4u + ci * 4u + 0u) * 1u + column;
        let w0 = w[weights + 0u];
        sum0_0 += x0.x * w0;
        sum1_0 += x1.x * w0;
        sum2_0 += x2.x * w0;
        sum3_0 += x3.x * w0;
        sum4_0 += x4.x * w0;
      }
      {
        let weights = ((kh * 3u + 0u) * 4u + ci * 4u + 1u) * 1u + column;
        let w0 = w[weights + 0u];
        sum0_0 += x0.y * w0;
        sum1_0 += x1.y * w0;
        sum2_0 += x2.y * w0;
        sum3_0 += x3.y * w0;
        sum4_0 += x4.y * w0;
      }
      {
        let weights = ((kh * 3u + 0u) * 4u + ci * 4u + 2u) * 1u + column;
        let w0 = w[weights + 0u];
        sum0_0 += x0.z * w0;
        sum1_0 += x1.z * w0;
        sum2_0 += x2.z * w0;
        sum3_0 += x3.z * w0;
        sum4_0 += x4.z * w0;
      }
      {
        let weights = ((kh * 3u + 0u) * 4u + ci * 4u + 3u) * 1u + column;
        let w0 = w[weights + 0u];
        sum0_0 += x0.w * w0;
        sum1_0 += x1.w * w0;
        sum2_0 += x2.w * w0;
        sum3_0 += x3.w * w0;
        sum4_0 += x4.w * w0;
      }
      {
        let weights = ((kh * 3u + 1u) * 4u + ci * 4u + 0u) * 1u + column;
        let w0 = w[weights + 0u];
        sum0_0 += x1.x * w0;
        sum1_0 += x2.x * w0;
        sum2_0 += x3.x * w0;
        sum3_0 += x4.x * w0;
        sum4_0 += x5.x * w0;
      }
      {
        let weights = ((kh * 3u + 1u) * 4u + ci * 4u + 1u) * 1u + column;
        let w0 = w[weights + 0u];
        sum0_0 += x1.y * w0;
        sum1_0 += x2.y * w0;
        sum2_0 += x3.y * w0;
        sum3_0 += x4.y * w0;
        sum4_0 += x5.y * w0;
      }
      {
        let weights = ((kh * 3u + 1u) * 4u + ci * 4u + 2u) * 1u + column;
        let w0 = w[weights + 0u];
        sum0_0 += x1.z * w0;
        sum1_0 += x2.z * w0;
        sum2_0 += x3.z * w0;
        sum3_0 += x4.z * w0;
        sum4_0 += x5.z * w0;
      }
      {
        let weights = ((kh * 3u + 1u) * 4u + ci * 4u + 3u) * 1u + column;
        let w0 = w[weights + 0u];
        sum0_0 += x1.w * w0;
        sum1_0 += x2.w * w0;
        sum2_0 += x3.w * w0;
        sum3_0 += x4.w * w0;
        sum4_0 += x5.w * w0;
      }
      {
        let weights = ((kh * 3u + 2u) * 4u + ci * 4u + 0u) * 1u + column;
        let w0 = w[weights + 0u];
        sum0_0 += x2.x * w0;
        sum1_0 += x3.x * w0;
        sum2_0 += x4.x * w0;
        sum3_0 += x5.x * w0;
        sum4_0 += x6.x * w0;
      }
      {
        let weights = ((kh * 3u + 2u) * 4u + ci * 4u + 1u) * 1u + column;
        let w0 = w[weights + 0u];
        sum0_0 += x2.y * w0;
        sum1_0 += x3.y * w0;
        sum2_0 += x4.y * w0;
        sum3_0 += x5.y * w0;
        sum4_0 += x6.y * w0;
      }
      {
        let weights = ((kh * 3u + 2u) * 4u + ci * 4u + 2u) * 1u + column;
        let w0 = w[weights + 0u];
        sum0_0 += x2.z * w0;
        sum1_0 += x3.z * w0;
        sum2_0 += x4.z * w0;
        sum3_0 += x5.z * w0;
        sum4_0 += x6.z * w0;
      }
      {
        let weights = ((kh * 3u + 2u) * 4u + ci * 4u + 3u) * 1u + column;
        let w0 = w[weights + 0u];
        sum0_0 += x2.w * w0;
        sum1_0 += x3.w * w0;
        sum2_0 += x4.w * w0;
        sum3_0 += x5.w * w0;
        sum4_0 += x6.w * w0;
      }
    }
  }
  let result = (line * 10u + first) * 1u + column;
  if (first + 0u < 10u) {
    let to0 = result + 0u;
    y[to0 + 0u] = vec4f(epilogue((to0 + 0u) * 4u + 0u, sum0_0.x), epilogue((to0 + 0u) * 4u + 1u, sum0_0.y), epilogue((to0 + 0u) * 4u + 2u, sum0_0.z), epilogue((to0 + 0u) * 4u + 3u, sum0_0.w));
  }
  if (first + 1u < 10u) {
    let to1 = result + 1u;
    y[to1 + 0u] = vec4f(epilogue((to1 + 0u) * 4u + 0u, sum1_0.x), epilogue((to1 + 0u) * 4u + 1u, sum1_0.y), epilogue((to1 + 0u) * 4u + 2u, sum1_0.z), epilogue((to1 + 0u) * 4u + 3u, sum1_0.w));
  }
  if (first + 2u < 10u) {
    let to2 = result + 2u;
    y[to2 + 0u] = vec4f(epilogue((to2 + 0u) * 4u + 0u, sum2_0.x), epilogue((to2 + 0u) * 4u + 1u, sum2_0.y), epilogue((to2 + 0u) * 4u + 2u, sum2_0.z), epilogue((to2 + 0u) * 4u + 3u, sum2_0.w));
  }
  if (first + 3u < 10u) {
    let to3 = result + 3u;
    y[to3 + 0u] = vec4f(epilogue((to3 + 0u) * 4u + 0u, sum3_0.x), epilogue((to3 + 0u) * 4u + 1u, sum3_0.y), epilogue((to3 + 0u) * 4u + 2u, sum3_0.z), epilogue((to3 + 0u) * 4u + 3u, sum3_0.w));
  }
  if (first + 4u < 10u) {
    let to4 = result + 4u;
    y[to4 + 0u] = vec4f(epilogue((to4 + 0u) * 4u + 0u, sum4_0.x), epilogue((to4 + 0u) * 4u + 1u, sum4_0.y), epilogue((to4 + 0u) * 4u + 2u, sum4_0.z), epilogue((to4 + 0u) * 4u + 3u, sum4_0.w));
  }
}
