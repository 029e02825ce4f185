import type { Missing, Path, Value } from '../values/index.ts';

/** Answers of a change that leaves the field as it is, or takes it away. */
export const KEEP: unique symbol = Symbol('keep');
export const REMOVE: unique symbol = Symbol('remove');
export type Outcome = Value | typeof KEEP | typeof REMOVE;

/** What a change may know besides the value in place. */
export interface ChangeContext {
  /** Whether the document is being made by an upsert. */
  readonly inserting: boolean;
  /** Text such as `{_id: 5}` for error messages. */
  readonly describe: () => string;
}

/** What an operator does to the value at a path. */
export interface Change {
  /** Whether missing fields on the way are made; otherwise a path that leads nowhere is no change. */
  readonly creates: boolean;
  readonly apply: (current: Value | Missing, context: ChangeContext, path: string) => Outcome;
}

/** One operator on one path, as the client wrote it. */
export interface Modifier {
  readonly operator: string;
  readonly path: Path;
  readonly change: Change;
  /** `$rename` only: where the value comes from. */
  readonly source?: Path;
}
