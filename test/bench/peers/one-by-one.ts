import { hash } from 'node:crypto';
import type { Command } from '@opsboard/shared/protocol/envelope';
import type { MongoClient } from 'mongodb';

/**
 * The usual way to write an event and its state: a transaction for each command, on the driver's fast path. One
 * `bulkWrite` carries the counter, the record, the event and the idempotency key; the process knows the counter and
 * queues its commands, so that none meets a write conflict. No rules, no rights: it only writes.
 */
export function oneByOne(client: MongoClient, database: string, organization: string) {
  const session = client.startSession();
  const at = (collection: string) => `${database}.${collection}`;
  const revs = new Map<string, number>();
  let seq = 0;
  let turn: Promise<unknown> = Promise.resolve();

  async function write(command: Command, person: string): Promise<void> {
    const { id } = command.args as { id: string };
    const rev = revs.get(id) ?? 0;
    const set = { ...(command.args as object), last: command.name };
    const now = Date.now();
    session.startTransaction({ writeConcern: { w: 'majority' } });
    const record =
      rev === 0
        ? ({
            name: 'insertOne',
            namespace: at('batches'),
            document: { _id: id, organization, rev: 1, ...set },
          } as const)
        : ({
            name: 'updateOne',
            namespace: at('batches'),
            filter: { _id: id, rev },
            update: { $set: { ...set, rev: rev + 1 } },
          } as const);
    const result = await client.bulkWrite<Record<string, { _id: string; [field: string]: unknown }>>(
      [
        {
          name: 'updateOne',
          namespace: at('counters'),
          filter: { _id: organization, seq },
          update: { $set: { seq: seq + 1 } },
          upsert: seq === 0,
        },
        record,
        {
          name: 'insertOne',
          namespace: at('journal'),
          document: {
            _id: `${organization}/${seq + 1}`,
            organization,
            seq: seq + 1,
            at: now,
            by: person,
            commandId: command.commandId,
            name: command.name,
            id,
            rev: rev + 1,
            set,
          },
        },
        {
          name: 'insertOne',
          namespace: at('receipts'),
          document: {
            _id: `${organization}/${command.commandId}`,
            by: person,
            digest: hash('sha256', JSON.stringify(command.args), 'base64url'),
            seq: seq + 1,
            expiresAt: new Date(now + 7_776_000_000),
          },
        },
      ],
      { session, ordered: true },
    );
    if (result.matchedCount + result.upsertedCount + result.insertedCount !== 4) throw new Error('a write met nothing');
    await session.commitTransaction();
    seq += 1;
    revs.set(id, rev + 1);
  }

  return {
    dispatch: (command: Command, person: string): Promise<void> => {
      const mine = turn.then(() => write(command, person));
      turn = mine.catch(() => undefined);
      return mine;
    },
    end: async () => {
      await turn;
      await session.endSession();
    },
  };
}
