import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type { Audience } from '@opsboard/shared/protocol/audiences';
import { viewOf } from '@opsboard/shared/protocol/audiences';
import type { TransferKind } from '@opsboard/shared/transfer/columns';
import { transferColumns } from '@opsboard/shared/transfer/columns';
import { namesFor } from '../batches/queries.ts';
import type { OrgState } from '../journal/org-state.ts';
import type { StoredRecord } from '../journal/stored.ts';
import { collectionOf, recordOf } from '../journal/stored.ts';
import type { Cell } from './csv.ts';
import { csvHead, csvRows } from './csv.ts';
import type { DirectoryFile } from './directory.ts';
import { fieldsOf, kindOf } from './directory.ts';
import type { NameBook } from './name-book.ts';
import { nameBook } from './name-book.ts';

/** Rows of one piece of the text. */
const piece = 200;

/**
 * One kind of the directory as the audience sees it, by name, as the text of a file.
 *
 * @param people whether people who are in it are named; a dash stands for them otherwise
 */
export async function* exportDirectory(
  state: OrgState,
  audience: Audience,
  kind: DirectoryFile,
  people: boolean,
): AsyncGenerator<string> {
  const of = kindOf[kind];
  const names = nameBook(state, audience);
  const book: NameBook = {
    ...names,
    nameOf: (kind, id) => (kind === 'person' && !people ? '–' : names.nameOf(kind, id)),
  };
  const seen: { id: string; name: string; [field: string]: unknown }[] = [];
  for (const record of state.all(of)) {
    const view = viewOf(audience, of, record as never);
    if (view && record.archivedAt === undefined) seen.push(view as (typeof seen)[number]);
  }
  seen.sort((a, b) => a.name.localeCompare(b.name, 'en') || (a.id < b.id ? -1 : 1));
  const rows = seen.map((record) => [
    ...fieldsOf[kind].flatMap(({ key, write }): Cell[] => write(record[key], book)),
    record.id,
  ]);
  yield headOf(kind);
  for (let at = 0; at < rows.length; at += piece) {
    yield csvRows(rows.slice(at, at + piece));
    await nextTurn();
  }
}

/** What is on record of parts in use, by part ID, as the text of a file. */
export async function* exportParts(
  connection: Connection,
  state: OrgState,
  audience: Audience,
): AsyncGenerator<string> {
  const nameOf = namesFor(state, audience);
  const found = connection
    .collection<StoredRecord>(collectionOf.part)
    .find({ org: state.org, archivedAt: { $exists: false } } as object)
    .sort({ org: 1, partId: 1 })
    .batchSize(piece);
  yield headOf('parts');
  let waiting: Cell[][] = [];
  for await (const stored of found) {
    const { partId, label, customer } = recordOf('part', stored as StoredRecord);
    waiting.push([partId, label, customer === undefined ? undefined : nameOf('customer', customer)]);
    if (waiting.length < piece) continue;
    yield csvRows(waiting);
    waiting = [];
  }
  if (waiting.length > 0) yield csvRows(waiting);
}

const headOf = (kind: TransferKind): string => csvHead(transferColumns[kind].map(({ name }) => name));
