/**
 * Data: labelled images in memory, batches of them, and where they come from. What needs
 * files has a door of its own, `node.ts`, so that browsers can bundle this one.
 *
 * @module
 */
export {
  type Batch,
  batches,
  batchOf,
  type BatchOptions,
  type Dataset,
  dataset,
  disposeBatch,
  split,
  subset,
} from "./dataset.ts";
