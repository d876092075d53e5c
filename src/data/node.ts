/**
 * Data that comes from files: for Node and Deno, not for browsers.
 *
 * @module
 */
export { digits } from "./node/digits.ts";
