/**
 * Data for the command line, split into what is trained on and what is tested on.
 *
 * @module
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Dataset, divide, subset, type TrainTest } from "../data/mod.ts";
import {
  cifar10,
  cifar100,
  digits,
  fashionMnist,
  imageFolder,
  type LoadOptions,
  mnist,
} from "../data/node.ts";
import type { Terminal } from "./terminal.ts";
import type { DataName } from "./train/settings.ts";

/** Images in folders: with subfolders train and test if there are such, else divided. */
async function images(path: string | undefined): Promise<TrainTest> {
  if (path === undefined) {
    throw new RangeError("Cannot read images without their folder: give --data-path FOLDER");
  }
  const names = await readdir(path).catch((): string[] => []);
  if (!["train", "test"].every((part) => names.includes(part))) {
    return divide(await imageFolder(path, { name: "images" }));
  }
  const [train, test] = await Promise.all(["train", "test"].map((part) => {
    return imageFolder(join(path, part), { name: "images" });
  })) as [Dataset, Dataset];
  const told = ({ classes, imageShape }: Dataset) =>
    `${imageShape.join("x")} ${classes.join(", ")}`;
  if (told(train) !== told(test)) {
    throw new RangeError(
      `Cannot use the images in ${path}: train has ${told(train)} and test ${told(test)}, sizes ` +
        "and classes must be the same",
    );
  }
  const ids = test.ids.map((id) => id + train.ids.length);
  return { train, test: { ...test, ids } };
}

async function read(name: DataName, options: LoadOptions): Promise<TrainTest> {
  switch (name) {
    case "digits":
      return divide(await digits());
    case "mnist":
      return await mnist(options);
    case "fashion-mnist":
      return await fashionMnist(options);
    case "cifar10":
      return await cifar10(options);
    case "cifar100":
      return await cifar100(options);
    case "images":
      return await images(options.path);
  }
}

/**
 * Training and test part of data by name, from --data-path or where they are found; the test part
 * never decides anything.
 */
export async function loadData(
  name: DataName,
  texts: Readonly<Partial<Record<string, string | boolean>>>,
  { out, signal }: { readonly out: Terminal; readonly signal: AbortSignal },
): Promise<TrainTest> {
  const path = texts["data-path"] as string | undefined;
  const progress = texts["json"] ? undefined : out.progress("download");
  const data = await read(name, {
    signal,
    ...path !== undefined && { path },
    ...texts["no-verify"] === true && { verify: false },
    ...progress && {
      // Where the server does not say how much will come, the bar stays empty until it has come.
      onProgress: ({ label, done, total = Infinity }) => {
        progress({ label, done, total, figures: { MB: done / 1e6 } });
      },
    },
  });
  out.end();
  return data;
}

/** Throws unless a checkpoint with these notes knows the classes of the images; `attempt` is the verb. */
export function checkClasses(
  attempt: string,
  notes: Readonly<Record<string, string>>,
  { name, classes }: Dataset,
): void {
  const known = notes["classes"];
  if (known === undefined || known === JSON.stringify(classes)) return;
  throw new RangeError(
    `Cannot ${attempt} on ${name}: the checkpoint knows other classes, ${known.slice(0, 200)}`,
  );
}

/** The first examples of a dataset. */
export function first(data: Dataset, count: number): Dataset {
  if (count >= data.labels.length) return data;
  return subset(data, Uint32Array.from({ length: count }, (_, i) => i));
}
