/**
 * `tapegrad train`: trains a model of the library on known data, with a state to go on from, a log, a
 * curve, and a checkpoint that PyTorch reads.
 *
 * @module
 */
import { fgsm, noise, pgd } from "../../attacks/mod.ts";
import { type Device, type DeviceChoice, openDevice } from "../../backend/mod.ts";
import type { Dataset, TrainTest } from "../../data/mod.ts";
import { describedModel, models, type Module, oneCycle, SGD } from "../../nn/mod.ts";
import { RandomStream } from "../../random.ts";
import { tidy } from "../../scope.ts";
import { renderReport, type Report } from "../../report/mod.ts";
import {
  type AdversarialTraining,
  evaluate,
  fit,
  type FitPosition,
  loadRun,
  saveRun,
  updateBatchNorm,
} from "../../train/mod.ts";
import type { Terminal } from "../terminal.ts";
import { accuracyChart, lossChart } from "./curve.ts";
import { first, loadData } from "../data.ts";
import { type LogLine, RunFolder, STATE } from "./folder.ts";
import { formatRadius } from "../numbers.ts";
import { notesOf, type TrainResult } from "./notes.ts";
import { continuedModel, type Origin, originIn, originOf } from "./origin.ts";
import { checkStart, sizeIn } from "./sizes.ts";
import { checkResume, type RunSettings, settingsOf, type SettingTexts } from "./settings.ts";

/** Batches that the statistics of batch norm are computed from in the end. */
const NORM_BATCHES = 100;

/** What the parts of the command share. */
interface Run {
  readonly settings: RunSettings;
  /** The checkpoint that it begins with, if it does. */
  readonly origin: Origin | undefined;
  /** Whether it begins, and does not go on. */
  readonly isNew: boolean;
  readonly folder: RunFolder;
  readonly data: TrainTest;
  readonly device: Device;
  readonly saveEvery: number;
  readonly out: Terminal;
  readonly signal: AbortSignal;
}

function wholeOf(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new RangeError(`Cannot train with --${name} ${text}: it must be a whole number >= 1`);
}

/** What this run does, which lies in its folder or may begin there. */
async function planIn(
  texts: SettingTexts,
  folder: RunFolder,
): Promise<Pick<Run, "settings" | "origin">> {
  const known = await folder.settings();
  if (texts["resume"]) {
    checkResume(texts);
    if (known !== undefined) {
      await folder.tidy();
      const bytes = known.from === "" ? undefined : await folder.origin();
      return { settings: known, origin: bytes && originIn(bytes) };
    }
    throw new RangeError(
      `Cannot resume in ${folder.path}: no run lies there, leave --resume out to start one`,
    );
  }
  if (known !== undefined) {
    throw new RangeError(
      `Cannot start a run in ${folder.path}: one lies there already, use --resume to go on with ` +
        "it, or another --out",
    );
  }
  const origin = await originOf(texts["from"] as string | undefined);
  return { settings: settingsOf(texts, origin?.notes), origin };
}

function adversarialOf(settings: RunSettings): AdversarialTraining | undefined {
  const { attack, attackSteps: steps, eps, seed } = settings;
  switch (attack) {
    case "none":
      return undefined;
    case "noise":
      return { attack: noise.with({ eps, seed }), mix: "average" };
    case "fgsm":
      return { attack: fgsm.with({ eps }), mix: "average" };
    case "pgd": {
      // One step of 1.25 eps is what "Fast is better than free" (Wong et al., 2020) found best.
      const stepSize = eps * Math.min(1.25, 2.5 / steps);
      return { attack: pgd.with({ eps, steps, stepSize, seed }), mix: "only" };
    }
  }
}

function modelOf({ model, seed }: RunSettings, data: Dataset, device: Device): Module {
  const [, , channels] = data.imageShape;
  const random = new RandomStream(seed).fork("weights");
  return models[model].create({ random, channels, classes: data.classes.length, device });
}

/** The settings for people; what is not in use is left out. */
function factsOf(settings: RunSettings): Report["facts"] {
  const { attack } = settings;
  const unused = [
    ...attack === "none" ? ["eps"] : [],
    ...attack === "pgd" ? [] : ["attackSteps"],
    ...settings.startSize === 0 ? ["startSize"] : [],
  ];
  return Object.entries(settings).flatMap(([name, value]) => {
    if (value === null || value === "" || unused.includes(name)) return [];
    return [{ name, value: name === "eps" ? formatRadius(settings.eps) : String(value) }];
  });
}

async function drawCurves(folder: RunFolder, settings: RunSettings, lines: readonly LogLine[]) {
  if (lines.length === 0) return;
  const accuracy = accuracyChart(lines), loss = lossChart(lines);
  await folder.save("accuracy.svg", accuracy);
  await folder.save("loss.svg", loss);
  const report: Report = {
    title: `Training of ${settings.model} on ${settings.data}`,
    facts: factsOf(settings),
    sections: [{
      heading: "Curves",
      blocks: [
        { kind: "figure", svg: accuracy, caption: "While training, and on the test images." },
        {
          kind: "figure",
          svg: loss,
          caption: "The loss of training is smoothed where labels are.",
        },
      ],
    }],
  };
  await folder.save("curve.html", renderReport(report));
}

/** Trains, from the saved state if there is one. */
async function train(run: Run): Promise<{ model: Module; steps: number }> {
  const { settings, folder, device, out, signal } = run;
  const training = first(run.data.train, settings.examples ?? Infinity);
  const model = run.origin === undefined
    ? modelOf(settings, training, device)
    : continuedModel(run.origin, settings, training, device);
  checkStart(model, settings, training);
  if (run.isNew) await folder.start(settings, run.origin?.bytes);
  await folder.checkData(run.data.train);
  const { lr, momentum, weightDecay, seed, epochs, batchSize, labelSmoothing } = settings;
  const { averageDecay, crop, flip, cutout } = settings, augment = { seed, crop, flip, cutout };
  const nesterov = momentum > 0;
  const optimizer = new SGD(model.parameters(), {
    lr,
    momentum,
    weightDecay,
    // Neither biases nor what batch norm learns.
    decays: (_name, { shape }) => shape.length > 1,
    nesterov,
    ...averageDecay > 0 && { averageDecay },
  });
  const perEpoch = Math.ceil(training.labels.length / batchSize), steps = perEpoch * epochs;
  const bytes = await folder.state();
  const from = bytes === undefined ? undefined : loadRun(bytes, model, optimizer);
  const lines = await folder.cutLog(from?.step ?? 0);
  if (from !== undefined) out.line(`resume  after ${from.step} of ${steps} steps`);
  const fresh: LogLine[] = [];
  const write = async (): Promise<void> => {
    for (const line of fresh) await folder.log(line);
    lines.push(...fresh.splice(0));
    await drawCurves(folder, settings, lines);
  };
  /** After an epoch: how the model does on the test images. Done once, also by a run that goes on. */
  const judge = async (step: number): Promise<void> => {
    const known = lines.some((line) => line.step === step && line["testLoss"] !== undefined);
    if (step === 0 || step % perEpoch !== 0 || known || signal.aborted) return;
    const [clean] = await evaluate(model, run.data.test, { signal });
    const epoch = step / perEpoch;
    fresh.push({ step, epoch, testLoss: clean!.loss, testAccuracy: clean!.accuracy });
    await write();
  };
  const onPosition = async (position: FitPosition): Promise<void> => {
    await write();
    await folder.save(STATE, await saveRun(model, optimizer, position));
    await judge(position.step);
    await folder.tick();
  };
  await judge(from?.step ?? 0);
  const progress = out.progress("train"), adversarial = adversarialOf(settings);
  await fit(model, training, {
    optimizer,
    epochs,
    batchSize,
    labelSmoothing,
    random: new RandomStream(seed).fork("order"),
    schedule: oneCycle({
      maxLr: lr,
      totalSteps: steps,
      baseMomentum: momentum,
      maxMomentum: momentum,
    }),
    augment: (epoch) => ({ ...augment, size: sizeIn(settings, training, epoch) }),
    ...adversarial === undefined ? {} : { adversarial },
    ...from === undefined ? {} : { from },
    signal,
    positionEvery: run.saveEvery,
    onPosition,
    onProgress: (now) => {
      fresh.push({ step: now.done, epoch: now.done / perEpoch, ...now.figures } as LogLine);
      progress(now);
    },
  });
  if (averageDecay > 0) {
    tidy(() => model.loadStateDict({ ...model.stateDict(), ...optimizer.averages() }));
    await updateBatchNorm(model, training, {
      batchSize,
      batches: NORM_BATCHES,
      random: new RandomStream(seed).fork("norm"),
      augment,
      onProgress: out.progress("train"),
      signal,
    });
  }
  optimizer.dispose();
  return { model, steps };
}

/** Runs the command. */
export async function trainCommand(
  texts: SettingTexts,
  { out, signal }: { readonly out: Terminal; readonly signal: AbortSignal },
): Promise<void> {
  const folder = new RunFolder((texts["out"] as string | undefined) ?? "run");
  const saveEvery = wholeOf("save-every", texts["save-every"] as string | undefined, 100);
  const threads = texts["threads"] === undefined
    ? {}
    : { threads: wholeOf("threads", texts["threads"] as string, 1) };
  const { settings, origin } = await planIn(texts, folder);
  const data = await loadData(settings.data, texts, { out, signal });
  const choice = (texts["device"] ?? "auto") as DeviceChoice;
  const device = await openDevice(choice, threads);
  try {
    if (!texts["json"]) out.line(`device  ${device.backend}: ${device.description}`);
    const isNew = texts["resume"] !== true;
    const run = { settings, origin, isNew, folder, data, device, saveEvery, out, signal };
    const { model, steps } = await train(run);
    const [clean] = await evaluate(model, data.test, { signal });
    const result: TrainResult = {
      ...settings,
      trainExamples: Math.min(data.train.labels.length, settings.examples ?? Infinity),
      steps,
      testExamples: clean!.count,
      testCorrect: clean!.correct,
      testAccuracy: clean!.accuracy,
      seconds: await folder.tick(),
      device: `${device.backend}: ${device.description}`,
      checkpoint: `${folder.path}/model.safetensors`,
    };
    const { imageShape: image, classes } = data.train;
    const description = { model: settings.model, image, classes };
    const bytes = await describedModel(model, description, notesOf(result, origin));
    await folder.save("model.safetensors", bytes);
    await folder.save("result.json", `${JSON.stringify(result, null, 2)}\n`);
    model.dispose();
    out.end();
    out.line(
      texts["json"]
        ? JSON.stringify(result, null, 2)
        : `test    ${(100 * clean!.accuracy).toFixed(2)} % of ${clean!.count} images; ` +
          `the model is in ${result.checkpoint}`,
    );
  } finally {
    out.end();
    device.close();
  }
}
