// What is expected of an error. Given a class, uvu's assert.throws would call it and always pass.

/** For assert.throws: whether the error is of this class and its message fits. */
export function isA(
  // deno-lint-ignore no-explicit-any
  kind: new (...parameters: any[]) => Error,
  pattern: RegExp = /./,
): (error: Error) => boolean {
  return (error) => error instanceof kind && pattern.test(error.message);
}

/** As isA, with the whole message. */
export function says(
  // deno-lint-ignore no-explicit-any
  kind: new (...parameters: any[]) => Error,
  message: string,
): (error: Error) => boolean {
  return (error) => {
    if (error instanceof kind && error.message === message) return true;
    throw new Error(`wanted ${kind.name}: ${message}\n   got ${error}`);
  };
}

/** Throws unless the promise is rejected with what passes the check. */
export async function rejects(
  promise: Promise<unknown>,
  check: (error: Error) => boolean,
): Promise<void> {
  const error = await promise.then(() => undefined, (error: unknown) => error);
  if (!(error instanceof Error)) throw new Error("wanted a rejection with an Error");
  if (!check(error)) throw new Error(`the rejection is another than wanted: ${error}`);
}
