import type { Connection } from 'mongoose';
import { fieldWord } from '@opsboard/shared/access/fields';
import type { AccessRow } from '@opsboard/shared/access/verbs';
import type { Entry } from '@opsboard/shared/protocol/entries';
import type { Journal } from '../journal/journal.ts';
import type { OrgState } from '../journal/org-state.ts';
import type { AccessFilter } from './filter.ts';
import type { StoredAccess } from './model.ts';
import { accessLines } from './model.ts';
import { namesOf } from './names.ts';

/** Where the list goes on: before this entry of the journal, and before this line of the log. */
export type AccessPlace = { seq: number; at: number; id: string };

/**
 * One page, newest first. `next` when there may be more; `searchedTo` (milliseconds) when looking through the journal
 * took so long that the page ends before it is full.
 */
export type AccessPage = { rows: AccessRow[]; next?: AccessPlace; searchedTo?: number };

type Parts = { connection: Connection; journal: Journal };
type Asked = { before?: AccessPlace | undefined; limit: number; reach?: number };

/** Entries read at once. */
const chunk = 1_000;
/** Entries that are looked at for one page. */
const usualReach = 20_000;
/** Entries stand in order of their seq; their times nearly so. */
const slack = 10 * 60_000;
/** What the log tells in its own words, with the address, or what nobody did on purpose. */
const untold: ReadonlySet<string> = new Set(['session.start', 'session.renew']);

/** Who saw and who changed what, in one list. Both are read backwards from where the last page ended. */
export async function readAccess(
  parts: Parts,
  state: OrgState,
  filter: AccessFilter,
  asked: Asked,
): Promise<AccessPage> {
  const { before, limit, reach = usualReach } = asked;
  const seen = filter.what.some((what) => what !== 'changed')
    ? await readSeen(parts.connection, state.org, filter, asked)
    : [];
  const changes = filter.what.includes('changed')
    ? changesOf(parts.journal, state, filter, before?.seq, reach)
    : undefined;
  const rows: (StoredAccess | Entry)[] = [];
  let place: AccessPlace = before ?? { seq: state.seq + 1, at: Number.MAX_SAFE_INTEGER, id: '' };
  let change = await changes?.next();
  let searchedTo: number | undefined;
  for (let i = 0; rows.length <= limit;) {
    const line = seen[i];
    const found = change?.done === false ? change.value : undefined;
    if (found && 'searchedTo' in found) {
      // What is older than what was looked through may have changes in between.
      if (line && line.at >= found.searchedTo) {
        rows.push(line);
        i++;
        continue;
      }
      searchedTo = found.searchedTo;
      place = placeAfter(place, rows.slice(0, limit));
      return { ...(await told(parts, state, rows.slice(0, limit))), next: { ...place, seq: found.seq }, searchedTo };
    }
    if (!line && !found) break;
    if (found && (!line || found.at >= line.at)) {
      rows.push(found);
      change = await changes!.next();
    } else {
      rows.push(line!);
      i++;
    }
  }
  const shown = rows.slice(0, limit);
  const page = await told(parts, state, shown);
  return rows.length > limit ? { ...page, next: placeAfter(place, shown) } : page;
}

function placeAfter(place: AccessPlace, rows: readonly (StoredAccess | Entry)[]): AccessPlace {
  let { seq, at, id } = place;
  for (const row of rows) {
    if ('seq' in row) ({ seq } = row);
    else ({ at, _id: id } = row);
  }
  return { seq, at, id };
}

/** Lines of the log, newest first. */
async function readSeen(
  connection: Connection,
  org: string,
  filter: AccessFilter,
  { before, limit }: Asked,
): Promise<StoredAccess[]> {
  const { actor, kind, record, what, from, to } = filter;
  const all: object[] = [{ org }, { what: { $in: what } }];
  if (actor) all.push({ 'actor.type': actor.type, ...(actor.id === undefined ? {} : { 'actor.id': actor.id }) });
  if (kind !== undefined) all.push({ kind });
  if (record !== undefined) all.push({ id: record });
  if (from !== undefined) all.push({ at: { $gte: from } });
  if (to !== undefined) all.push({ at: { $lt: to } });
  if (before && before.id !== '')
    all.push({ $or: [{ at: { $lt: before.at } }, { at: before.at, _id: { $lt: before.id } }] });
  return accessLines(connection)
    .find({ $and: all } as object)
    .sort({ at: -1, _id: -1 })
    .limit(limit + 1)
    .toArray();
}

/** Entries that fit, newest first; ends with how far it has looked when that is not the beginning. */
async function* changesOf(
  journal: Journal,
  state: OrgState,
  filter: AccessFilter,
  before: number | undefined,
  reach: number,
): AsyncGenerator<Entry | { searchedTo: number; seq: number }> {
  const { org } = state;
  if (filter.record !== undefined) {
    let seq = before;
    for (;;) {
      const entries = await journal.entriesOfRecord(org, undefined, filter.record, {
        ...(seq === undefined ? {} : { before: seq }),
        limit: chunk,
      });
      for (const entry of entries) if (fits(entry, filter)) yield entry;
      if (entries.length < chunk) return;
      seq = entries.at(-1)!.seq;
    }
  }
  let last = Math.min((before ?? state.seq + 1) - 1, await seqAt(journal, org, state.seq, filter.to));
  let looked = 0;
  let at = Number.MAX_SAFE_INTEGER;
  for (; last > 0; last -= chunk) {
    if (looked >= reach) {
      yield { searchedTo: at, seq: last + 1 };
      return;
    }
    const entries = await journal.entries(org, { from: Math.max(0, last - chunk), to: last, limit: chunk });
    looked += entries.length;
    for (const entry of entries.reverse()) {
      if (fits(entry, filter)) yield entry;
      at = entry.at;
    }
    if (filter.from !== undefined && at < filter.from - slack) return;
  }
}

function fits({ actor, kind, verb, at }: Entry, filter: AccessFilter): boolean {
  if (untold.has(verb)) return false;
  if (filter.actor && (actor.type !== filter.actor.type || (filter.actor.id ?? actor.id) !== actor.id)) return false;
  if (filter.kind !== undefined && filter.kind !== kind) return false;
  if (filter.from !== undefined && at < filter.from) return false;
  return filter.to === undefined || at < filter.to;
}

/** About the last seq before a moment, by halves. */
async function seqAt(journal: Journal, org: string, last: number, to: number | undefined): Promise<number> {
  if (to === undefined) return last;
  let [low, high] = [0, last];
  while (high - low > chunk) {
    const middle = Math.floor((low + high) / 2);
    const [entry] = await journal.entries(org, { from: middle - 1, to: middle, limit: 1 });
    if (entry && entry.at < to + slack) low = middle;
    else high = middle;
  }
  return high;
}

/** Rows as they are shown, with names as they are now. */
async function told(
  { connection }: Parts,
  state: OrgState,
  found: readonly (StoredAccess | Entry)[],
): Promise<AccessPage> {
  const rows = found.map((one) => ('seq' in one ? changed(one) : saw(one)));
  const nameOf = await namesOf(connection, state, rows);
  return {
    rows: rows.map((row) => {
      const who = row.actor && nameOf.actor(row.actor);
      const name = row.kind !== undefined && row.record !== undefined ? nameOf.record(row.kind, row.record) : undefined;
      return { ...row, ...(who === undefined ? {} : { who }), ...(name === undefined ? {} : { name }) };
    }),
  };
}

function saw({ _id, at, what, actor, kind, id, detail, address }: StoredAccess): AccessRow {
  return {
    id: _id,
    at,
    what,
    ...(actor ? { actor } : {}),
    ...(kind === undefined ? {} : { kind }),
    ...(id === undefined ? {} : { record: id }),
    ...(detail === undefined ? {} : { detail }),
    ...(address === undefined ? {} : { address }),
  };
}

/** Which fields, not what they are now or were: that is in the record's own history, for those who may see it. */
function changed({ seq, at, actor, verb, kind, id, rev, set, unset, touched, why }: Entry): AccessRow {
  const paths = [...Object.keys(set), ...unset, ...(touched ?? [])];
  const fields = new Set(paths.map((path) => fieldWord(kind, path.split('.', 1)[0]!)));
  const detail = rev === 1 ? undefined : [...fields].join(', ');
  return {
    id: String(seq),
    at,
    what: 'changed',
    actor,
    verb,
    kind,
    record: id,
    ...(detail ? { detail } : {}),
    ...(why === undefined ? {} : { why }),
  };
}
