import type { Connection } from 'mongoose';
import type { Actor } from '@opsboard/shared/protocol/actors';
import type { Audience } from '@opsboard/shared/protocol/audiences';
import { seesAny, viewOfAny } from '@opsboard/shared/protocol/audiences';
import type { Entry, Fields } from '@opsboard/shared/protocol/entries';
import type { AnyRecord, Kind, Records } from '@opsboard/shared/protocol/kinds';
import { hiddenWhenOpened } from '@opsboard/shared/batches/audience';
import type { Batch } from '@opsboard/shared/batches/schema';
import { isDueSoon } from '@opsboard/shared/batches/sla';
import type { Status } from '@opsboard/shared/batches/steps';
import { statuses } from '@opsboard/shared/batches/steps';
import type { Journal } from '../journal/journal.ts';
import type { OrgState } from '../journal/org-state.ts';
import type { StoredRecord } from '../journal/stored.ts';
import { collectionOf, recordOf } from '../journal/stored.ts';
import { startOfDay } from '@opsboard/shared/time/days';
import type { HeldState } from './walk-back.ts';
import { hold, walkBack } from './walk-back.ts';

/** One thing that happened, for the activity list. */
export type Activity = {
  seq: number;
  at: number;
  done: number;
  actor: Actor;
  commandId: string;
  verb: string;
  kind: Kind;
  id: string;
  /** The human reference of a batch or route. */
  reference?: string;
  why?: string;
  /** The new values that the asker sees. */
  set: Fields;
};

/** Entries read at once on the way back. */
const chunk = 500;
/** How far an activity list looks back for what the asker may see, entries. */
const activityReach = 5_000;
/** How far the day's figures look back, entries. */
const figuresReach = 100_000;

/** The journal's entries up to a seq, newest first, in chunks. */
async function* backwards(journal: Journal, org: string, to: number, reach: number): AsyncGenerator<Entry[]> {
  for (let last = to; last > Math.max(0, to - reach); last -= chunk) {
    const entries = await journal.entries(org, { from: Math.max(0, last - chunk), to: last });
    yield entries.reverse();
  }
}

/** The batches named by entries that are no longer in memory: archived, and so not changing any more. */
async function archivedOf(connection: Connection, held: HeldState, org: string, entries: readonly Entry[]) {
  const ids = new Set(entries.filter((e) => e.kind === 'batch' && !held.get('batch', e.id)).map((e) => e.id));
  if (ids.size === 0) return new Map<string, Batch>();
  const found = await connection
    .collection<StoredRecord>(collectionOf.batch)
    .find({ org, _id: { $in: [...ids] } })
    .toArray();
  return new Map(found.map((record) => [record._id, recordOf('batch', record as StoredRecord)]));
}

/** What happened last, newest first: entries that changed something the asker sees. */
export async function readActivity(
  options: { connection: Connection; journal: Journal },
  state: OrgState,
  audience: Audience,
  limit: number,
): Promise<Activity[]> {
  using held = hold(state);
  const found: Activity[] = [];
  const earlier = new Map<string, AnyRecord | undefined>();
  for await (const entries of backwards(options.journal, state.org, held.seq, activityReach)) {
    const archived = await archivedOf(options.connection, held, state.org, entries);
    const present = (kind: Kind, id: string) => {
      const key = `${kind}:${id}`;
      return earlier.has(key)
        ? earlier.get(key)
        : (held.get(kind, id) ?? (kind === 'batch' ? archived.get(id) : undefined));
    };
    for (const { entry, before, after } of walkBack(entries, present)) {
      earlier.set(`${entry.kind}:${entry.id}`, before);
      const activity = activityOf(audience, entry, after);
      if (activity) found.push(activity);
      if (found.length === limit) return found;
    }
  }
  return found;
}

/** Values come from the entry alone: what is personal is not told here, and what is hidden from the asker is left out. */
function activityOf(audience: Audience, entry: Entry, after: AnyRecord | undefined): Activity | undefined {
  const view = after && viewOfAny(audience, entry.kind, after as never);
  if (!view) return undefined;
  const seen = (path: string) => Object.hasOwn(view, path.split('.', 1)[0]!);
  const set = Object.fromEntries(Object.entries(entry.set).filter(([path]) => seen(path)));
  const others = [...entry.unset, ...(entry.touched ?? [])].some(seen);
  if (Object.keys(set).length === 0 && !others) return undefined;
  const { seq, at, done, actor, commandId, verb, kind, id, why } = entry;
  const reference = kind === 'batch' || kind === 'route' ? (after as Records['batch' | 'route']).reference : undefined;
  return {
    seq,
    at,
    done,
    actor,
    commandId,
    verb,
    kind,
    id,
    ...(reference ? { reference } : {}),
    ...(why ? { why } : {}),
    set,
  };
}

/** A batch's entries, oldest first: those made while the asker would have seen it. */
export function readTimeline(audience: Audience, batch: Batch, entries: readonly Entry[]): Entry[] {
  return timelineOf(audience, 'batch', batch, entries, hiddenWhenOpened(audience));
}

/** A record's entries, oldest first: those made while the asker would have seen it, without what is hidden. */
export function timelineOf<K extends Kind>(
  audience: Audience,
  kind: K,
  record: Records[K],
  entries: readonly Entry[],
  hidden: readonly string[] = [],
): Entry[] {
  const newestFirst = [...entries].sort((a, b) => b.seq - a.seq).filter((entry) => entry.rev <= record.rev);
  const seen: Entry[] = [];
  for (const { entry, before, after } of walkBack(newestFirst, () => record)) {
    if (!after || !seesAny(audience, kind, after as Records[K])) continue;
    const saw = before && seesAny(audience, kind, before as Records[K]);
    // Where it came from is another branch's matter.
    const shown = withoutFields(saw ? entry : { ...entry, was: {} }, hidden);
    if (shown) seen.push(shown);
  }
  return seen.reverse();
}

/** An entry without what is hidden; undefined when it says nothing else. */
function withoutFields(entry: Entry, hidden: readonly string[]): Entry | undefined {
  if (hidden.length === 0) return entry;
  const shows = (path: string): boolean => !hidden.includes(path.split('.', 1)[0]!);
  const cut = (fields: Fields): Fields => Object.fromEntries(Object.entries(fields).filter(([path]) => shows(path)));
  const left = { ...entry, set: cut(entry.set), unset: entry.unset.filter(shows), was: cut(entry.was) };
  return Object.keys(left.set).length + left.unset.length > 0 ? left : undefined;
}

/** Counts at one moment. `completed` counts those completed since midnight; the rest what stood in each status. */
export type Figures = { at: number } & { [S in Status | 'dueSoon']: number };

/**
 * The day so far by the hour, oldest first, and now: from the records as they are, taken back through the journal, by when
 * things became known.
 */
export async function readDay(
  journal: Journal,
  state: OrgState,
  audience: Audience,
  now: number,
): Promise<{ from: number; hours: Figures[] }> {
  const from = startOfDay(now, state.get('organization', state.org)?.timeZone ?? 'UTC');
  const moments: number[] = [];
  for (let at = from; at < now; at += 3_600_000) moments.push(at);
  using held = hold(state);
  const batches = new Map<string, Batch>();
  for (const batch of held.all('batch')) batches.set(batch.id, batch as Batch);
  const hours = [countAt(audience, batches.values(), now, from)];
  const goBack = (entry: Entry, was: AnyRecord | undefined): void => {
    while (moments.length > 0 && entry.at <= moments.at(-1)!)
      hours.push(countAt(audience, batches.values(), moments.pop()!, from));
    if (was) batches.set(entry.id, was as Batch);
    else batches.delete(entry.id);
  };
  scan: for await (const entries of backwards(journal, state.org, held.seq, figuresReach)) {
    for (const { entry, before, after } of walkBack(entries, (_kind, id) => batches.get(id))) {
      if (entry.at <= from) break scan;
      // What was archived meanwhile was completed before, on another day: it counted nowhere.
      if (entry.kind === 'batch' && after) goBack(entry, before);
    }
  }
  while (moments.length > 0) hours.push(countAt(audience, batches.values(), moments.pop()!, from));
  return { from, hours: hours.reverse() };
}

function countAt(audience: Audience, batches: Iterable<Batch>, at: number, midnight: number): Figures {
  const counts = {
    at,
    dueSoon: 0,
    ...(Object.fromEntries(statuses.map((status) => [status, 0])) as { [S in Status]: number }),
  };
  for (const batch of batches) {
    if (!seesAny(audience, 'batch', batch)) continue;
    if (batch.status !== 'completed') counts[batch.status]++;
    else if (batch.since >= midnight) counts.completed++;
    if (isDueSoon(batch, at)) counts.dueSoon++;
  }
  return counts;
}
