/**
 * The runner is only worth something if it fails what is wrong. Each row takes a case that a right server passes and
 * spoils one expectation: the case as it was must pass, the spoiled one must fail, and for that reason.
 */
import { Binary, Long, ObjectId, type Document } from 'bson';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServerProcess, temporaryFolder, type ServerProcess } from '../support/server-process.ts';
import { Mismatch } from './failures.ts';
import { assertMatches, assertResultMatches, type MatchContext } from './match.ts';
import { skipReason, type ServerFacts } from './requirements.ts';
import { runCase, type Target } from './run-case.ts';
import type { EntityDescription, SpecFile, SpecTest } from './spec.ts';

const context: MatchContext = {
  entity: (id) => ({ saved: { a: 1 } })[id],
  lsid: () => ({ id: new Binary(Buffer.from('s0')) }),
};

describe('matching', () => {
  const equal: [string, unknown, unknown][] = [
    ['numbers by value', { a: 1 }, { a: Long.fromNumber(1) }],
    ['key order', { a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }],
    ['more keys at the root', { a: 1 }, { a: 1, b: 2 }],
    ['unset', { a: { $$unsetOrMatches: 1 } }, {}],
    ['one of two types', { a: { $$type: ['int', 'string'] } }, { a: 'x' }],
    ['an entity', { a: { $$matchesEntity: 'saved' } }, { a: { a: 1 } }],
    ['bytes', { $$matchesHexBytes: '0aff' }, Buffer.from([10, 255])],
    ['at most', { a: { $$lte: 3 } }, { a: 3 }],
    ['a document of its own root', { a: { $$matchAsRoot: { b: 1 } } }, { a: { b: 1, c: 2 } }],
    ['a document in a string', { a: { $$matchAsDocument: { b: 1 } } }, { a: '{"b":1}' }],
    ['results, each a root', [{ a: 1 }], [{ a: 1, b: 2 }]],
  ];
  it.each(equal)('accepts %s', (_name, expected, actual) => {
    expect(() => assertResultMatches(expected, actual, context)).not.toThrow();
  });

  const unequal: [string, unknown, unknown][] = [
    ['another number', { a: 1 }, { a: 2 }],
    ['a number for a string', { a: 1 }, { a: '1' }],
    ['null for unset', { a: { $$exists: false } }, { a: null }],
    ['a key that is missing', { a: 1 }, {}],
    ['a missing key where null is expected', { a: null }, {}],
    ['more keys below the root', { a: { x: 1 } }, { a: { x: 1, y: 2 } }],
    ['more elements', { a: [1] }, { a: [1, 2] }],
    ['another order of elements', { a: [1, 2] }, { a: [2, 1] }],
    ['more keys in a nested list', { a: [{ x: 1 }] }, { a: [{ x: 1, y: 1 }] }],
    ['fewer results', [{ a: 1 }, { a: 2 }], [{ a: 1 }]],
    ['set, but not matching', { a: { $$unsetOrMatches: 1 } }, { a: 2 }],
    ['another type', { a: { $$type: 'long' } }, { a: 'x' }],
    ['a fraction as an int', { a: { $$type: 'int' } }, { a: 1.5 }],
    ['another entity', { a: { $$matchesEntity: 'saved' } }, { a: { a: 2 } }],
    ['other bytes', { $$matchesHexBytes: '0aff' }, Buffer.from([10, 254])],
    ['above', { a: { $$lte: 3 } }, { a: 4 }],
    ['another session', { lsid: { $$sessionLsid: 's' } }, { lsid: { id: new Binary(Buffer.from('s1')) } }],
    ['another object id', { a: new ObjectId('0'.repeat(24)) }, { a: new ObjectId('1'.repeat(24)) }],
    ['a string for an object id', { a: new ObjectId('0'.repeat(24)) }, { a: '0'.repeat(24) }],
    ['another moment', { a: new Date(0) }, { a: new Date(1) }],
    ['a document for a list', { a: [] }, { a: {} }],
  ];
  it.each(unequal)('refuses %s', (_name, expected, actual) => {
    expect(() => assertResultMatches(expected, actual, context)).toThrow(Mismatch);
  });

  it('refuses an operator that it does not know', () => {
    expect(() => assertMatches({ a: { $$almost: 1 } }, { a: 1 }, context)).toThrow(/does not know the operator/);
  });
});

describe('choosing cases', () => {
  const facts: ServerFacts = { version: '8.0.4', wireVersion: 25, topology: 'replicaset', parameters: {} };
  const none: SpecTest = { description: '', operations: [] };
  const rows: [string, Partial<SpecFile>, Partial<SpecTest>, string | undefined][] = [
    ['a case without requirements runs', {}, {}, undefined],
    [
      'one requirement of several is enough',
      { runOnRequirements: [{ topologies: ['sharded'] }, { topologies: ['replicaset'] }] },
      {},
      undefined,
    ],
    ['sharding is skipped', { runOnRequirements: [{ topologies: ['sharded'] }] }, {}, 'needs sharded'],
    ['a newer server is skipped', {}, { runOnRequirements: [{ minServerVersion: '8.2.0' }] }, 'needs server ≥ 8.2.0'],
    ['an older server is skipped', {}, { runOnRequirements: [{ maxServerVersion: '7.99' }] }, 'needs server ≤ 7.99'],
    ['authentication is skipped', { runOnRequirements: [{ auth: true }] }, {}, 'needs authentication'],
    ['a later schema is skipped', { schemaVersion: '1.99' }, {}, 'schema version 1.99'],
  ];
  it.each(rows)('%s', (_name, file, test, reason) => {
    const spec = { description: '', schemaVersion: '1.0', tests: [], ...file };
    expect(skipReason({ folder: 'f', file: 'f.json', spec }, { ...none, ...test }, facts)).toBe(reason);
  });
});

const createEntities = [
  { client: { id: 'client0', observeEvents: ['commandStartedEvent'] } },
  { database: { id: 'db0', client: 'client0', databaseName: 'runner' } },
  { collection: { id: 'coll0', database: 'db0', collectionName: 'c' } },
  { session: { id: 'session0', client: 'client0' } },
] as unknown as EntityDescription[];
const initialData = [{ databaseName: 'runner', collectionName: 'c', documents: [{ _id: 1, x: 11 }] }];
const insert = { name: 'insertOne', object: 'coll0', arguments: { document: { _id: 2, x: 22 } } };
const duplicate = { name: 'insertOne', object: 'coll0', arguments: { document: { _id: 1 } } };
const find = { name: 'find', object: 'coll0', arguments: { filter: {} } };
const count = { name: 'estimatedDocumentCount', object: 'coll0' };
const failInsert = (data: Document, times = 1) => ({
  name: 'failPoint',
  object: 'testRunner',
  arguments: {
    client: 'client0',
    failPoint: { configureFailPoint: 'failCommand', mode: { times }, data: { failCommands: ['insert'], ...data } },
  },
});
const watch = {
  name: 'createChangeStream',
  object: 'coll0',
  arguments: { pipeline: [] },
  saveResultAsEntity: 'stream0',
};
const next = { name: 'iterateUntilDocumentOrError', object: 'stream0' };
const started = (commandName: string, command: Document = {}) => ({ commandStartedEvent: { commandName, command } });
const events = (...list: Document[]) => [{ client: 'client0', events: list }];
const assertion = (name: string, args: Document) => ({ name, object: 'testRunner', arguments: args });

type Case = Omit<SpecTest, 'description'>;
const rows: [spoiled: string, right: Case, wrong: Case, message: RegExp][] = [
  [
    'a result',
    { operations: [{ ...find, expectResult: [{ _id: 1, x: 11 }] }] },
    { operations: [{ ...find, expectResult: [{ _id: 1, x: 12 }] }] },
    /different values/,
  ],
  [
    'the number of results',
    { operations: [{ ...find, expectResult: [{ _id: 1 }] }] },
    { operations: [{ ...find, expectResult: [] }] },
    /0 elements expected, 1 found/,
  ],
  [
    'a count',
    { operations: [{ ...count, expectResult: 1 }] },
    { operations: [{ ...count, expectResult: 2 }] },
    /different values/,
  ],
  [
    'an outcome',
    {
      operations: [insert],
      outcome: [
        {
          ...initialData[0]!,
          documents: [
            { _id: 1, x: 11 },
            { _id: 2, x: 22 },
          ],
        },
      ],
    },
    { operations: [insert], outcome: initialData },
    /outcome of runner\.c: 1 elements expected, 2 found/,
  ],
  [
    'a field of an outcome',
    { operations: [], outcome: initialData },
    { operations: [], outcome: [{ ...initialData[0]!, documents: [{ _id: 1 }] }] },
    /unexpected keys x/,
  ],
  [
    'an error that does not come',
    { operations: [{ ...duplicate, expectError: { isError: true } }] },
    { operations: [{ ...insert, expectError: { isError: true } }] },
    /no error/,
  ],
  ['an error that nobody expects', { operations: [insert] }, { operations: [duplicate] }, /E11000/],
  [
    'an error code',
    { operations: [{ ...duplicate, expectError: { errorCode: 11000 } }] },
    { operations: [{ ...duplicate, expectError: { errorCode: 11001 } }] },
    /code 11001 expected/,
  ],
  [
    'whose error it is',
    { operations: [{ ...duplicate, expectError: { isClientError: false } }] },
    { operations: [{ ...duplicate, expectError: { isClientError: true } }] },
    /a client’s error was expected/,
  ],
  [
    'an error’s message',
    { operations: [{ ...duplicate, expectError: { errorContains: 'DUPLICATE KEY' } }] },
    { operations: [{ ...duplicate, expectError: { errorContains: 'nonsense' } }] },
    /does not contain "nonsense"/,
  ],
  [
    'an error label',
    { operations: [{ ...duplicate, expectError: { errorLabelsOmit: ['RetryableWriteError'] } }] },
    { operations: [{ ...duplicate, expectError: { errorLabelsContain: ['RetryableWriteError'] } }] },
    /label RetryableWriteError expected/,
  ],
  [
    'what an error must have, in words unknown to the runner',
    { operations: [{ ...duplicate, expectError: { isError: true } }] },
    { operations: [{ ...duplicate, expectError: { isError: true, errorColour: 'red' } as Document }] },
    /cannot check errorColour/,
  ],
  [
    'an event that does not come',
    { operations: [insert], expectEvents: events(started('insert')) },
    { operations: [insert], expectEvents: events(started('insert'), started('insert')) },
    /event 1 of client0 is missing/,
  ],
  [
    'an event too many',
    { operations: [insert, find], expectEvents: events(started('insert'), started('find')) },
    { operations: [insert, find], expectEvents: events(started('insert')) },
    /1 more events/,
  ],
  [
    'the order of events',
    { operations: [insert, find], expectEvents: events(started('insert'), started('find')) },
    { operations: [insert, find], expectEvents: events(started('find'), started('insert')) },
    /event 0 of client0\.commandName/,
  ],
  [
    'a field of a command',
    { operations: [insert], expectEvents: events(started('insert', { txnNumber: { $$exists: true } })) },
    { operations: [insert], expectEvents: events(started('insert', { txnNumber: { $$exists: false } })) },
    /txnNumber: presence differs/,
  ],
  [
    'the type of a field of a command',
    { operations: [insert], expectEvents: events(started('insert', { txnNumber: { $$type: 'long' } })) },
    { operations: [insert], expectEvents: events(started('insert', { txnNumber: { $$type: 'double' } })) },
    /txnNumber: another type/,
  ],
  [
    'a session',
    {
      operations: [{ ...find, arguments: { filter: {}, session: 'session0' } }],
      expectEvents: events(started('find', { lsid: { $$sessionLsid: 'session0' } })),
    },
    { operations: [find], expectEvents: events(started('find', { lsid: { $$sessionLsid: 'session0' } })) },
    /lsid\.id: different values/,
  ],
  [
    'that a retry helps',
    { operations: [failInsert({ errorCode: 91, errorLabels: ['RetryableWriteError'] }), insert] },
    {
      operations: [
        failInsert({ errorCode: 91, errorLabels: ['RetryableWriteError'] }),
        { ...insert, expectError: { isError: true } },
      ],
    },
    /no error/,
  ],
  [
    'that a fail point bites twice',
    { operations: [failInsert({ closeConnection: true }, 2), { ...insert, expectError: { isError: true } }] },
    { operations: [failInsert({ closeConnection: true }, 2), insert] },
    /connection|closed/i,
  ],
  [
    'that a collection exists',
    { operations: [assertion('assertCollectionExists', { databaseName: 'runner', collectionName: 'c' })] },
    { operations: [assertion('assertCollectionExists', { databaseName: 'runner', collectionName: 'd' })] },
    /not there/,
  ],
  [
    'that an index is missing',
    {
      operations: [
        assertion('assertIndexNotExists', { databaseName: 'runner', collectionName: 'c', indexName: 'x_1' }),
      ],
    },
    {
      operations: [
        assertion('assertIndexNotExists', { databaseName: 'runner', collectionName: 'c', indexName: '_id_' }),
      ],
    },
    /the index is there/,
  ],
  [
    'the state of a transaction',
    {
      operations: [
        { name: 'startTransaction', object: 'session0' },
        assertion('assertSessionTransactionState', { session: 'session0', state: 'starting' }),
      ],
    },
    { operations: [assertion('assertSessionTransactionState', { session: 'session0', state: 'starting' })] },
    /the transaction is none/,
  ],
  [
    'a dirty session',
    { operations: [assertion('assertSessionNotDirty', { session: 'session0' })] },
    { operations: [assertion('assertSessionDirty', { session: 'session0' })] },
    /not dirty/,
  ],
  [
    'a change',
    {
      operations: [
        watch,
        insert,
        { ...next, expectResult: { operationType: 'insert', fullDocument: { _id: 2, x: 22 } } },
      ],
    },
    { operations: [watch, insert, { ...next, expectResult: { operationType: 'insert', fullDocument: { _id: 2 } } }] },
    /unexpected keys x/,
  ],
  [
    'a change that does not come',
    { operations: [watch, insert, next] },
    { operations: [watch, next] },
    /not done after/,
  ],
  [
    'an operation that the runner does not know',
    { operations: [find] },
    { operations: [{ ...find, name: 'findSome', expectError: { isError: true } }] },
    /does not know findSome/,
  ],
  [
    'an entity that nobody made',
    { operations: [find] },
    { operations: [{ ...find, object: 'coll9', expectError: { isError: true } }] },
    /no entity is called coll9/,
  ],
];

describe('against a server', () => {
  const folder = temporaryFolder('runner');
  let server: ServerProcess;
  let target: Target;

  beforeAll(async () => {
    server = await startServerProcess({ dir: folder.path, testCommands: true });
    target = { uri: server.uri, internal: await new MongoClient(server.uri).connect(), timeoutMs: 1500 };
  });
  afterAll(async () => {
    await target?.internal.close();
    await server?.stop();
    folder.remove();
  });

  it.each(rows)('fails a case with %s spoiled', async (spoiled, right, wrong, message) => {
    const spec: SpecFile = { description: spoiled, schemaVersion: '1.0', createEntities, initialData, tests: [] };
    await runCase(spec, { description: 'right', ...right }, target);
    await expect(runCase(spec, { description: 'wrong', ...wrong }, target)).rejects.toThrow(message);
  });
});
