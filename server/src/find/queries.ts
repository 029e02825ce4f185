import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type { Audience } from '@opsboard/shared/protocol/audiences';
import { seesAny, viewOf } from '@opsboard/shared/protocol/audiences';
import { holderOf } from '@opsboard/shared/batches/custody';
import type { Batch } from '@opsboard/shared/batches/schema';
import { slaStatus } from '@opsboard/shared/batches/sla';
import { partIdPattern } from '@opsboard/shared/batches/steps';
import type { Found, FoundBatch, FoundName, FoundPart } from '@opsboard/shared/find/found';
import { begins } from '@opsboard/shared/find/routes';
import type { Part } from '@opsboard/shared/parts/schema';
import { roleWords } from '@opsboard/shared/people/roles';
import { namesFor } from '../batches/queries.ts';
import type { OrgState } from '../journal/org-state.ts';
import type { StoredRecord } from '../journal/stored.ts';
import { collectionOf, recordOf } from '../journal/stored.ts';
import { recordsOf } from '../parts/queries.ts';
import { findRoutes } from './routes.ts';

/** What every question is asked with. */
export type FindContext = {
  connection: Connection;
  state: OrgState;
  audience: Audience;
  /** Milliseconds since the epoch. */
  now: number;
  /** Whether the asker may read what parts are. */
  labels: boolean;
  /** Whether the asker may read routes. */
  routes: boolean;
};

/** How many of each are told. */
const most = { parts: 12, batches: 8, names: 12, archived: 60 } as const;
/** Hits that are kept to choose the best from. */
const mostKept = 400;
/** Parts that are looked at before others have their turn. */
const run = 20_000;
/** Fewer characters would name half of what was ever archived. */
const leastForArchived = 2;
/** An answer that takes longer is not waited for, milliseconds. */
const patience = 2_000;

/** Parts, batches, routes and names that begin like a text; a number finds what has it behind a dash. */
export async function find(context: FindContext, text: string): Promise<Found> {
  const upper = text.trim().toUpperCase();
  const names = findNames(context, text.trim().toLowerCase());
  const routes = context.routes ? await findRoutes(context, text) : [];
  if (!partIdPattern.test(upper)) return { parts: [], batches: [], routes, names };
  const hits = new Hits(upper);
  let looked = 0;
  for (const batch of context.state.all('batch')) {
    if (!seesAny(context.audience, 'batch', batch)) continue;
    hits.add(batch);
    looked += batch.partCount + 1;
    if (looked < run) continue;
    looked = 0;
    await nextTurn();
  }
  if (upper.length >= leastForArchived) {
    const archived = await readArchived(context.connection, archivedQuery(context, upper), context.audience);
    for (const batch of archived) hits.add(batch);
  }
  return { ...(await tell(context, hits)), routes, names };
}

const isExactly = (word: string, text: string): boolean =>
  word === text ||
  (word.length > text.length && word.endsWith(text) && word.indexOf('-') === word.length - text.length - 1);
const byText = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });
/** Open before completed, the latest first. */
const byNews = (a: Batch, b: Batch): number =>
  Number(isOver(a)) - Number(isOver(b)) ||
  Number(a.archivedAt !== undefined) - Number(b.archivedAt !== undefined) ||
  b.since - a.since;
const isOver = (batch: Batch): boolean => batch.status === 'completed' || batch.archivedAt !== undefined;

/** What was found of batches and their parts, the best of each. */
class Hits {
  readonly #text: string;
  readonly #parts = new Map<string, Batch>();
  readonly #batches = new Map<string, Batch>();

  constructor(text: string) {
    this.#text = text;
  }

  add(batch: Batch): void {
    if (begins(batch.reference, this.#text) && this.#room(this.#batches, batch.reference))
      this.#batches.set(batch.id, batch);
    for (const part in batch.parts) {
      if (!begins(part, this.#text) || !this.#room(this.#parts, part)) continue;
      const known = this.#parts.get(part);
      // The batch that a part is in now tells where it is, not the one that it was in before.
      if (!known || byNews(batch, known) < 0) this.#parts.set(part, batch);
    }
  }

  #room(hits: ReadonlyMap<string, unknown>, word: string): boolean {
    return hits.size < mostKept || hits.has(word) || isExactly(word, this.#text);
  }

  get parts(): { part: string; batch: Batch }[] {
    const exact = (part: string): number => (isExactly(part, this.#text) ? 0 : 1);
    return Array.from(this.#parts, ([part, batch]) => ({ part, batch }))
      .sort(
        (a, b) =>
          exact(a.part) - exact(b.part) || Number(isOver(a.batch)) - Number(isOver(b.batch)) || byText(a.part, b.part),
      )
      .slice(0, most.parts);
  }

  get batches(): Batch[] {
    const exact = ({ reference }: Batch): number => (isExactly(reference, this.#text) ? 0 : 1);
    return [...this.#batches.values()]
      .sort((a, b) => exact(a) - exact(b) || byNews(a, b) || byText(a.reference, b.reference))
      .slice(0, most.batches);
  }
}

/** The condition of the database for what an audience sees of batches. */
function within(audience: Audience): object {
  if (audience.role === 'driver') return { driver: audience.person ?? '' };
  return audience.branches ? { branch: { $in: [...audience.branches] } } : {};
}

/** Archived batches by the beginning of a word that they are stored with: both bounds narrow the search of the index. */
export function archivedQuery({ state, audience }: Pick<FindContext, 'state' | 'audience'>, upper: string): object {
  const word = { $elemMatch: { $gte: upper, $lt: `${upper}\uffff` } };
  return { org: state.org, findWords: word, ...within(audience) };
}

async function readArchived(connection: Connection, query: object, audience: Audience): Promise<Batch[]> {
  const found = await connection
    .collection<StoredRecord>(collectionOf.batch)
    .find(query, { limit: most.archived, maxTimeMS: patience })
    .toArray();
  return found
    .map((stored) => recordOf('batch', stored as StoredRecord))
    .filter((batch) => seesAny(audience, 'batch', batch));
}

/** The batches that hold a part now or did, as far as the audience sees them: on the boards and archived. */
export async function batchesOf({ connection, state, audience }: FindContext, part: string): Promise<Batch[]> {
  const live = [...state.all('batch')].filter(
    (batch) => Object.hasOwn(batch.parts, part) && seesAny(audience, 'batch', batch),
  );
  const archived = await readArchived(connection, { org: state.org, findWords: part, ...within(audience) }, audience);
  return [
    ...live,
    ...archived.filter((batch) => Object.hasOwn(batch.parts, part) && !state.get('batch', batch.id)),
  ].sort(byNews);
}

/** What is on record of parts, by part ID; nothing for who may not read it. */
export async function labelsOf(
  { connection, state, labels }: FindContext,
  parts: readonly string[],
): Promise<ReadonlyMap<string, Part>> {
  return labels && parts.length > 0 ? recordsOf(connection, state.org, parts) : new Map();
}

async function tell(context: FindContext, hits: Hits): Promise<Pick<Found, 'parts' | 'batches'>> {
  const teller = batchTeller(context);
  const { parts } = hits;
  const labels = await labelsOf(
    context,
    parts.map(({ part }) => part),
  );
  return {
    parts: parts.map(({ part, batch }): FoundPart => {
      const told = teller(batch);
      const out = batch.parts[part]?.out;
      const known = labels.get(part);
      return {
        part,
        ...(known ? { label: known.label } : {}),
        ...(known?.archivedAt === undefined ? {} : { archived: true }),
        place: out ? { kind: out.how, name: out.how } : told.place,
        since: out?.at ?? told.since,
        batch: told,
      };
    }),
    batches: hits.batches.map(teller),
  };
}

/** Tells where batches are and who has them, by names as the audience sees them. */
export function batchTeller({ state, audience, now }: FindContext): (batch: Batch) => FoundBatch {
  const nameOf = namesFor(state, audience);
  return (batch) => {
    const { kind, id, since } = holderOf(batch);
    return {
      id: batch.id,
      reference: batch.reference,
      status: batch.status,
      sla: slaStatus(batch, undefined, 1, now),
      dueAt: batch.dueAt,
      customer: nameOf('customer', batch.customer),
      center: nameOf('center', batch.center),
      partCount: batch.partCount,
      place: { kind, id, name: nameOf(kind, id) },
      since,
      ...(batch.archivedAt === undefined ? {} : { archived: true }),
      ...(batch.cancelledAt === undefined ? {} : { cancelled: true }),
    };
  };
}

/** Records whose name contains a text; those that begin with it first. */
function findNames({ state, audience }: FindContext, lower: string): FoundName[] {
  if (lower === '') return [];
  const found: (FoundName & { rank: number })[] = [];
  for (const kind of ['customer', 'center', 'branch', 'person', 'template'] as const) {
    for (const record of state.all(kind)) {
      const at = record.name.toLowerCase().indexOf(lower);
      if (at < 0 || !viewOf(audience, kind, record)) continue;
      const archived = record.archivedAt !== undefined;
      const hint = archived
        ? 'Archived'
        : 'role' in record
          ? roleWords[record.role]
          : 'slaHours' in record
            ? `SLA ${record.slaHours} h`
            : undefined;
      const rank = archived ? 3 : at === 0 ? 0 : /[\s-]$/.test(record.name.slice(0, at)) ? 1 : 2;
      found.push({ kind, id: record.id, name: record.name, ...(hint === undefined ? {} : { hint }), rank });
    }
  }
  found.sort((a, b) => a.rank - b.rank || byText(a.name, b.name));
  return found.slice(0, most.names).map(({ rank: _rank, ...name }) => name);
}
