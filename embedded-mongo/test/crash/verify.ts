import { MongoServerError, type ChangeStreamDocument, type Db, type Document, type MongoClient } from 'mongodb';
import { isDeepStrictEqual } from 'node:util';
import type { History } from './history.ts';
import { accounts, groupDocument, opening } from './load.ts';
import type { Watcher } from './watcher.ts';

const collections = ['singles', 'counters', 'accounts', 'ledger', 'wholes', 'loose', 'unique'];

/** A collection as it is, by id. */
type Contents = Map<unknown, Document>;

/**
 * Compares the database with everything that its clients were told, and says what does not agree.
 *
 * @returns sentences; none when all is well
 */
export async function verify(client: MongoClient, history: History, watcher: Watcher): Promise<string[]> {
  const db = client.db('crash');
  await watcher.drain(db);
  const found = new Map<string, Contents>();
  for (const name of collections) {
    const documents = await db
      .collection(name)
      .find({}, { hint: { $natural: 1 } })
      .toArray();
    found.set(name, new Map(documents.map((document) => [document._id as unknown, document])));
  }
  const contents = (name: string): Contents => found.get(name) ?? new Map<unknown, Document>();
  return [
    ...checkSingles(history, contents('singles')),
    ...checkCounters(history, contents('counters')),
    ...checkTransfers(history, contents('accounts'), contents('ledger')),
    ...checkGroups(history, contents('wholes'), contents('loose')),
    ...checkReplay(history, found),
    ...(await checkUnique(db, contents('unique'))),
  ];
}

function checkSingles(history: History, found: Contents): string[] {
  const problems: string[] = [];
  for (const [id, { document, knowledge }] of history.singles) {
    const deletion = history.deleted.get(id);
    const actual = found.get(id);
    if (actual === undefined) {
      if (knowledge === 'acknowledged' && deletion === undefined) problems.push(`acknowledged insert ${id} is lost`);
    } else if (deletion === 'acknowledged') {
      problems.push(`acknowledged deletion of ${id} is undone`);
    } else if (!same(actual, document)) {
      problems.push(`insert ${id} is not whole: ${JSON.stringify(actual)}`);
    }
  }
  for (const id of found.keys()) if (!history.singles.has(id as string)) problems.push(`nobody inserted ${String(id)}`);
  return problems;
}

function checkCounters(history: History, found: Contents): string[] {
  return [...history.counters].flatMap(([number, { acknowledged, unknown }]) => {
    const n = (found.get(number)?.['n'] ?? 0) as number;
    const right = n >= acknowledged && n <= acknowledged + unknown;
    return right ? [] : [`counter ${number} is ${n}; ${acknowledged} increments acknowledged, ${unknown} unknown`];
  });
}

function checkTransfers(history: History, balances: Contents, ledger: Contents): string[] {
  const problems: string[] = [];
  for (const [id, knowledge] of history.transfers) {
    if (knowledge === 'acknowledged' && !ledger.has(id)) problems.push(`acknowledged transfer ${id} is lost`);
  }
  const expected = Array.from({ length: accounts }, () => opening);
  for (const { from, to, amount } of ledger.values() as Iterable<
    { from: number; to: number; amount: number } & Document
  >) {
    expected[from] = (expected[from] ?? 0) - amount;
    expected[to] = (expected[to] ?? 0) + amount;
  }
  expected.forEach((balance, number) => {
    const actual: unknown = balances.get(number)?.['balance'];
    if (actual !== balance)
      problems.push(`account ${number} has ${String(actual)}, its ledger says ${balance}: a transaction was torn`);
  });
  return problems;
}

function checkGroups(history: History, wholes: Contents, loose: Contents): string[] {
  const problems: string[] = [];
  for (const { ids, knowledge } of history.wholes) {
    const there = ids.filter((id) => wholes.has(id)).length;
    if (there !== 0 && there !== ids.length)
      problems.push(`${there} of ${ids.length} documents of a transaction are there`);
    if (there === 0 && knowledge === 'acknowledged') problems.push('an acknowledged transaction is lost');
  }
  for (const { ids, knowledge } of history.loose) {
    const missing = ids.filter((id) => !loose.has(id)).length;
    if (missing > 0 && knowledge === 'acknowledged')
      problems.push(`${missing} documents of an acknowledged bulk write are lost`);
  }
  for (const [id, document] of [...wholes, ...loose]) {
    if (!same(document, groupDocument(id as string))) problems.push(`document ${String(id)} is not whole`);
  }
  return problems;
}

/** What the stream told, applied in its order to nothing, must give the database: no gap, nothing twice, nothing untrue. */
function checkReplay(history: History, found: Map<string, Contents>): string[] {
  const problems: string[] = [];
  const replayed = new Map<string, Contents>(collections.map((name) => [name, new Map<unknown, Document>()]));
  for (const change of history.changes) {
    const problem = apply(change, replayed);
    if (problem !== undefined) problems.push(problem);
  }
  for (const [name, contents] of found) {
    const copy = replayed.get(name) ?? new Map<unknown, Document>();
    if (copy.size !== contents.size)
      problems.push(`${name} has ${contents.size} documents, its changes give ${copy.size}`);
    for (const [id, document] of contents) {
      const other = copy.get(id);
      if (other === undefined || !same(other, document))
        problems.push(`${name} ${String(id)} is not what its changes give`);
    }
  }
  return problems.slice(0, 20);
}

function apply(change: ChangeStreamDocument, replayed: Map<string, Contents>): string | undefined {
  if (!('ns' in change) || !('documentKey' in change) || !('coll' in change.ns)) return undefined;
  const contents = replayed.get(change.ns.coll);
  if (contents === undefined) return undefined;
  const id: unknown = change.documentKey._id;
  const known = contents.get(id);
  switch (change.operationType) {
    case 'insert':
      contents.set(id, change.fullDocument);
      return known === undefined ? undefined : `insert of ${String(id)} was told twice`;
    case 'delete':
      contents.delete(id);
      return known === undefined ? `deletion of ${String(id)} was told for nothing` : undefined;
    case 'update': {
      if (known === undefined) return `update of ${String(id)} was told before its insert`;
      const { updatedFields, removedFields } = change.updateDescription;
      const n = (updatedFields as Document)['n'] as number | undefined;
      const gap = n !== undefined && n !== (known['n'] as number) + 1;
      const next: Document = { ...known, ...updatedFields };
      for (const field of removedFields ?? []) delete next[field];
      contents.set(id, next);
      return gap ? `counter ${String(id)} went from ${String(known['n'])} to ${n} in its changes` : undefined;
    }
    default:
      return `a change that nobody made: ${change.operationType}`;
  }
}

/** The index must say what the documents say: through it, around it, and when it refuses. */
async function checkUnique(db: Db, found: Contents): Promise<string[]> {
  const problems: string[] = [];
  const unique = db.collection<{ _id: string; key: number }>('unique');
  const keys = [...found.values()].map((document) => document['key'] as number);
  if (new Set(keys).size !== keys.length) problems.push(`the unique key is held twice: ${keys.sort().join()}`);
  const indexed = await unique.find({ key: { $gte: 0 } }, { hint: { key: 1 } }).toArray();
  if (indexed.length !== found.size)
    problems.push(`the index knows ${indexed.length} documents, there are ${found.size}`);
  for (const { key } of found.values() as Iterable<{ key: number } & Document>) {
    try {
      await unique.insertOne({ _id: `probe-${key}`, key });
      problems.push(`the unique index let key ${key} in twice`);
    } catch (error) {
      if (!(error instanceof MongoServerError && error.code === 11000)) throw error;
    }
  }
  return problems;
}

function same(left: Document, right: Document): boolean {
  return isDeepStrictEqual(left, right);
}
