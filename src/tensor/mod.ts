/**
 * Tensors: what people hold, and how they make them.
 *
 * @module
 */
export { capture, type Captured, type CaptureOptions } from "./capture.ts";
export { noteRebinding } from "./capture_notes.ts";
export { capturedBy, Captures } from "./captures.ts";
export * from "./combine.ts";
export * from "./create.ts";
export * from "./default_device.ts";
export type { HostFill } from "./host_values.ts";
export { format, type FormatOptions } from "./print.ts";
export { update } from "./run.ts";
export * from "./tensor.ts";
