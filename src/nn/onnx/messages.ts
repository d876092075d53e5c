/**
 * The messages of the ONNX format that are used here, as plain data. Names and numbers are those of
 * onnx.proto: https://github.com/onnx/onnx/blob/v1.12.0/onnx/onnx.proto
 *
 * @module
 */

/** A whole file. */
export interface OnnxModel {
  /** Version of the format itself. */
  readonly irVersion: number;
  /** Version of the operators. */
  readonly opset: number;
  /** What made the file, and its version. */
  readonly producer: readonly [name: string, version: string];
  /** What it computes. */
  readonly graph: OnnxGraph;
  /** Strings by name, for people. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What is computed: nodes in an order in which each comes after those that it reads. */
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** An attribute: a whole number, several of them, or a real number. */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number };

/** An operator applied to values by name. */
export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** Numbers that are part of the file. */
export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float32Array | BigInt64Array;
}

/** A value of 32-bit floats that goes in or comes out; a size by name may be any. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}
