/**
 * Evaluation: loss and accuracy over a dataset, on clean images and with every batch replaced by
 * adversarial ones.
 *
 * @module
 */
import {
  type AttackResult,
  predict,
  type Predictions,
  type SettledAttack,
} from "../attacks/mod.ts";
import { type Batch, batches, type Dataset } from "../data/mod.ts";
import type { Module } from "../nn/mod.ts";
import { keep } from "../scope.ts";
import { Captures } from "../tensor/mod.ts";
import type { OnProgress } from "./progress.ts";

/** How to evaluate. */
export interface EvaluateOptions {
  /** Attacks to compare; clean images always come first. Default: none. */
  readonly attacks?: readonly SettledAttack[];
  /** Examples per batch; does not change the result. Default 128. */
  readonly batchSize?: number;
  /** Receives progress after every batch. */
  readonly onProgress?: OnProgress;
  /**
   * Capture the steps, see `capture`: faster, and equal bit for bit. Default true; false for models
   * that do not compute the same way for every batch.
   */
  readonly capture?: boolean;
  /** Stops between two batches. */
  readonly signal?: AbortSignal;
}

/** Figures of one row: clean, or one attack. */
export interface Evaluation {
  /** "clean", or the attack's title. */
  readonly title: string;
  /** Undefined for clean images. */
  readonly attack: SettledAttack | undefined;
  /** Examples that count. */
  readonly count: number;
  /** Examples predicted as their true label. */
  readonly correct: number;
  /** correct / count. */
  readonly accuracy: number;
  /** Mean cross-entropy of the true label, in nats. */
  readonly loss: number;
  /** Share of counted examples where the attack reached its goal; 1 - accuracy when untargeted. */
  readonly successRate: number;
  /** Mean length of the change. */
  readonly distance: { readonly linf: number; readonly l2: number };
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? NaN : values.reduce((sum, value) => sum + value, 0) / values.length;

/** What a row needs to know of a batch. */
interface Judged {
  readonly after: Predictions;
  readonly counted?: readonly boolean[];
  readonly success?: readonly boolean[];
  readonly distance?: AttackResult["distance"];
}

/** One attack, or none, and its captured steps. */
interface Row {
  readonly attack: SettledAttack | undefined;
  readonly captures: Captures | undefined;
}

async function judgeBatch(
  model: Module,
  { images, labels, ids }: Batch,
  truth: Uint8Array,
  { attack, captures }: Row,
): Promise<Judged> {
  if (attack === undefined) return { after: await predict(model, images, truth, captures) };
  const how = captures === undefined ? { ids } : { ids, captures };
  const result = await attack.run(model, images, labels, how);
  result.images.dispose();
  return result;
}

async function evaluateRow(
  model: Module,
  data: Dataset,
  row: Row,
  options: EvaluateOptions & { readonly onExamples: (count: number) => void },
): Promise<Evaluation> {
  const losses: number[] = [], linf: number[] = [], l2: number[] = [];
  let seen = 0, correct = 0, success = 0;
  const [parameter] = model.parameters().values();
  const where = parameter === undefined ? {} : { device: parameter.device };
  for (const batch of batches(data, { batchSize: options.batchSize ?? 128, ...where })) {
    options.signal?.throwIfAborted();
    const truth = data.labels.subarray(seen, seen += batch.size);
    const judged = await judgeBatch(model, batch, truth, row);
    truth.forEach((label, i) => {
      if (judged.counted?.[i] === false) return;
      correct += Number(judged.after.classes[i] === label);
      success += Number(judged.success?.[i] ?? false);
      losses.push(judged.after.loss[i]!);
      linf.push(judged.distance?.linf[i] ?? 0);
      l2.push(judged.distance?.l2[i] ?? 0);
    });
    options.onExamples(batch.size);
  }
  const count = losses.length;
  return {
    title: row.attack?.title ?? "clean",
    attack: row.attack,
    count,
    correct,
    accuracy: correct / count,
    loss: mean(losses),
    successRate: success / count,
    distance: { linf: mean(linf), l2: mean(l2) },
  };
}

/**
 * Loss and accuracy of a model on a dataset: the first row on clean images, then one per attack.
 * The model is left as it was.
 *
 * @example
 * ```ts
 * import { evaluate, fgsm, RandomStream, smallCnn } from "tapegrad";
 * import type { Dataset } from "tapegrad";
 * async function compare(data: Dataset) {
 *   const model = smallCnn({ random: new RandomStream(1) });
 *   const attacks = [0.05, 0.1].map((eps) => fgsm.with({ eps }));
 *   const [clean, weak, strong] = await evaluate(model, data, { attacks });
 *   return { clean, weak, strong };
 * }
 * ```
 */
export async function evaluate(
  model: Module,
  data: Dataset,
  options: EvaluateOptions = {},
): Promise<Evaluation[]> {
  const rows = [undefined, ...(options.attacks ?? [])];
  const total = rows.length * data.labels.length;
  const results: Evaluation[] = [];
  let done = 0;
  for (const attack of rows) {
    const label = attack?.title ?? "clean";
    const onExamples = (count: number) => {
      done += count;
      options.onProgress?.({ label, done, total, figures: {} });
    };
    const captures = options.capture === false ? undefined : keep(new Captures());
    try {
      const row = { attack, captures };
      results.push(await evaluateRow(model, data, row, { ...options, onExamples }));
    } finally {
      captures?.dispose();
    }
  }
  return results;
}
