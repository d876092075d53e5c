/**
 * Taking over state by name: all or nothing, as copies, so that two models loaded from one
 * dictionary do not learn in the same memory.
 *
 * @module
 */
import { BackendError, DTypeError, ShapeError } from "../errors.ts";
import { cast } from "../kernels/mod.ts";
import { tidy } from "../scope.ts";
import { formatShape, sameShape } from "../shape.ts";
import { run, type Tensor } from "../tensor/mod.ts";

/** How strict loading is. */
export interface LoadOptions {
  /** Whether names that are missing or not known are errors. Default true. */
  readonly strict?: boolean;
}

/** Names that did not match. */
export interface LoadReport {
  /** Known to the module, not in the dictionary: these tensors stay as they are. */
  readonly missing: readonly string[];
  /** In the dictionary, not known to the module. */
  readonly unexpected: readonly string[];
}

/** The same elements in memory of their own, off the tape. */
export function copyOf(tensor: Tensor): Tensor {
  return run(cast, [tensor], { dtype: tensor.dtype })[0]!;
}

/** Throws unless `own` can take over `source`. */
export function checkFits(act: string, name: string, own: Tensor, source: Tensor): void {
  const said = `Cannot ${act}: ${name}`;
  if (!sameShape(own.shape, source.shape)) {
    throw new ShapeError(
      `${said} has shape ${formatShape(source.shape)} in the dictionary, ` +
        `but ${formatShape(own.shape)} is needed`,
    );
  }
  if (own.dtype !== source.dtype) {
    throw new DTypeError(
      `${said} has type ${source.dtype} in the dictionary, but ${own.dtype} is needed, use cast()`,
    );
  }
  if (own.device !== source.device) {
    throw new BackendError(
      `${said} is on the ${source.device.backend} device in the dictionary, but must be on ` +
        `${own.device.backend} (${own.device.description}), use to(device)`,
    );
  }
}

/** Loads a dictionary into the tensors `own`; `owner` is for messages. */
export function loadTensors(
  owner: string,
  own: ReadonlyMap<string, Tensor>,
  dict: Readonly<Record<string, Tensor>>,
  { strict = true }: LoadOptions,
): LoadReport {
  const act = `load the state of ${owner}`;
  const missing = [...own.keys()].filter((name) => !Object.hasOwn(dict, name));
  const unexpected = Object.keys(dict).filter((name) => !own.has(name));
  if (strict && missing.length + unexpected.length > 0) {
    const parts = [
      missing.length > 0 ? `${missing.join(", ")} missing` : "",
      unexpected.length > 0 ? `${unexpected.join(", ")} not known` : "",
    ];
    throw new TypeError(
      `Cannot load the state of ${owner}: ${parts.filter(Boolean).join(" and ")}, ` +
        "names must be the same, or pass { strict: false }",
    );
  }
  const pairs = [...own].flatMap(([name, tensor]) => {
    return Object.hasOwn(dict, name) ? [[name, tensor, dict[name]!] as const] : [];
  });
  for (const [name, tensor, source] of pairs) checkFits(act, name, tensor, source);
  tidy(() => {
    // All copies first: running out of memory half-way must not leave a mixture.
    const copies = pairs.map(([, , source]) => copyOf(source));
    pairs.forEach(([, tensor], i) => tensor.assign(copies[i]!));
  });
  return { missing, unexpected };
}
