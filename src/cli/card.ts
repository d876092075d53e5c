/**
 * Cards of models: how a checkpoint was made and what it reaches, as JSON, from which pages for
 * people are made.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { textAt, writeWhole } from "./files.ts";

/** What a model reaches on some images under one attack, or none. */
export interface EvaluateRow {
  readonly title: string;
  readonly count: number;
  readonly correct: number;
  readonly accuracy: number;
  /** Ends of the 95 % interval. */
  readonly interval: readonly [low: number, high: number];
  readonly loss: number;
}

/** What a model reaches on some images. */
export interface CardEvaluation {
  /** Which images. */
  readonly images: string;
  readonly rows: readonly EvaluateRow[];
}

/** A card. */
export interface Card {
  /** Name of the checkpoint. */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  /** The strings of the checkpoint: model, data, recipe, seed, time. */
  readonly notes: Readonly<Record<string, string>>;
  readonly evaluations: readonly CardEvaluation[];
}

/** The card in a file; undefined where there is none. */
async function cardAt(path: string): Promise<Card | undefined> {
  const text = await textAt(path);
  try {
    return text === undefined ? undefined : JSON.parse(text) as Card;
  } catch {
    throw new Error(`Cannot add to the card ${path}: it is damaged, remove it to start a new one`);
  }
}

/** A checkpoint, and what is said of it. */
interface Evaluated {
  readonly bytes: Uint8Array;
  readonly notes: Readonly<Record<string, string>>;
  readonly evaluation: CardEvaluation;
}

/**
 * Writes an evaluation into the card of a checkpoint, in place of an earlier one on the same images.
 * A card of other weights is begun anew.
 */
export async function addToCard(
  path: string,
  { bytes, notes, evaluation }: Evaluated,
): Promise<void> {
  const sha256 = createHash("sha256").update(bytes).digest("hex"), before = await cardAt(path);
  const others = before?.sha256 === sha256 ? before.evaluations : [];
  const card: Card = {
    name: basename(path, ".json"),
    bytes: bytes.length,
    sha256,
    notes,
    evaluations: [...others.filter(({ images }) => images !== evaluation.images), evaluation],
  };
  await writeWhole(path, `${JSON.stringify(card, null, 2)}\n`);
}
