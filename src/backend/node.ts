/**
 * What other rooms that run in Node and Deno only may use of the platform.
 *
 * @module
 */
export { platformCache, type Surroundings, surroundings } from "./platform/cache_folder.ts";
