/**
 * What a kernel is: a name, a shape rule and its twins, one per backend, side by side. Kernels
 * know neither tape nor device: the reference twin works on typed arrays, the WebGPU twin is text.
 *
 * @module
 */
import type { DType, TypedArray } from "../dtype.ts";
import type { Shape } from "../shape.ts";
import type { Epilogue } from "./epilogue.ts";

/** Shape and element type of an operand. */
export interface Spec {
  /** Sizes of the axes, outermost first. */
  readonly shape: Shape;
  /** Element type. */
  readonly dtype: DType;
}

/** An operand with its elements on the host, in row-major order. */
export interface HostOperand extends Spec {
  /** The elements; the twin writes those of outputs. */
  readonly data: TypedArray;
}

/** What a dispatch does that adds up parts: operand 0 of the dispatch, [splits, size]. */
export interface PartsSum {
  /** Parts of each sum. */
  readonly splits: number;
  /** Sums. */
  readonly size: number;
  /** Sums before it go to operand 1, the others to operand 2. */
  readonly cut: number;
  /** Whether invocations share a sum. */
  readonly waits: boolean;
}

/** One dispatch of a compute shader. Its entry point is `main`. */
export interface Dispatch {
  /** Resolved WGSL; binding i of group 0 is operand `operands[i]`. */
  readonly code: string;
  /**
   * Indices into inputs, then outputs, then scratch. Inputs are bound `read`, all others
   * `read_write`.
   */
  readonly operands: readonly number[];
  /** Workgroups along x, y and z; at most 65,535 each. */
  readonly workgroups: readonly [number, number, number];
  /** Set where it only adds up parts: a device may do that for several calls at once. */
  readonly sums?: PartsSum;
}

/** What the WebGPU twin asks the device to do for one call. */
export interface Program {
  /** Buffers that live for this call only. */
  readonly scratch?: readonly Spec[];
  /** Run in this order; each sees what the ones before it wrote. */
  readonly dispatches: readonly Dispatch[];
}

/** What decides how fast a way is, all its workgroups together. */
export interface WayFigures {
  /** Workgroups of its largest dispatch. */
  readonly workgroups: number;
  /** Invocations of a workgroup. */
  readonly invocations: number;
  /** Multiply-adds, those outside of the result counted too. */
  readonly products: number;
  /** Numbers read from global memory, from caches or not. */
  readonly reads: number;
  /** Sums that an invocation keeps in registers. */
  readonly sums: number;
  /** Whether factors are read from workgroup memory. */
  readonly staged: boolean;
  /** Dispatches, one after the other. */
  readonly dispatches: number;
}

/** One of several ways to the same numbers, up to rounding, on WebGPU. */
export interface Candidate {
  /** The way and its sizes: "blocked 64x64x16, 4x4 each". Choices are kept under it. */
  readonly name: string;
  /** Whether invocations wait for each other, which is cheap on GPUs only. */
  readonly waits: boolean;
  /** For guessing which way is fast. A way that does not tell is guessed to be the slowest. */
  readonly figures?: WayFigures;
  /** The same as the `webgpu` of the kernel, this way. */
  program(epilogue?: Epilogue): Program;
}

/** One call of a compiled entry on the cpu. */
export interface CpuCall {
  /** Exported name in the AssemblyScript program; runs tasks first to last - 1. */
  readonly entry: string;
  /**
   * Independent pieces of work, shared by the threads. Each writes its own elements in a fixed
   * order, so that results do not depend on the number of threads.
   */
  readonly tasks: number;
  /** Indices into inputs, then outputs, then scratch; their addresses are the first arguments. */
  readonly operands: readonly number[];
  /** The arguments after them: 32-bit words; an f32 as its bits. */
  readonly words: readonly number[];
}

/** What the cpu twin asks for. */
export interface CpuProgram {
  /** Memory that lives for this call only, not cleared. */
  readonly scratch?: readonly Spec[];
  /** Run in this order; each sees what the ones before it wrote. */
  readonly calls: readonly CpuCall[];
}

/** Another kernel that a kernel can run together with, for the same parameters and operands. */
export interface Joint<P> {
  /** The other kernel. */
  readonly kernel: Kernel<P>;
  /** How many inputs both begin with; the other kernel has no more. */
  readonly shared: number;
  /** Both: the inputs of the one that says so; its outputs, then those of the other. */
  both(): Kernel<P>;
}

/**
 * A kernel. `P` holds what is fixed for a call and compiled into the shader: axes, strides,
 * padding. What changes from step to step (learning rate, seed, scalars) comes in as an operand.
 */
export interface Kernel<P = void> {
  /** In camelCase; ledgers, errors and shader labels show it. */
  readonly name: string;
  /**
   * How many of the first outputs the caller provides and the kernel reads before it writes them:
   * the state of an optimiser. Default 0.
   */
  readonly updates?: number;
  /** Checks the operands and gives the shapes and types of the outputs. */
  outputs(inputs: readonly Spec[], params: P): readonly Spec[];
  /** The specification: the shortest TypeScript that is obviously right, for f32 and f64. */
  reference(inputs: readonly HostOperand[], outputs: readonly HostOperand[], params: P): void;
  /**
   * The same in WGSL, for these very shapes; the epilogue goes over the first output, where the
   * kernel says that it takes one. Of several candidates it is the first.
   */
  webgpu(
    inputs: readonly Spec[],
    outputs: readonly Spec[],
    params: P,
    epilogue?: Epilogue,
  ): Program;
  /** All ways of `webgpu`, the one that is best on an unknown GPU first. */
  candidates?(
    inputs: readonly Spec[],
    outputs: readonly Spec[],
    params: P,
  ): readonly Candidate[];
  /**
   * What an element of the first output is computed by last. A kernel that says so takes an epilogue
   * on WebGPU. A product and a sum of the epilogue may be rounded once by some compilers.
   */
  readonly endsIn?: "sum" | "product" | "choice";
  /** Operands that an epilogue may have at most. Default: the buffers that are left of 8. */
  readonly room?: number;
  /**
   * The same in AssemblyScript, for these very shapes. A kernel without one, or undefined for these
   * operands, runs its reference twin on the cpu.
   */
  cpu?(inputs: readonly Spec[], outputs: readonly Spec[], params: P): CpuProgram | undefined;
  /**
   * Places of the inputs that serve all elements. A kernel that says so computes element i of its
   * updates from elements i of all other operands, so that calls for several tensors can be one call
   * for the memory that they lie in.
   */
  readonly spans?: readonly number[];
  /** Kernels with which it shares most of its work. */
  readonly joins?: readonly Joint<P>[];
  /** Floating-point operations of one call, for reports. Default: one per output element. */
  flops?(inputs: readonly Spec[], outputs: readonly Spec[], params: P): number;
}
