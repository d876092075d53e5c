/**
 * The trained networks that come with the package, in its folder checkpoints: weights as
 * safetensors, and a card of figures beside each.
 *
 * @module
 */
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { CheckpointError } from "../../errors.ts";
import { type RestoredModel, restoreModel, type RestoreOptions } from "../models/described.ts";

/** Seen from the sources, or from the bundles in dist. */
const PLACE = import.meta.url.endsWith(".ts") ? "../../../checkpoints/" : "../checkpoints/";

const ENDING = ".safetensors";

const folder = (): string => fileURLToPath(new URL(PLACE, import.meta.url));

/** Names of the trained networks. Empty where the package came without them. */
export async function pretrainedNames(): Promise<readonly string[]> {
  const files = await readdir(folder()).catch((): string[] => []);
  return files.filter((it) => it.endsWith(ENDING)).map((it) => it.slice(0, -ENDING.length)).sort();
}

/**
 * Where the weights of a trained network lie.
 *
 * @throws CheckpointError when there is none of that name.
 */
export async function pretrainedFile(name: string): Promise<string> {
  const names = await pretrainedNames();
  if (names.includes(name)) return `${folder()}${name}${ENDING}`;
  throw new CheckpointError(
    `Cannot find the trained network ${name}: it must be one of those that come with the package, ` +
      (names.join(", ") || "which has none here"),
  );
}

/**
 * A trained network that comes with the package, in evaluation mode. Its card, checkpoints/NAME.md,
 * says how it was trained and what it reaches.
 *
 * @example
 * ```ts
 * import { fgsm, init, rand, RandomStream } from "tapegrad";
 * import { pretrained } from "tapegrad/node";
 * await init({ device: "cpu" });
 * const { network, image } = await pretrained("smallcnn-digits");
 * const x = rand([1, ...image], { random: new RandomStream(1) });
 * (await fgsm(network, x, [3], { eps: 0.1 })).after.classes;
 * ```
 * @throws CheckpointError when there is none of that name, or its file is damaged.
 */
export async function pretrained(
  name: string,
  options: Pick<RestoreOptions, "device"> = {},
): Promise<RestoredModel> {
  return restoreModel(await readFile(await pretrainedFile(name)), options);
}
