/**
 * Making one tensor of several.
 *
 * @module
 */
import { cat as rule } from "../autograd/mod.ts";
import { ShapeError } from "../errors.ts";
import { MAX_CAT } from "../kernels/mod.ts";
import { tidy } from "../scope.ts";
import { formatShape, normalizeAxis, sameShape } from "../shape.ts";
import { apply, type Tensor } from "./tensor.ts";

function first(act: string, tensors: readonly Tensor[]): Tensor {
  const [tensor] = tensors;
  if (tensor !== undefined) return tensor;
  throw new ShapeError(`Cannot ${act} no tensors: there must be at least one`);
}

/**
 * Tensors one after the other along an axis. Sizes along other axes must be equal.
 *
 * Shapes: [N, C] and [M, C] give [N + M, C] along axis 0.
 *
 * @example
 * ```ts
 * import { cat, tensor } from "tapegrad";
 * cat([tensor([1, 2]), tensor([3])]); // 1, 2, 3
 * ```
 * @throws ShapeError when sizes do not fit, DTypeError when types differ.
 */
export function cat(tensors: readonly Tensor[], axis = 0): Tensor {
  const along = normalizeAxis("concatenate", axis, first("concatenate", tensors).shape.length);
  if (tensors.length <= MAX_CAT) return apply(rule, tensors, { axis: along });
  // More than a kernel can bind: the parts first, then their results.
  return tidy(() => {
    let size = MAX_CAT;
    while (size * MAX_CAT < tensors.length) size *= MAX_CAT;
    const parts: Tensor[] = [];
    for (let i = 0; i < tensors.length; i += size) {
      parts.push(cat(tensors.slice(i, i + size), along));
    }
    return cat(parts, along);
  });
}

/**
 * Tensors of one shape along a new axis.
 *
 * Shapes: n of [H, W] give [n, H, W] along axis 0, [H, W, n] along axis -1.
 *
 * @throws ShapeError when shapes differ, DTypeError when types differ.
 */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  const { shape } = first("stack", tensors);
  const other = tensors.find((tensor) => !sameShape(tensor.shape, shape));
  if (other !== undefined) {
    throw new ShapeError(
      `Cannot stack tensors of shapes ${formatShape(shape)} and ${formatShape(other.shape)}: ` +
        "all shapes must be the same",
    );
  }
  const at = normalizeAxis("stack", axis, shape.length + 1);
  return tidy(() => cat(tensors.map((tensor) => tensor.unsqueeze(at)), at));
}
