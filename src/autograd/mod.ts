/**
 * Automatic differentiation: rules, the tape they are recorded on, and the walk back.
 *
 * @module
 */
export { walk, type WalkOptions } from "./backward.ts";
export { rootOf } from "./checks.ts";
export { isRecording, noGrad, withRecording } from "./mode.ts";
export type { Apply, Forward, Rule, Run, Saves, VjpContext } from "./rule.ts";
export { type AnyRule, leafNode, newestId, Node, recorder } from "./tape.ts";
export * from "./rules/mod.ts";
export * from "./functional.ts";
export * from "./gradcheck.ts";
export * from "./explain.ts";
