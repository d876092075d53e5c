// Pages for people from the cards of the trained networks: checkpoints/NAME.json becomes checkpoints/NAME.md, and all of
// them together the table of the README. Run by scripts/docs.ts.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Card, EvaluateRow } from "../src/cli/card.ts";
import { formatRadius } from "../src/cli/numbers.ts";
import { type ModelName, models } from "../src/nn/mod.ts";
import { root } from "./tools.ts";

/** Columns of the README's table, by what a row's title begins with. */
const COLUMNS = [
  ["clean", /^clean$/],
  ["FGSM 0.01", /^fgsm eps=0\.01$/],
  ["FGSM 0.02", /^fgsm eps=0\.02$/],
  ["FGM 0.5", /^fgm eps=0\.5$/],
  ["FGM 1", /^fgm eps=1$/],
  ["PGD-20 8/255", /^pgd eps=0\.0313\d* /],
  ["PGD-20 0.1", /^pgd eps=0\.1 /],
  ["PGD-20 0.3", /^pgd eps=0\.3 /],
] as const;

/** All cards, by name. */
export function allCards(): readonly Card[] {
  const folder = join(root, "checkpoints");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((file) => file.endsWith(".json"))
    .map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Card)
    .sort((a, b) => a.name < b.name ? -1 : 1);
}

/** Rows of cells as a Markdown table in deno fmt's layout: columns as wide as their widest cell. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(3, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) => {
    return `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  };
  const [head, ...body] = rows;
  return [head!, widths.map((width) => "-".repeat(width)), ...body].map(line).join("\n");
}

const percent = (share: number, digits = 2) => (100 * share).toFixed(digits);

const titleOf = ({ notes }: Card) => models[notes["model"] as ModelName].title;

/** "resnet20 on cifar10, adversarial": how a network was trained, in few words. */
function trainingOf({ notes }: Card): string {
  const { attack = "none", eps = "", attackSteps = "" } = notes;
  if (attack === "none") return "clean";
  const size = formatRadius(Number(eps));
  return attack === "pgd" ? `PGD, ${attackSteps} steps, ${size}` : `${attack}, ${size}`;
}

/** The images that the README quotes: those of the last evaluation. */
const quoted = (card: Card) => card.evaluations.at(-1)!;

/** The README's table: accuracy of every trained network, clean and attacked. */
export function modelsTable(cards: readonly Card[] = allCards()): string {
  const shown = COLUMNS.filter(([, title]) => {
    return cards.some((card) => quoted(card).rows.some((row) => title.test(row.title)));
  });
  const head = ["network", "trained on", "test images", ...shown.map(([name]) => name)];
  return table([
    head,
    ...cards.map((card) => {
      const { rows } = quoted(card);
      const cells = shown.map(([, title]) => {
        const row = rows.find((it) => title.test(it.title));
        return row === undefined ? "" : percent(row.accuracy, 1);
      });
      const link = `[${card.name}](checkpoints/${card.name}.md)`;
      return [link, trainingOf(card), String(rows[0]!.count), ...cells];
    }),
  ]);
}

function rowOf({ title, correct, count, accuracy, interval: [low, high], loss }: EvaluateRow) {
  const range = `${percent(low)} to ${percent(high)}`;
  return [title, `${correct} of ${count}`, percent(accuracy), range, loss.toFixed(3)];
}

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(0)} minutes`;
}

const RECIPE = [
  ["epochs", "passes over the data"],
  ["batchSize", "images per step"],
  ["lr", "highest learning rate (one cycle)"],
  ["momentum", "momentum (Nesterov)"],
  ["weightDecay", "weight decay, of weights alone"],
  ["labelSmoothing", "label smoothing"],
  ["averageDecay", "decay of the averages of weights"],
  ["crop", "random crops, padding in pixels"],
  ["flip", "mirror images"],
  ["cutout", "cutout, pixels"],
  ["startSize", "edge of the images in the first epochs, pixels"],
  ["seed", "seed"],
] as const;

/**
 * The commands that made a network. Trained in parts, each begins with what the one before it left,
 * in a folder of its own.
 */
export function commandsOf({ fromCommand, command = "" }: Card["notes"]): readonly string[] {
  const commands = [...fromCommand === undefined ? [] : fromCommand.split("\n"), command];
  return commands.map((it, i) => {
    const next = / --from (\S+)\/model\.safetensors/.exec(commands[i + 1] ?? "");
    const out = next?.[1] ?? (i === 0 ? "run" : `part${i + 1}`);
    return out === "run" ? it : `${it} --out ${out}`;
  });
}

/** The page of a card. */
export function cardPage(card: Card): string {
  const { name, notes, bytes, sha256, evaluations } = card;
  const { data = "", note = "", seconds = "", device = "", version = "", fromSeconds } = notes;
  const commands = commandsOf(notes);
  const before = fromSeconds === undefined ? "" : `${duration(Number(fromSeconds))} and then `;
  const facts = [
    ["what", "value"],
    ["network", titleOf(card)],
    ["data", note === "" ? data : note],
    ["training images", notes["trainExamples"]!],
    ["training", trainingOf(card)],
    ["time", `${before}${duration(Number(seconds))}, with the evaluation after each epoch`],
    ["device", device],
    ["tapegrad", version],
    ["file", `${name}.safetensors, ${(bytes / 1e6).toFixed(2)} MB`],
    ["sha256", `\`${sha256}\``],
  ];
  const recipe = [
    [commands.length === 1 ? "recipe" : "recipe of the last part", "value"],
    // Networks may be older than a setting.
    ...RECIPE.flatMap(([key, words]) => {
      const value = notes[key];
      return value === undefined || key === "startSize" && value === "0" ? [] : [[words, value]];
    }),
  ];
  const results = evaluations.map(({ images, rows }) => {
    const head = ["images", "right", "accuracy, %", "95 % interval", "loss"];
    return `## On ${images}\n\n${table([head, ...rows.map(rowOf)])}\n`;
  });
  return [
    `# ${name}\n`,
    `${table(facts)}\n`,
    `${table(recipe)}\n`,
    `\`\`\`\n${commands.join("\n")}\n\`\`\`\n`,
    ...results,
    "Attacks know the network (white box). fgsm: one step along the sign of the gradient, fgm: one of\n" +
    "Euclidean length eps, pgd: 20 steps from a random start; all within [0, 1]. Intervals are Wilson's.\n",
    `\`\`\`\nnpx tapegrad evaluate --checkpoint ${name}\n\`\`\`\n`,
  ].join("\n");
}
