/**
 * The report of the main job.
 *
 * @module
 */
import {
  type Block,
  type Estimate,
  formatPercent,
  type Report,
  type Section,
  wilson,
} from "../../report/mod.ts";
import type { Experiment, NetworkResult } from "./experiment.ts";
import type { PictureFile } from "./pictures.ts";
import {
  allRowsTable,
  equalLengthPlot,
  robustnessTable,
  signPlot,
  targetTable,
  trainingTable,
} from "./tables.ts";

function accuracyAt({ rows }: NetworkResult, title: string): Estimate {
  const row = rows.find((one) => one.title === title)!;
  return wilson(row.correct, row.count);
}

function percent(network: NetworkResult, title: string): string {
  return formatPercent(accuracyAt(network, title).value, 0);
}

function keyFigures({ networks, settings }: Experiment): Block[] {
  const shown = [["clean", "clean"], [
    `fgsm eps=${settings.trainEps}`,
    "under sign steps",
  ]] as const;
  return shown.map(([title, words]) => ({
    kind: "keyFigures",
    figures: networks.map((network) => {
      const { low, high } = accuracyAt(network, title);
      return {
        label: `${network.recipe.name}, ${words}`,
        value: percent(network, title),
        note: `95 % interval ${formatPercent(low, 0)} to ${formatPercent(high, 0)}`,
      };
    }),
  }));
}

function picturesOf(network: NetworkResult, pictures: readonly PictureFile[]): Block[] {
  return pictures
    .filter(({ name }) => name.startsWith(`${network.recipe.name}_`))
    .map(({ png, darkPng, title, caption }) => {
      return { kind: "picture", png, darkPng, alt: `Digits before and after: ${title}`, caption };
    });
}

function paragraph(text: string): Block {
  return { kind: "paragraph", text };
}

function sections(experiment: Experiment, pictures: readonly PictureFile[]): Section[] {
  const { networks, settings } = experiment;
  const [natural, ...hardened] = networks as [NetworkResult, ...NetworkResult[]];
  return [
    {
      heading: "What was found",
      blocks: [
        ...keyFigures(experiment),
        { kind: "table", table: robustnessTable(experiment) },
        {
          kind: "figure",
          svg: signPlot(experiment),
          caption: "Bars are 95 % intervals. Training sees one eps; the attacks here go beyond it.",
        },
      ],
    },
    {
      heading: "What an attack looks like",
      blocks: [
        paragraph(
          "Each picture shows a digit, the change times the printed factor with grey for no " +
            "change, and the changed digit. Under it: what the network says and how certain it is.",
        ),
        ...picturesOf(natural, pictures),
      ],
    },
    {
      heading: "Sign, normalised gradient and chance at equal length",
      blocks: [
        paragraph(
          "A sign step of size eps changes an image of d pixels by a Euclidean length of " +
            "eps √d, unless the box [0, 1] stops it. Only steps of equal length are compared here.",
        ),
        ...networks.map((network): Block => ({
          kind: "figure",
          svg: equalLengthPlot(experiment, network),
          caption: `The ${network.recipe.name} network. Random changes of the same length are ` +
            "the baseline that tells what the gradient is worth.",
        })),
      ],
    },
    {
      heading: "Towards a class",
      blocks: [{ kind: "table", table: targetTable(experiment) }],
    },
    {
      heading: "Trained on attacks",
      blocks: [
        paragraph(
          `Two more networks saw, beside every clean batch, the same images changed by random ` +
            `signs or by a sign step of ${settings.trainEps}; the losses of both were averaged.`,
        ),
        { kind: "table", table: trainingTable(experiment) },
        ...hardened.flatMap((network) => picturesOf(network, pictures)),
      ],
    },
    {
      heading: "All figures",
      blocks: networks.map((network): Block => ({ kind: "table", table: allRowsTable(network) })),
    },
  ];
}

/** The whole report. */
export function reportOf(experiment: Experiment, pictures: readonly PictureFile[]): Report {
  const { settings, networks } = experiment;
  const [natural] = networks as [NetworkResult];
  const adversarial = networks.at(-1)!;
  const sign = `fgsm eps=${settings.trainEps}`;
  return {
    title: "Handwritten digits under attack",
    summary: `A sign step of ${settings.trainEps} takes the naturally trained network from ` +
      `${percent(natural, "clean")} to ${percent(natural, sign)} accuracy; trained on such ` +
      `steps, a network keeps ${percent(adversarial, sign)}.`,
    facts: [
      { name: "command", value: "npm start", code: true },
      { name: "device", value: experiment.device },
      { name: "seed", value: String(settings.seed) },
      { name: "date", value: experiment.date },
      { name: "digits", value: `${settings.trainSize} to train, ${settings.testSize} to test` },
      { name: "time", value: `${experiment.seconds.toFixed(1)} s` },
    ],
    sections: sections(experiment, pictures),
  };
}
