/**
 * The tables and plots of the main job.
 *
 * @module
 */
import {
  type Cell,
  type Estimate,
  formatTable,
  lineChart,
  type Point,
  type Table,
  wilson,
} from "../../report/mod.ts";
import type { Evaluation } from "../../train/mod.ts";
import { type Experiment, type NetworkResult, type Suite, suiteOf } from "./experiment.ts";

/** Accuracy with its 95 % interval. */
function accuracyOf({ correct, count }: Evaluation): Estimate {
  return wilson(correct, count);
}

/** Share of the goal reached, with its interval. */
function successOf({ successRate, count }: Evaluation): Estimate {
  return wilson(Math.round(successRate * count), count);
}

function pixelsOf({ imageShape }: Experiment): number {
  return imageShape.reduce((product, size) => product * size, 1);
}

/** The rows of some attacks, in their order. */
function rowsOf(network: NetworkResult, attacks: Suite[keyof Suite]): Evaluation[] {
  return attacks.map((attack) => network.rows.find((row) => row.title === attack.title)!);
}

/** Every network under every untargeted attack at the budget of the training. */
export function robustnessTable(experiment: Experiment): Table {
  const { networks, settings } = experiment;
  const suite = suiteOf(settings, pixelsOf(experiment));
  const at = settings.eps.indexOf(settings.trainEps);
  const attacks = [
    suite.sign[at],
    suite.normalised[at],
    ...suite.iterated.filter(({ options }) => options.target === undefined),
    suite.randomSign[at],
    suite.randomDirection[at],
  ].filter((attack) => attack !== undefined);
  return {
    caption: `Accuracy on the ${settings.attackSize} attacked test digits`,
    columns: [
      { head: "attack", kind: "text" },
      ...networks.map(({ recipe }) => ({ head: recipe.name, kind: "percent", bar: true }) as const),
    ],
    rows: [
      ["clean", ...networks.map(({ rows }): Cell => accuracyOf(rows[0]!))],
      ...attacks.map((attack): Cell[] => [
        attack.title,
        ...networks.map((network) => accuracyOf(rowsOf(network, [attack])[0]!)),
      ]),
    ],
    notes: [
      "In parentheses: 95 % interval of the accuracy (Wilson).",
      `The networks were trained clean, with noise (${recipeTitle(experiment, 1)}) and ` +
      `adversarially (${recipeTitle(experiment, 2)}).`,
    ],
  };
}

function recipeTitle({ networks }: Experiment, index: number): string {
  return networks[index]?.recipe.adversarial?.attack.title ?? "clean";
}

/** How often the targeted attacks reach their target. */
export function targetTable(experiment: Experiment): Table {
  const { networks, settings, classes } = experiment;
  const suite = suiteOf(settings, pixelsOf(experiment));
  const attacks = suite.iterated.filter(({ options }) => options.target !== undefined);
  return {
    caption: `Digits of other classes that are taken for a ${classes[settings.target]}`,
    columns: [
      { head: "attack", kind: "text" },
      ...networks.map(({ recipe }) => ({ head: recipe.name, kind: "percent" }) as const),
    ],
    rows: attacks.map((attack): Cell[] => [
      attack.title,
      ...networks.map((network) => successOf(rowsOf(network, [attack])[0]!)),
    ]),
    notes: [`Digits that are a ${classes[settings.target]} do not count.`],
  };
}

/** How the networks were trained. */
export function trainingTable({ networks }: Experiment): Table {
  return {
    caption: "Training",
    columns: [
      { head: "network", kind: "text" },
      { head: "images it saw", kind: "text" },
      { head: "last epoch: loss", kind: "number", digits: 3 },
      { head: "accuracy", kind: "percent" },
      { head: "test accuracy", kind: "percent" },
      { head: "time", kind: "duration" },
    ],
    rows: networks.map(({ recipe, history, clean, seconds }): Cell[] => [
      recipe.name,
      recipe.adversarial === undefined ? "clean" : `clean and ${recipe.adversarial.attack.title}`,
      history.at(-1)?.loss ?? null,
      history.at(-1)?.accuracy ?? null,
      accuracyOf(clean),
      seconds,
    ]),
  };
}

/** Every evaluation of a network. */
export function allRowsTable({ recipe, rows }: NetworkResult): Table {
  return {
    caption: `All attacks on the ${recipe.name} network`,
    columns: [
      { head: "attack", kind: "text" },
      { head: "accuracy", kind: "percent", bar: true },
      { head: "loss", kind: "number", digits: 3 },
      { head: "goal reached", kind: "percent" },
      { head: "mean largest change", kind: "number", digits: 3 },
      { head: "mean length of change", kind: "number", digits: 2 },
    ],
    rows: rows.map((row): Cell[] => [
      row.title,
      accuracyOf(row),
      row.loss,
      row.attack === undefined ? null : row.successRate,
      row.distance.linf,
      row.distance.l2,
    ]),
  };
}

function pointsOf(clean: Evaluation, rows: readonly Evaluation[], scale: number): Point[] {
  const point = (row: Evaluation, x: number): Point => {
    const { value, low, high } = accuracyOf(row);
    return { x, y: value, low, high };
  };
  return [point(clean, 0), ...rows.map((row) => point(row, row.attack!.options.eps * scale))];
}

const ACCURACY = { label: "accuracy", format: "percent", domain: [0, 1] } as const;

/** One network under four kinds of single steps of equal Euclidean length. */
export function equalLengthPlot(experiment: Experiment, network: NetworkResult): string {
  const suite = suiteOf(experiment.settings, pixelsOf(experiment));
  const length = Math.sqrt(pixelsOf(experiment));
  const clean = network.rows[0]!;
  const kinds = [
    ["sign of the gradient", suite.sign, length],
    ["normalised gradient", suite.normalised, 1],
    ["random signs", suite.randomSign, length],
    ["random direction", suite.randomDirection, 1],
  ] as const;
  return lineChart({
    title: `The ${network.recipe.name} network under single steps of equal length`,
    x: { label: "Euclidean length of the step, before clamping" },
    y: ACCURACY,
    series: kinds.map(([name, attacks, scale]) => {
      return { name, points: pointsOf(clean, rowsOf(network, attacks), scale) };
    }),
    references: [{ axis: "y", value: 1 / experiment.classes.length, label: "guessing" }],
  });
}

/** All networks under sign steps of growing budget. */
export function signPlot(experiment: Experiment): string {
  const { settings, networks } = experiment;
  const suite = suiteOf(settings, pixelsOf(experiment));
  return lineChart({
    title: "Accuracy under sign steps (FGSM)",
    x: { label: "eps, largest change of a pixel" },
    y: ACCURACY,
    series: networks.map((network) => ({
      name: network.recipe.name,
      points: pointsOf(network.rows[0]!, rowsOf(network, suite.sign), 1),
    })),
    references: [
      { axis: "x", value: settings.trainEps, label: "eps of the training" },
      { axis: "y", value: 1 / experiment.classes.length, label: "guessing" },
    ],
  });
}

/** The short table of the terminal. */
export function summaryTable(experiment: Experiment): string {
  return formatTable(robustnessTable(experiment));
}
