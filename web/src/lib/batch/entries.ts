import type { BatchInView } from '@opsboard/shared/batches/schema';
import type { Entry } from '@opsboard/shared/protocol/entries';
import { sameValue } from '@opsboard/shared/protocol/patch';
import { changedSince, reversible } from '@opsboard/shared/protocol/undo';
import { storyOf, type Story, type StoryContext } from '#lib/batches/story.ts';

/** One line of a timeline. */
export type Line = {
  readonly entry: Entry;
  readonly story: Story;
  /** Whether it moved the batch, or its custody, on its way. */
  readonly step: boolean;
  /** It was undone later. */
  readonly undone: boolean;
  /** What was written or said, in the words of who did. */
  readonly words?: string;
};

const prefixed = (name: string, map: unknown): { [path: string]: unknown } =>
  Object.fromEntries(Object.entries(map ?? {}).map(([key, value]) => [`${name}.${key}`, value]));

/** The words that an entry carries besides its reason: a note, or what somebody said on the phone. */
function wordsOf({ verb, set }: Pick<Entry, 'verb' | 'set'>): string | undefined {
  // The first note of a batch comes as the map that holds it, and so does the first fact of a response.
  const all = { ...set, ...prefixed('notes', set['notes']), ...prefixed('response', set['response']) };
  const path = {
    'batch.addNote': Object.keys(all).find((name) => name.startsWith('notes.')),
    'batch.logCall': 'response.called',
    'batch.notifyCustomer': 'response.told',
  }[verb as 'batch.addNote'];
  const { text, note, how } = (path === undefined ? {} : (all[path] ?? {})) as {
    text?: string;
    note?: string;
    how?: string;
  };
  return verb === 'batch.addNote' ? text : verb === 'batch.logCall' ? note : how;
}

const stepVerbs = new Set(['batch.handOver', 'batch.takeBack', 'batch.cancel', 'batch.reopen', 'batch.split']);

/** The paths that an entry changed, in order. */
const pathsOf = ({ set, unset }: Pick<Entry, 'set' | 'unset'>): string => [...Object.keys(set), ...unset].sort().join();

/** The entry that an undo took back: the last one before it that changed the same and whose former values it set. */
function undoneBy(entries: readonly Entry[], at: number): number | undefined {
  const undo = entries[at];
  if (!undo) return undefined;
  const paths = pathsOf(undo);
  for (let i = at - 1; i >= 0; i--) {
    const entry = entries[i];
    if (entry && entry.verb !== 'undo' && pathsOf(entry) === paths && sameValue(entry.was, undo.set)) return i;
  }
  return undefined;
}

/** Tells the entries of a batch, the latest first. What was undone is marked, and the undo says what it took back. */
export function linesOf(entries: readonly Entry[], context: StoryContext): readonly Line[] {
  const undone = new Map<number, number>();
  entries.forEach((entry, i) => {
    const taken = entry.verb === 'undo' ? undoneBy(entries, i) : undefined;
    if (taken !== undefined) undone.set(taken, i);
  });
  const takenBy = new Map([...undone].map(([taken, by]) => [by, taken]));
  const lines = entries.map((entry, i): Line => {
    let story = storyOf(entry, context);
    const taken = entries[takenBy.get(i) ?? -1];
    if (taken) {
      const { did, didIt, bare } = storyOf(taken, context);
      const what = `${didIt ?? `${did} it`} ${bare}`.trim();
      story = { ...story, didIt: 'undid:', rest: what, bare: what };
    }
    const step =
      story.status !== undefined ||
      story.breached === true ||
      stepVerbs.has(entry.verb) ||
      (entry.verb === 'undo' && 'status' in entry.set);
    const words = wordsOf(entry);
    return { entry, story, step, undone: undone.has(i), ...(words === undefined ? {} : { words }) };
  });
  return lines.toReversed();
}

/**
 * Whether an entry can still be undone: it is of a kind that can, in time, and nothing that it changed has changed
 * since. The server asks the same again.
 *
 * @param record the batch with its parts
 * @param grace the organization's time for it, milliseconds
 */
export const undoable = (entry: Entry, record: BatchInView, now: number, grace: number): boolean =>
  reversible.has(entry.verb) && now - entry.at < grace && changedSince(record, entry) === undefined;
