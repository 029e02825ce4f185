import type { Connection } from 'mongoose';
import type { Command } from '@opsboard/shared/protocol/envelope';
import type { ErrorCode } from '@opsboard/shared/protocol/errors';
import { overBefore } from '@opsboard/shared/retention/decide';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock } from '../platform/clock.ts';
import { filesIn } from '../files/store.ts';
import { collectionOf } from '../journal/stored.ts';
import { newId } from '../platform/ids.ts';
import type { Logger } from '../platform/log.ts';
import type { AccessKeeper, Counts, Due, TrailKeeper } from './due.ts';
import { dueIn, noCounts, positionsBefore } from './due.ts';
import { forget } from './forget.ts';

export type RetentionParts = {
  connection: Connection;
  journal: Journal;
  dispatcher: Pick<Dispatcher, 'dispatch'>;
  clock: Clock;
  log: Logger;
  access?: AccessKeeper | undefined;
  trails?: TrailKeeper | undefined;
};

/** What was deleted last, for people to read. `_id` is the organization. */
export type LastRun = { _id: string; at: number; counts: Counts };
export const lastRunsIn = (connection: Connection) => connection.collection<LastRun>('retention');

/** Few enough that people's commands and reads get between. */
const chunk = 100;
/** Refusals that say: not any more, or somebody was first. */
const late: ReadonlySet<ErrorCode> = new Set(['nothing_to_change', 'not_found', 'archived']);

/** Whether an erasing command was done, now or before. Throws when it could not be asked: the job comes again. */
export async function erase(
  { dispatcher, clock }: Pick<RetentionParts, 'dispatcher' | 'clock'>,
  org: string,
  command: Pick<Command, 'name' | 'args'>,
): Promise<boolean> {
  const whole = { commandId: newId(clock.now()), ...command } as Command;
  const ack = await dispatcher.dispatch({ type: 'system', org, id: 'retention' }, whole);
  if (!ack.ok && !late.has(ack.error.code)) throw new Error(`${command.name} was refused: ${ack.error.code}`);
  return ack.ok;
}

/**
 * Deletes what is over in every organization, in chunks. It may be stopped anywhere, and run anywhere, several at once:
 * what a record says decides, and whoever comes next goes on.
 *
 * @param goOn asked between chunks; false ends it early
 */
export async function retain(parts: RetentionParts, goOn: () => boolean = () => true): Promise<Counts> {
  const total = noCounts();
  for (const org of await parts.journal.orgs()) {
    if (!goOn()) break;
    try {
      const counts = await retainIn(parts, org, goOn);
      for (const kind in counts) total[kind as keyof Counts] += counts[kind as keyof Counts];
    } catch (err) {
      parts.log.warn({ err, org }, 'retention waits, and tries again');
    }
  }
  return total;
}

async function retainIn(parts: RetentionParts, org: string, goOn: () => boolean): Promise<Counts> {
  const { connection, journal, clock, access, trails } = parts;
  const state = await journal.org(org);
  const now = clock.now();
  const retention = state.get('organization', org)?.retention ?? {};
  const due = dueIn(state, retention, now);
  const counts = noCounts();

  if (due.batches) {
    counts.batches = await inChunks(parts, due.batches, goOn, async (ids) => {
      const erased = await eraseAll(parts, org, 'batch', ids);
      for (;;) {
        const messages = await idsOf(connection, { collection: 'messages', filter: { org, batch: { $in: erased } } });
        if (messages.length === 0) break;
        counts.messages += await forget(connection, org, 'message', messages);
      }
      return forget(connection, org, 'batch', erased);
    });
  }
  if (due.routes) {
    counts.routes = await inChunks(parts, due.routes, goOn, async (ids) => {
      const erased = await eraseAll(parts, org, 'route', ids);
      counts.files += await dropFilesOf(connection, org, erased);
      return forget(connection, org, 'route', erased);
    });
  }
  if (due.messages) {
    counts.messages += await inChunks(parts, due.messages, goOn, async (ids) =>
      forget(connection, org, 'message', await eraseAll(parts, org, 'message', ids)),
    );
  }
  // What has ended never changes again: nothing needs to be decided.
  if (due.sessions)
    counts.sessions = await inChunks(parts, due.sessions, goOn, (ids) => forget(connection, org, 'session', ids));
  if (due.links) counts.links = await inChunks(parts, due.links, goOn, (ids) => forget(connection, org, 'link', ids));
  if (due.files) {
    const { collection, filter } = due.files;
    counts.files += await inChunks(parts, due.files, goOn, async (ids) => {
      // Still as they were when they were found: one may have been named since.
      const files = connection.collection<{ _id: string }>(collection);
      return (await files.deleteMany({ $and: [filter, { _id: { $in: ids } }] } as object)).deletedCount;
    });
  }
  const before = overBefore(retention.accessDays, now);
  if (before !== undefined && access) {
    for (let gone = -1; gone !== 0 && goOn(); counts.access += gone)
      gone = await access.deleteBefore(org, before, 10 * chunk);
  }
  if (trails) {
    const over = positionsBefore(state, now);
    for (let gone = -1; gone !== 0 && goOn(); counts.positions += gone)
      gone = await trails.deleteBefore(org, over, 10 * chunk);
  }
  if (Object.values(counts).some((count) => count > 0)) {
    await lastRunsIn(connection).updateOne({ _id: org }, { $set: { at: now, counts } }, { upsert: true });
    parts.log.info({ org, ...counts }, 'deleted what was over');
  }
  return counts;
}

/** Marks records for deletion, each by its own decision; those that are marked, also by an earlier run. */
async function eraseAll(
  parts: RetentionParts,
  org: string,
  kind: 'batch' | 'route' | 'message',
  ids: readonly string[],
): Promise<string[]> {
  await Promise.all(
    ids.map((id) =>
      erase(
        parts,
        org,
        kind === 'batch'
          ? { name: 'batch.erase', args: { id } }
          : { name: `${kind}.erase`, args: { id, because: 'retention' } },
      ),
    ),
  );
  const collection = collectionOf[kind];
  const filter = { org, _id: { $in: [...ids] }, erasedAt: { $exists: true } };
  return idsOf(parts.connection, { collection, filter });
}

/** The proof goes with the routes that it proved. */
async function dropFilesOf(connection: Connection, org: string, routes: readonly string[]): Promise<number> {
  if (routes.length === 0) return 0;
  const files = filesIn(connection);
  const its = await files.find({ org, routes: { $in: [...routes] } }, { projection: { _id: 1 } }).toArray();
  if (its.length === 0) return 0;
  const ids = its.map(({ _id }) => _id);
  await files.updateMany({ _id: { $in: ids }, org }, { $pull: { routes: { $in: [...routes] } } });
  return (await files.deleteMany({ _id: { $in: ids }, org, routes: [] })).deletedCount;
}

async function idsOf(connection: Connection, { collection, filter }: Due): Promise<string[]> {
  const found = connection
    .collection<{ _id: string }>(collection)
    .find(filter as object, { projection: { _id: 1 }, sort: { _id: 1 }, limit: chunk, readConcern: 'majority' });
  return (await found.toArray()).map(({ _id }) => _id);
}

/** Every document once, whether it went or not. */
async function inChunks(
  { connection }: RetentionParts,
  { collection, filter }: Due,
  goOn: () => boolean,
  act: (ids: string[]) => Promise<number>,
): Promise<number> {
  let count = 0;
  for (let last = ''; goOn();) {
    const ids = await idsOf(connection, { collection, filter: { $and: [filter, { _id: { $gt: last } }] } });
    if (ids.length === 0) break;
    count += await act(ids);
    last = ids.at(-1)!;
  }
  return count;
}
