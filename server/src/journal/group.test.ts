import type { Batch } from '@opsboard/shared/batches/schema';
import type { RecordChange } from '@opsboard/shared/protocol/decision';
import type { AnyRecord } from '@opsboard/shared/protocol/kinds';
import { MongoClientBulkWriteError, MongoNetworkError, MongoServerError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import type { Expected } from './folded-state.ts';
import { draft } from './fold.ts';
import type { Group } from './group.ts';
import { modelsOf } from './group.ts';
import { outcomeOf, outcomeOfCommit } from './outcome.ts';
import type { StoredReceipt } from './stored.ts';
import { TimeoutError } from './within.ts';

const batch = (id: string, parts: string[], more: Partial<Batch> = {}): Batch =>
  ({
    id,
    org: 'org',
    rev: 1,
    status: 'draft',
    parts: Object.fromEntries(parts.map((part) => [part, {}])),
    ...more,
  }) as Batch;

/** A group of changes to these records, from seq 7. */
function groupOf(records: AnyRecord[], changes: Partial<RecordChange>[], more: Partial<Group> = {}): Group {
  const now = new Map<string, AnyRecord | undefined>(records.map((record) => [record.id, record]));
  const before = new Map<string, AnyRecord | undefined>();
  const entries = changes.map((given, i): Expected => {
    const change: RecordChange = { kind: 'batch', id: 'one', set: {}, ...given };
    const { after, ...said } = draft('org', now.get(change.id), change);
    const key = `${change.kind}/${change.id}`;
    if (!before.has(key)) before.set(key, now.get(change.id));
    now.set(change.id, after);
    const entry = {
      v: 1,
      org: 'org',
      seq: 8 + i,
      at: 1,
      done: 1,
      actor: { type: 'person', id: 'me' },
      commandId: `c${i}`,
    } as const;
    return { entry: { ...entry, verb: 'v', kind: change.kind, id: change.id, ...said }, after };
  });
  const receipts = changes.map((_, i) => ({ _id: `org/c${i}`, commandId: `c${i}` }) as StoredReceipt);
  return { org: 'org', from: 7, references: undefined, entries, before, receipts, ...more };
}

const writesOf = (group: Group) => modelsOf(group, (collection) => `db.${collection}`, 'process');
/** The writes to records only. */
const records = (group: Group) => writesOf(group).models.filter(({ namespace }) => /batches|people/.test(namespace));

describe('the writes of a group', () => {
  it('[J2] [J4] the counter first, from exactly the seq it was decided on; then records, entries, receipts', () => {
    const { models, updates, inserts } = writesOf(
      groupOf([batch('one', [])], [{ set: { dueAt: 5 } }], { references: { batch: 9, route: 1 } }),
    );
    expect(models.map(({ namespace }) => namespace)).toEqual([
      'db.counters',
      'db.batches',
      'db.journal',
      'db.receipts',
    ]);
    expect(models[0]).toMatchObject({
      filter: { _id: 'org', seq: 7, turn: null, epoch: null },
      update: { $set: { seq: 8, references: { batch: 9, route: 1 } } },
    });
    expect(models[0]).not.toHaveProperty('upsert');
    expect({ updates, inserts }).toEqual({ updates: 2, inserts: 2 });
    expect(models[2]).toMatchObject({ document: { _id: 'org/000000000008', process: 'process', seq: 8 } });
  });

  it('is bound to the epoch that the state was loaded in', () => {
    expect(writesOf(groupOf([], [], { fence: 'restored' })).models[0]).toMatchObject({
      filter: { seq: 7, epoch: 'restored' },
    });
  });

  it('makes the counter of a new organization, and uses up a turn', () => {
    expect(writesOf(groupOf([], [], { from: 0 })).models[0]).toMatchObject({ upsert: true });
    expect(writesOf(groupOf([], [], { turn: 'me' })).models[0]).toMatchObject({
      filter: { turn: 'me' },
      update: { $unset: { turn: true } },
    });
  });

  it('a record changed once is updated by path, on exactly its rev', () => {
    const group = groupOf([batch('one', ['A'], { driver: 'd' })], [{ set: { 'parts.B': {} }, unset: ['driver'] }]);
    expect(records(group)).toEqual([
      {
        name: 'updateOne',
        namespace: 'db.batches',
        filter: { _id: 'one', rev: 1 },
        update: { $set: { 'parts.B': {}, rev: 2, openParts: ['A', 'B'] }, $unset: { driver: true } },
      },
    ]);
  });

  it('one changed again is written whole, once; a new one is inserted as it ends', () => {
    expect(records(groupOf([batch('one', [])], [{ set: { dueAt: 5 } }, { set: { 'parts.A': {} } }]))).toMatchObject([
      {
        name: 'replaceOne',
        filter: { _id: 'one', rev: 1 },
        replacement: { _id: 'one', rev: 3, dueAt: 5, openParts: ['A'] },
      },
    ]);
    const { id: _id, org: _org, rev: _rev, ...fresh } = batch('one', ['A']);
    const made = records(groupOf([], [{ create: true, set: fresh }, { set: { status: 'sealed' } }]));
    expect(made).toMatchObject([
      { name: 'insertOne', document: { _id: 'one', rev: 2, status: 'sealed', openParts: ['A'] } },
    ]);
  });

  it.each<[string, Batch, Partial<RecordChange>, object]>([
    [
      'a completed batch',
      batch('one', ['A'], { status: 'in_transit_back' }),
      { set: { status: 'completed' } },
      { $unset: { openParts: true } },
    ],
    [
      'the last part taken out',
      batch('one', ['A']),
      { unset: ['parts.A'] },
      { $unset: { openParts: true, 'parts.A': true } },
    ],
    ['one of two taken out', batch('one', ['A', 'B']), { unset: ['parts.A'] }, { $set: { openParts: ['B'] } }],
    [
      'opened again',
      batch('one', ['A'], { status: 'completed' }),
      { set: { status: 'in_transit_back' } },
      { $set: { openParts: ['A'] } },
    ],
  ])('[C12] keeps the open parts: %s', (_what, before, change, update) => {
    expect(records(groupOf([before], [change]))).toMatchObject([{ update }]);
  });

  it('[C12] leaves them alone when nothing of them changes', () => {
    expect(JSON.stringify(records(groupOf([batch('one', ['A'])], [{ set: { status: 'sealed' } }])))).not.toContain(
      'openParts',
    );
  });

  it.each<[string, Batch, Partial<RecordChange>, object]>([
    [
      'archived',
      batch('one', ['P-1-A', 'X', 'Y-'], { status: 'completed', reference: 'B-2041' }),
      { set: { archivedAt: 5 } },
      { $set: { archivedAt: 5, rev: 2, findWords: ['B-2041', '2041', 'P-1-A', '1-A', 'X', 'Y-'] } },
    ],
    [
      'back on the boards',
      batch('one', ['A'], { status: 'completed', reference: 'B-2041', archivedAt: 5 }),
      { unset: ['archivedAt'] },
      { $set: { rev: 2 }, $unset: { archivedAt: true, findWords: true } },
    ],
    ['on the boards', batch('one', ['A']), { set: { dueAt: 5 } }, { $set: { rev: 2, dueAt: 5 } }],
  ])('what it is found by is stored only of an archived batch: %s', (_what, before, change, update) => {
    expect(records(groupOf([before], [change]))).toEqual([expect.objectContaining({ update })]);
  });

  it('[C12] what sets a part free comes before what takes it', () => {
    const group = groupOf(
      [batch('one', []), batch('two', ['A'])],
      [
        { id: 'one', set: { dueAt: 1 } },
        { id: 'two', unset: ['parts.A'] },
        { id: 'one', set: { 'parts.A': {} } },
      ],
    );
    expect(records(group).map((model) => ('filter' in model ? model.filter['_id'] : ''))).toEqual(['two', 'one']);
  });

  it('[J9] hidden values go to the record, not to the journal', () => {
    const person = { id: 'p', org: 'org', rev: 1, name: 'Ada', phone: '1', role: 'admin' } as unknown as AnyRecord;
    const group = groupOf(
      [person],
      [{ kind: 'person', id: 'p', set: { name: 'Secret', role: 'driver' }, unset: ['phone'] }],
    );
    expect(records(group)).toMatchObject([
      { update: { $set: { name: 'Secret', role: 'driver', rev: 2 }, $unset: { phone: true } } },
    ]);
    expect(JSON.stringify(writesOf(group).models.filter(({ namespace }) => namespace === 'db.journal'))).not.toContain(
      'Secret',
    );
  });
});

describe('what an error comes to', () => {
  const server = (code: number, labels: string[] = []) =>
    new MongoServerError({ message: 'm', code, errorLabels: labels });

  it.each<[string, unknown, string]>([
    ['a conflict of writes', server(112, ['TransientTransactionError']), 'conflict'],
    ['a primary that steps down', server(189), 'failed'],
    ['a full disk', server(14031), 'failed'],
    ['what the server calls passing', server(9999, ['TransientTransactionError']), 'failed'],
    ['a cut line', new MongoNetworkError('cut'), 'failed'],
    ['no answer', new TimeoutError('late'), 'failed'],
    ['what can never be stored', server(10334), 'broken'],
    ['a bug', new TypeError('bug'), 'broken'],
  ])('of the writes: %s', (_what, error, type) => {
    expect(outcomeOf(error, []).type).toBe(type);
  });

  it('[J4] a duplicate is blamed on a command only if the counter had matched', () => {
    const { owners } = writesOf(groupOf([batch('one', [])], [{ set: { 'parts.A': {} } }]));
    const duplicate = (matchedCount: number) => {
      const error = new MongoClientBulkWriteError({ message: 'm' });
      error.writeErrors.set(1, { code: 11000, message: 'E11000 duplicate key index: org_1_openParts_1 dup key: {}' });
      error.partialResult = { matchedCount, upsertedCount: 0 } as NonNullable<typeof error.partialResult>;
      return outcomeOf(error, owners);
    };
    expect(duplicate(0)).toEqual({ type: 'moved' });
    expect(duplicate(1)).toMatchObject({ type: 'duplicate', duplicate: { index: 'parts', kind: 'batch', id: 'one' } });
  });

  it.each<[string, unknown, string]>([
    ['the transaction is gone', server(251, ['TransientTransactionError']), 'failed'],
    ['a cut line', new MongoNetworkError('cut'), 'unknown'],
    ['no answer', new TimeoutError('late'), 'unknown'],
    ['no majority', server(64, ['UnknownTransactionCommitResult']), 'unknown'],
  ])('[J6] of the commit: %s', (_what, error, type) => {
    expect(outcomeOfCommit(error).type).toBe(type);
  });
});
