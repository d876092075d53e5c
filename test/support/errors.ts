// What is expected of an error. Given a class, uvu's assert.throws would call it and always pass.

/** For assert.throws: whether the error is of this class and its message fits. */
export function isA(
  // deno-lint-ignore no-explicit-any
  kind: new (...parameters: any[]) => Error,
  pattern = /./,
): (error: Error) => boolean {
  return (error) => error instanceof kind && pattern.test(error.message);
}
