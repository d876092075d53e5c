/**
 * Relaxed SIMD in Node 20, whose V8 has it and does not show it. Fused multiply-add makes matrix
 * products and convolutions faster by 15 to 30 %.
 *
 * Node warns of changing flags of V8 while it runs, and in general rightly so. Of this one it is
 * known what it does: V8 11.3 reads it when a WebAssembly module is decoded, and a compiled module
 * keeps the features that it was decoded with, also in other threads and when it is optimised later.
 * So it is set for the time of one compilation, during which no other code of this thread runs, and
 * for no other version of V8: newer ones show relaxed SIMD anyway.
 *
 * @module
 */
import process from "node:process";
import { setFlagsFromString } from "node:v8";

const FLAG = "experimental-wasm-relaxed-simd";

/** The versions of V8 that this is known of: those of Node 20. */
const KNOWN = /^11\.3\..*-node\./;

/** Compiles a module with relaxed SIMD although it does not validate; undefined where that is not possible. */
export function compileRelaxed(bytes: BufferSource): WebAssembly.Module | undefined {
  if (!KNOWN.test(process.versions["v8"] ?? "")) return undefined;
  setFlagsFromString(`--${FLAG}`);
  try {
    return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : undefined;
  } finally {
    setFlagsFromString(`--no-${FLAG}`);
  }
}
