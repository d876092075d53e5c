/**
 * Tensors: what people hold, and how they make them.
 *
 * @module
 */
export * from "./combine.ts";
export * from "./create.ts";
export * from "./default_device.ts";
export { format, type FormatOptions } from "./print.ts";
export { update } from "./run.ts";
export * from "./tensor.ts";
