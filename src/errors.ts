/**
 * Error classes, for callers that tell failures apart. Wording everywhere:
 * "Cannot <act>: <what is>, <what must be>", with the way out where a usual mistake is behind it.
 *
 * @module
 */

/** Operand shapes that do not fit together. */
export class ShapeError extends TypeError {
  /** "ShapeError". */
  override readonly name = "ShapeError";
}

/** An operand of the wrong element type. */
export class DTypeError extends TypeError {
  /** "DTypeError". */
  override readonly name = "DTypeError";
}

/** Use of a tensor, a node or a device after it was given back. */
export class DisposedError extends ReferenceError {
  /** "DisposedError". */
  override readonly name = "DisposedError";
}

/** A gradient that does not exist, or a tape that cannot be walked. */
export class GradientError extends Error {
  /** "GradientError". */
  override readonly name = "GradientError";
}

/** A checkpoint that is malformed, or that is not the model's. */
export class CheckpointError extends Error {
  /** "CheckpointError". */
  override readonly name = "CheckpointError";
}

/** A model that cannot be carried into another format. */
export class ExportError extends Error {
  /** "ExportError". */
  override readonly name = "ExportError";
}

/** What a device refused; carries the kernel and its shader text where there is one. */
export class BackendError extends Error {
  /** "BackendError". */
  override readonly name = "BackendError";
  /** Name of the kernel that failed, or "" when no kernel was involved. */
  readonly kernel: string;
  /** Resolved shader text, or "". */
  readonly code: string;

  /** A message, and what failed. */
  constructor(message: string, detail: { readonly kernel?: string; readonly code?: string } = {}) {
    super(message);
    this.kernel = detail.kernel ?? "";
    this.code = detail.code ?? "";
  }
}
