import type { Actor } from './actors.ts';
import type { Kind } from './kinds.ts';

/** The shape version that this release writes; older ones are brought up by `upcast`. */
export const entryVersion = 1;

/** Dotted path → value. Arrays are replaced whole; lists that grow are maps by id, so that a path names one element. */
export type Fields = { [path: string]: unknown };

/**
 * One journal entry: one record changed by one command. Entries of one command are neighbours in `seq`, which is dense
 * per organization: 1, 2, 3 …
 */
export type Entry = {
  v: number;
  org: string;
  seq: number;
  /** When it arrived at the server, milliseconds since the epoch. */
  at: number;
  /** When it was done, by the doer's corrected clock. Verdicts (breached, in time) use this one. */
  done: number;
  actor: Actor;
  commandId: string;
  /** The command's name, as `batch.seal`. */
  verb: string;
  kind: Kind;
  id: string;
  /** The record's version after this entry; 1 creates it. */
  rev: number;
  /** New values by path. A creation holds the record's top-level fields. */
  set: Fields;
  unset: string[];
  /** The previous value of every path in `set` and `unset` that had one. */
  was: Fields;
  /** Personal and secret paths that changed; their values are only on the record. */
  touched?: string[];
  /** The reason, where one was demanded. */
  why?: string;
};
