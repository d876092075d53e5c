/**
 * The version of the library, as in package.json: it goes into what the library writes.
 *
 * @module
 */

/** The version. */
export const VERSION = "0.1.0";
