/**
 * Compiled from the AssemblyScript files (*.as.ts) by `npm run build:cpu`. Do not edit.
 *
 * @module
 */

/** With SIMD and threads, base64. */
export const SIMD: string = "AGFzbQEAAAABBQFgAX8AAhIBA2VudgZtZW1vcnkCAwGAgAQDAgEABxICBXN0YXJ0AAAGbWVtb3J5AgAKBAECAAs=";

/** With relaxed multiply-add as well, base64. */
export const RELAXED: string = "AGFzbQEAAAABBQFgAX8AAhIBA2VudgZtZW1vcnkCAwGAgAQDAgEABxICBXN0YXJ0AAAGbWVtb3J5AgAKBAECAAs=";
