import type { DirectoryKind } from '../directory/kinds.ts';
import type { Pointer } from '../directory/references.ts';
import type { Principal } from './actors.ts';
import type { Entry, Fields } from './entries.ts';
import type { ErrorCode, WireError } from './errors.ts';
import { wireError } from './errors.ts';
import type { Kind, Records } from './kinds.ts';

/** One record changed by a decision. The lane turns it into an entry: it adds rev, `was`, seq and the rest. */
export type RecordChange = {
  kind: Kind;
  id: string;
  /** True when the record must not exist yet; `set` then holds its top-level fields, without id, org and rev. */
  create?: boolean;
  set: Fields;
  unset?: string[];
  why?: string;
  /** What the entry says was done, where that is not the command's own name: what an import is made of. */
  verb?: string;
};

/** What a pure rule answers: the changes, or why not. */
export type Decision = { ok: true; changes: RecordChange[] } | { ok: false; error: WireError };

/** What a rule may look at. Records of other organizations do not exist for it. */
export type StateView = {
  get<K extends Kind>(kind: K, id: string): Records[K] | undefined;
  /**
   * The records of a kind that are in memory: all of the live set, none of a kind that is not live. A walk over
   * thousands: for rules of rare commands only.
   */
  all<K extends Kind>(kind: K): Iterable<Records[K]>;
  /** The open batch that holds a part, if one is known to. A client does not know and answers undefined. */
  openBatchOf(part: string): { id: string; reference: string } | undefined;
  /** The entries of an earlier command; a client answers an empty list. */
  entriesOf(commandId: string): readonly Entry[];
  /**
   * The records, archived ones aside, that point at one of the directory. A client does not hold all of them and
   * answers undefined.
   */
  pointingAt(kind: DirectoryKind, id: string): readonly Pointer[] | undefined;
};

/** Kinds of record that people call by a reference. */
export type ReferenceKind = 'batch' | 'route';

/** Everything a rule may know besides the records: time, who, and the next human reference. */
export type DecideContext = {
  /** The server's time now, milliseconds since the epoch. */
  now: number;
  /** When the action was done; `now` unless the client said otherwise and the server accepted it. */
  done: number;
  principal: Principal;
  /** The next human reference of a kind, as `B-2041`; taken only if the command commits. A client gives a placeholder. */
  nextReference(kind: ReferenceKind): string;
};

/** A rule: (what is, what is asked, circumstances) → what changes, or a refusal. No I/O, no clock, no randomness. */
export type Decide<Args> = (state: StateView, args: Args, context: DecideContext) => Decision;

export const change = (...changes: RecordChange[]): Decision => ({ ok: true, changes });

export const refuse = (
  code: ErrorCode,
  message: string,
  more: { field?: string; details?: Record<string, unknown> } = {},
): Decision => ({ ok: false, error: wireError(code, message, more) });
