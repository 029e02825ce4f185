import type { BatchInView } from '../batches/schema.ts';
import type { Person } from '../people/schema.ts';
import type { Change, Frame } from './frames.ts';
import type { Kind, Records } from './kinds.ts';
import { allKinds } from './kinds.ts';
import { patched } from './patch.ts';

/** A record as a client holds it: fields that nobody, or not this audience, sees are absent. */
export type InView<K extends Kind> = K extends 'batch'
  ? BatchInView
  : K extends 'person'
    ? Omit<Person, 'passwordHash' | 'email'> & { email?: string }
    : Records[K];
export type AnyInView = InView<Kind>;

/** What a client holds, by kind and id. The maps change in place, the records in them never do: they are replaced. */
export type LiveSet = { readonly [K in Kind]: Map<string, InView<K>> };

/** The live set as one audience sees it at one `seq`. Another epoch or audience means: throw it away ([L10]). */
export type LiveState = { readonly epoch: string; readonly audience: string; seq: number; readonly records: LiveSet };

/** An empty set of records of every kind. */
export function emptyLiveSet(): LiveSet {
  return Object.fromEntries(allKinds.map((kind) => [kind, new Map()])) as unknown as LiveSet;
}

/** Hears of every record that a frame touched, after it was put into the state. */
export type Report = (change: Change, before: AnyInView | undefined, after: AnyInView | undefined) => void;

/**
 * Applies a frame to a state, in place ([L1]): `old` when the state already has all of it, `gap` when something between
 * the state and the frame is missing (catch up, then try again); neither touches anything.
 *
 * @param report hears of each changed record, once the whole frame has been applied
 * @throws {Error} when a patch is for a record that is not held, which the protocol rules out: start with a snapshot.
 *   Nothing has been applied then.
 */
export function applyFrame(state: LiveState, frame: Frame, report?: Report): 'applied' | 'old' | 'gap' {
  if (frame.to <= state.seq) return 'old';
  if (frame.from > state.seq) return 'gap';
  const next = frame.changes.map((change) => {
    const before: AnyInView | undefined = state.records[change.kind].get(change.id);
    return { change, before, after: changed(change, before) };
  });
  for (const { change, after } of next) {
    const records = state.records[change.kind] as Map<string, AnyInView>;
    if (after) records.set(change.id, after);
    else records.delete(change.id);
  }
  state.seq = frame.to;
  if (report) for (const { change, before, after } of next) report(change, before, after);
  return 'applied';
}

function changed(change: Change, before: AnyInView | undefined): AnyInView | undefined {
  if ('gone' in change) return undefined;
  if ('whole' in change) return { ...change.whole, rev: change.rev } as AnyInView;
  if (!before) throw new Error(`a patch for ${change.kind} ${change.id}, which is not held`);
  return patched(before, { ...change.set, rev: change.rev }, change.unset);
}
