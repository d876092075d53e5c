/**
 * Numbers that the WebGPU specification fixes. Node has no globals for them, and reading globals
 * when a module loads would break server-side rendering.
 *
 * @module
 */

/** GPUBufferUsage. */
export const MAP_READ = 0x1, COPY_SRC = 0x4, COPY_DST = 0x8, STORAGE = 0x80;

/** GPUBufferUsage.QUERY_RESOLVE. */
export const QUERY_RESOLVE = 0x200;

/** GPUMapMode.READ. */
export const MAP_MODE_READ = 0x1;

/** GPUShaderStage.COMPUTE. */
export const COMPUTE = 0x4;

/** Fewest bytes in a binding: an array of vec4f needs room for one, even in an empty tensor. */
export const SMALLEST_BINDING = 16;
