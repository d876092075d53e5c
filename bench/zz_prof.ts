import { openDevice } from "../src/backend/mod.ts";
import { models, SGD } from "../src/nn/mod.ts";
import { RandomStream } from "../src/random.ts";
import { rand, tensor } from "../src/tensor/mod.ts";
import { tidy } from "../src/scope.ts";
import { trainStep } from "../src/train/step.ts";
const [, , name, shapes, b = "128"] = process.argv;
const device = await openDevice("cpu", { threads: 1 } as never) as any;
const t = new Map<string, [number, number]>();
const run = device.run.bind(device);
let on = false;
device.run = (k: any, i: any, p: any, u: any) => {
  const a = performance.now(); const r = run(k, i, p, u); const d = performance.now() - a;
  if (on) { const key = shapes === "1" ? k.name + " " + i.map((x: any) => x.shape.join("x")).join(" ") : k.name; const e = t.get(key) ?? [0, 0]; e[0] += d; e[1]++; t.set(key, e); }
  return r;
};
const batch = Number(b), random = new RandomStream(1), { create, input } = (models as any)[name!];
const model = create({ random, device }); model.train();
const images = rand([batch, ...input], { random, device });
const labels = tensor(Int32Array.from({ length: batch }, (_, i) => i % 10), { device });
const ids = tensor(Int32Array.from({ length: batch }, (_, i) => i), { device });
const opt = new SGD(model.parameters(), { lr: 0.01 });
const step = () => tidy(() => void trainStep(model, opt, { images, labels, ids, size: batch }, {}));
step(); on = true; const a = performance.now(); step(); step();
console.log(device.description, (performance.now() - a) / 2);
for (const [k, [ms, n]] of [...t].sort((p, q) => q[1][0] - p[1][0]).slice(0, 40)) console.log((ms / 2).toFixed(1).padStart(8), String(n / 2).padStart(5), k);
