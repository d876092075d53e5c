/**
 * Operands of benchmarks. Every element is a pure function of a seed and its place, so that all
 * devices, and other engines, can be given the same numbers.
 *
 * @module
 */
import { allocate, type DType, type TypedArray } from "../../src/dtype.ts";
import type { HostOperand, Kernel, Spec } from "../../src/kernels/mod.ts";
import { type Shape, sizeOf, stridesOf } from "../../src/shape.ts";

/** An operand, described: its elements are made when somebody asks for them. */
export interface Data extends Spec {
  readonly elements: () => TypedArray;
}

/** How numbers are spread. */
export interface Spread {
  /** Default -1. */
  readonly low?: number;
  /** Left out itself. Default 1. */
  readonly high?: number;
  /**
   * In which order of the axes the elements are counted, whatever the one in which they are
   * stored. Default: the same.
   */
  readonly order?: readonly number[];
}

/** Images N, H, W, C are counted in the order N, C, H, W. */
export const IMAGES: readonly number[] = [0, 3, 1, 2];

/** Weights KH, KW, I, O are counted in the order O, I, KH, KW. */
export const WEIGHTS: readonly number[] = [3, 2, 0, 1];

/** Number `i` of a seed, uniform in [-1, 1): 24 bits of the mixer lowbias32 of Chris Wellons. */
export function hash(seed: number, i: number): number {
  let x = (i + Math.imul(seed, 0x9e3779b9)) >>> 0;
  x = Math.imul(x ^ x >>> 16, 0x7feb352d);
  x = Math.imul(x ^ x >>> 15, 0x846ca68b);
  return ((x ^ x >>> 16) >>> 8) * 2 ** -23 - 1;
}

/** For every stored element: which one it is when axes are counted in another order. */
function countedIn(shape: Shape, order: readonly number[]): Uint32Array {
  const steps = stridesOf(order.map((axis) => shape[axis]!));
  let places = new Uint32Array(1);
  shape.forEach((size, axis) => {
    const step = steps[order.indexOf(axis)]!;
    const next = new Uint32Array(places.length * size);
    places.forEach((place, i) => {
      for (let k = 0; k < size; k++) next[i * size + k] = place + k * step;
    });
    places = next;
  });
  return places;
}

/** Real numbers between two bounds. */
export function uniform(shape: Shape, seed: number, spread: Spread = {}): Data {
  const { low = -1, high = 1, order } = spread;
  const scale = (high - low) / 2, shift = (high + low) / 2;
  return {
    shape,
    dtype: "f32",
    elements() {
      const places = order === undefined ? undefined : countedIn(shape, order);
      return Float32Array.from({ length: sizeOf(shape) }, (_, i) => {
        return hash(seed, places?.[i] ?? i) * scale + shift;
      });
    },
  };
}

/** Whole numbers from 0 to `below`, which is left out. */
export function integers(
  shape: Shape,
  below: number,
  options: { readonly seed: number; readonly dtype?: DType },
): Data {
  const { seed, dtype = "i32" } = options;
  return {
    shape,
    dtype,
    elements() {
      const data = allocate(dtype, sizeOf(shape));
      for (let i = 0; i < data.length; i++) {
        data[i] = Math.min(below - 1, Math.floor((hash(seed, i) / 2 + 0.5) * below));
      }
      return data;
    },
  };
}

/** These very numbers, along one axis. */
export function values(numbers: readonly number[], dtype: DType = "f32"): Data {
  return {
    shape: [numbers.length],
    dtype,
    elements() {
      const data = allocate(dtype, numbers.length);
      data.set(numbers);
      return data;
    },
  };
}

/** Zeros. */
export function zeros(shape: Shape): Data {
  return { shape, dtype: "f32", elements: () => new Float32Array(sizeOf(shape)) };
}

/** The key of a random kernel. */
export const KEY: Data = values([1, 2, 3, 4], "u32");

/** Output `which` of a kernel, by its reference twin: what its way back takes. */
export function resultOf<P>(
  kernel: Kernel<P>,
  inputs: readonly Data[],
  options: { readonly params: P; readonly which: number },
): Data {
  const { params, which } = options;
  return {
    ...kernel.outputs(inputs, params)[which]!,
    elements() {
      const host = inputs.map((input): HostOperand => ({ ...input, data: input.elements() }));
      const outputs = kernel.outputs(inputs, params).map((spec): HostOperand => {
        return { ...spec, data: allocate(spec.dtype, sizeOf(spec.shape)) };
      });
      kernel.reference(host, outputs, params);
      return outputs[which]!.data;
    },
  };
}
