import type { Connection } from 'mongoose';
import type { Entry } from '@opsboard/shared/protocol/entries';
import type { Kind } from '@opsboard/shared/protocol/kinds';
import { withoutPeopleAt } from '@opsboard/shared/retention/decide';
import { forget } from './forget.ts';
import type { RetentionParts } from './retain.ts';
import { erase } from './retain.ts';

/** The commands after which more is to be erased than the record that they are about. */
const verbs: ReadonlySet<string> = new Set(['person.erase', 'customer.eraseContacts']);
export const concernsErasure = (entry: Pick<Entry, 'verb'>): boolean => verbs.has(entry.verb);

const chunk = 500;

type Doc = { _id: string; org: string };

async function idsOf(connection: Connection, collection: string, filter: object, limit = 10_000): Promise<string[]> {
  const found = connection
    .collection<Doc>(collection)
    .find(filter, { projection: { _id: 1 }, limit, readConcern: 'majority' });
  return (await found.toArray()).map(({ _id }) => _id);
}

/**
 * What is kept about a person besides their record: where they were signed in, from which device, by which links, and
 * where they drove (in minutes).
 */
export async function countOfPerson(
  { connection, trails }: Pick<RetentionParts, 'connection' | 'trails'>,
  org: string,
  person: string,
) {
  return {
    sessions: await connection.collection('sessions').countDocuments({ org, person }),
    links: await connection.collection('links').countDocuments({ org, person }),
    positions: (await trails?.countOf(org, person)) ?? 0,
  };
}

/**
 * How many messages hold an address or a text for a customer, and how many routes say whom to call at their stops there,
 * where that is, or who received.
 */
export async function countOfCustomer(
  { connection, journal }: Pick<RetentionParts, 'connection' | 'journal'>,
  org: string,
  customer: string,
) {
  let messages = 0;
  const live = [...(await journal.org(org)).all('route')];
  const archived = (await archivedRoutesAt(connection, org, customer)).filter((id) =>
    live.every((one) => one.id !== id),
  );
  const routes = live.filter((route) => withoutPeopleAt(route, customer).length > 0).length + archived.length;
  for await (const batches of batchesOf(connection, org, customer))
    messages += await connection.collection('messages').countDocuments(messagesOf(org, batches));
  return { messages, routes };
}

const messagesOf = (org: string, batches: readonly string[], upTo?: number): object => ({
  org,
  batch: { $in: batches },
  erasedAt: null,
  ...(upTo === undefined ? {} : { createdAt: { $lte: upTo } }),
});

async function* batchesOf(connection: Connection, org: string, customer: string): AsyncGenerator<string[]> {
  let ids: string[] = [];
  const found = connection.collection<Doc>('batches').find({ org, customer } as object, { projection: { _id: 1 } });
  for await (const { _id } of found) {
    ids.push(_id);
    if (ids.length === chunk) {
      yield ids;
      ids = [];
    }
  }
  if (ids.length > 0) yield ids;
}

/**
 * Carries out what follows from an erasure on record: a person's sessions, links and positions go; a customer's messages lose their
 * addresses and texts. Idempotent. A message that is on its way at this moment is left for the next run.
 */
export async function finishErasure(parts: RetentionParts, org: string, kind: Kind, id: string): Promise<void> {
  const { connection, journal, access, trails } = parts;
  if (kind === 'person') {
    const state = await journal.org(org);
    const open = [...state.all('session')].filter((session) => session.person === id);
    for (const session of open) await erase(parts, org, { name: 'session.end', args: { id: session.id } });
    const over = { org, person: id, endedAt: { $exists: true } };
    await forget(connection, org, 'session', await idsOf(connection, 'sessions', over));
    await forget(connection, org, 'link', await idsOf(connection, 'links', { org, person: id }));
    await access?.forgetPerson(org, id);
    await trails?.forgetPerson(org, id);
    return;
  }
  const upTo = (await connection.collection<Doc & { contactsErasedAt?: number }>('customers').findOne({ _id: id, org }))
    ?.contactsErasedAt;
  if (upTo === undefined) return;
  for (const route of await archivedRoutesAt(connection, org, id))
    await erase(parts, org, { name: 'route.erase', args: { id: route, because: 'contacts', customer: id } });
  for await (const batches of batchesOf(connection, org, id)) {
    const messages = await idsOf(connection, 'messages', messagesOf(org, batches, upTo));
    for (const message of messages)
      await erase(parts, org, { name: 'message.erase', args: { id: message, because: 'contacts' } });
  }
}

/** Archived routes that say who received at a customer's: the others the erasure itself has reached. */
async function archivedRoutesAt(connection: Connection, org: string, customer: string): Promise<string[]> {
  type Stored = Doc & { receivers?: { [key: string]: string }; stops: { [id: string]: { place: { id: string } } } };
  const found = connection
    .collection<Stored>('routes')
    .find({ org, archivedAt: { $exists: true }, receivers: { $exists: true } } as object, {
      projection: { receivers: 1, stops: 1 },
    });
  const ids: string[] = [];
  for await (const { _id, receivers, stops } of found) {
    const there = Object.keys(receivers ?? {}).some((key) => stops[key.split('/')[0]!]?.place.id === customer);
    if (there) ids.push(_id);
  }
  return ids;
}

/** Everything that an erasure on record still owes, in every organization. */
export async function sweepErasures(parts: RetentionParts): Promise<void> {
  const { connection, journal } = parts;
  for (const org of await journal.orgs()) {
    for (const id of await idsOf(connection, 'people', { org, erasedAt: { $exists: true } }))
      await finishErasure(parts, org, 'person', id);
    for (const id of await idsOf(connection, 'customers', { org, contactsErasedAt: { $exists: true } }))
      await finishErasure(parts, org, 'customer', id);
  }
}
