/**
 * The version of this package, for files that say what made them.
 *
 * @module
 */

/** The same as in package.json and deno.json. */
export const VERSION = "0.1.0";
