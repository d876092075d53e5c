/**
 * What needs files: data, and the trained networks that come with the package. For Node and Deno,
 * not for browsers.
 *
 * @example
 * ```ts
 * import { digits } from "tapegrad/node";
 * (await digits()).labels.length; // 10000
 * ```
 *
 * @module
 */
export * from "./src/data/node.ts";
export * from "./src/nn/node.ts";
