/** An expectation that did not hold; the message says where and how. */
export class Mismatch extends Error {
  override name = 'Mismatch';
}

/** Something that a case asks for and the runner cannot do: the case fails, and is never taken for an expected error. */
export class RunnerError extends Error {
  override name = 'RunnerError';
}
