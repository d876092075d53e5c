/**
 * Networks that come from files: for Node and Deno, not for browsers.
 *
 * @module
 */
export { pretrained, pretrainedFile, pretrainedNames } from "./node/pretrained.ts";
