import type { Connection } from 'mongoose';
import type { AccessRow } from '@opsboard/shared/access/verbs';
import { accessWords } from '@opsboard/shared/access/verbs';
import type { Journal } from '../journal/journal.ts';
import type { OrgState } from '../journal/org-state.ts';
import type { Cell } from '../transfer/csv.ts';
import { csvHead, csvRows } from '../transfer/csv.ts';
import type { AccessFilter } from './filter.ts';
import type { AccessPlace } from './queries.ts';
import { readAccess } from './queries.ts';

const columns: readonly [string, (row: AccessRow) => Cell][] = [
  ['Time (UTC)', ({ at }) => new Date(at).toISOString()],
  ['What', ({ what }) => accessWords[what]],
  ['Command', ({ verb }) => verb],
  ['Who', ({ who }) => who],
  ['Type', ({ actor }) => actor?.type],
  ['Who ID', ({ actor }) => actor?.id],
  ['Kind', ({ kind }) => kind],
  ['Record', ({ name }) => name],
  ['Record ID', ({ record }) => record],
  ['Detail', ({ detail }) => detail],
  ['Reason', ({ why }) => why],
  ['Address', ({ address }) => address],
];

const piece = 500;

/** The whole list as CSV, as it is being read. */
export async function* exportAccess(
  parts: { connection: Connection; journal: Journal },
  state: OrgState,
  filter: AccessFilter | undefined,
): AsyncGenerator<string> {
  yield csvHead(columns.map(([name]) => name));
  if (!filter) return;
  // From here back: what is written meanwhile is not in it, and does not move it.
  let before: AccessPlace | undefined;
  do {
    const page = await readAccess(parts, state, filter, { before, limit: piece });
    if (page.rows.length > 0) yield csvRows(page.rows.map((row) => columns.map(([, cell]) => cell(row))));
    before = page.next;
  } while (before);
}
