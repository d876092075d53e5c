/**
 * The pictures of the main job: digits before and after, with what the network says of them.
 *
 * @module
 */
import { DARK, drawAdversarialGrid, encodePng, type Example } from "../../report/mod.ts";
import type { Experiment, Shown } from "./experiment.ts";

/** A picture and what it shows. */
export interface PictureFile {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly png: Uint8Array;
  /** The same for dark surroundings. */
  readonly darkPng: Uint8Array;
}

/** What changes are multiplied by, per kind of attack: the same for every network. */
const SCALES: Readonly<Record<string, number>> = { sign: 5, normalised: 2, target: 5 };

function exampleOf(shown: Shown, { imageShape, classes }: Experiment): Example {
  const [height, width, channels] = imageShape;
  const picture = (pixels: Float32Array) => ({
    width,
    height,
    channels: channels === 3 ? 3 as const : 1 as const,
    pixels,
  });
  const verdict = ({ label, certainty }: Shown["before"]) => ({
    label: classes[label]!,
    certainty,
  });
  return {
    original: picture(shown.original),
    adversarial: picture(shown.adversarial),
    label: classes[shown.label]!,
    before: verdict(shown.before),
    after: verdict(shown.after),
    ...(shown.target === undefined ? {} : { target: classes[shown.target]! }),
  };
}

/** One picture per network and shown attack: ten digits, two side by side. */
export function pictureFiles(experiment: Experiment): PictureFile[] {
  return experiment.networks.flatMap(({ recipe, shown }) => {
    const attacks = [...new Set(shown.map(({ attack }) => attack))];
    return attacks.map((attack) => {
      const some = shown.filter((one) => one.attack === attack);
      const examples = some.map((one) => exampleOf(one, experiment));
      const wrong = some.filter((one) => one.after.label !== one.label).length;
      const title = `${recipe.name} network, ${attack}`;
      const perturbationScale = SCALES[some[0]!.name] ?? 5;
      const options = { title, across: 2, perturbationScale };
      return {
        name: `${recipe.name}_${some[0]!.name}.png`,
        title,
        caption: `The ${recipe.name} network under ${attack}: ${wrong} of ${some.length} digits ` +
          "are taken for another.",
        png: encodePng(drawAdversarialGrid(examples, options)),
        darkPng: encodePng(drawAdversarialGrid(examples, { ...options, theme: DARK })),
      };
    });
  });
}
