import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type { Audience } from '@opsboard/shared/protocol/audiences';
import type { Imported } from '@opsboard/shared/protocol/import';
import type { TransferKind } from '@opsboard/shared/transfer/columns';
import { mostRows, transferColumns } from '@opsboard/shared/transfer/columns';
import type { CellProblem, Preview, PreviewRow } from '@opsboard/shared/transfer/preview';
import type { Caller } from '../keys/keys.ts';
import type { OrgState } from '../journal/org-state.ts';
import { judgeBatches } from './batches.ts';
import type { CsvRow } from './csv.ts';
import { readCsv } from './csv.ts';
import { judgeDirectory } from './directory.ts';
import { readHeader } from './header.ts';
import { judgeParts } from './parts.ts';

/** What rows are judged on. */
export type PlanContext = {
  connection: Connection;
  state: OrgState;
  who: Caller;
  audience: Audience;
  now: number;
  zone: string;
  /** The id of the record that a row makes. */
  idFor(row: number): string;
};

/** What a row comes to. `was`: what changed cells held. */
export type Judged =
  | { outcome: 'unchanged' }
  | { outcome: 'create' | 'change'; command: Imported; name: string; was?: { [column: string]: string } }
  | { outcome: 'bad'; problems: CellProblem[] };

/** A row's cells by the names of their columns; an absent column is undefined, an empty cell is ''. */
export type Given = { row: number; cell(column: string): string | undefined };

/** Judges rows one after the other: later ones know of the earlier ones. */
export type Judge = (given: Given) => Judged;

/** A file as it was judged: what is shown, and the commands that it comes to with the rows that they are from. */
export type Plan = { preview: Preview; commands: { command: Imported; row: number; name: string }[] };

/** Rows between which others have their turn. */
const run = 200;
/** A cell is shown up to here: a batch may list 500 parts. */
const mostShown = 120;

/** Judges a file against what is: nothing is changed. */
export async function planImport(kind: TransferKind, text: string, context: PlanContext): Promise<Plan> {
  const table = await readCsv(text, mostRows);
  const counts = { create: 0, change: 0, unchanged: 0, bad: 0 };
  if ('message' in table) {
    return { preview: { columns: [], rows: [], counts, faults: [table.message], notes: [] }, commands: [] };
  }
  const { at, faults, notes } = readHeader(kind, table.columns, table.rows);
  const columns = transferColumns[kind].map(({ name }) => name).filter((name) => at.has(name));
  const preview: Preview = { columns, rows: [], counts, faults, notes };
  const commands: Plan['commands'] = [];
  if (faults.length > 0) return { preview, commands };
  if (table.rows.length === 0) notes.push('There is no row below the names of the columns.');

  const given = table.rows.map((row) => givenOf(row, at));
  const judge = await judgeOf(kind, given, context);
  for (const [i, each] of given.entries()) {
    if (i % run === run - 1) await nextTurn();
    const extra = table.rows[i]!.cells.findIndex((cell, index) => index >= table.columns.length && cell.trim() !== '');
    const judged: Judged = extra < 0 ? judge(each) : { outcome: 'bad', problems: [tooLong(table.columns.length)] };
    counts[judged.outcome] += 1;
    const row: PreviewRow = {
      row: each.row,
      outcome: judged.outcome,
      cells: columns.map((column) => shortened(each.cell(column) ?? '')),
    };
    if (judged.outcome === 'bad') row.problems = judged.problems;
    else if (judged.outcome !== 'unchanged') {
      if (judged.was) row.was = judged.was;
      commands.push({ command: judged.command, row: each.row, name: judged.name });
    }
    preview.rows.push(row);
  }
  return { preview, commands };
}

const tooLong = (columns: number): CellProblem => ({
  message: `This row has more than ${columns} cells. A cell with a comma in it must stand in quotation marks.`,
});

const shortened = (text: string): string => (text.length > mostShown ? `${text.slice(0, mostShown - 1)}…` : text);

function givenOf({ row, cells }: CsvRow, at: ReadonlyMap<string, number>): Given {
  return {
    row,
    cell: (column) => {
      const index = at.get(column);
      return index === undefined ? undefined : (cells[index] ?? '').trim();
    },
  };
}

function judgeOf(kind: TransferKind, given: readonly Given[], context: PlanContext): Promise<Judge> | Judge {
  switch (kind) {
    case 'customers':
    case 'centers':
    case 'branches':
    case 'warehouses':
    case 'vendors':
    case 'teams':
      return judgeDirectory(kind, context);
    case 'parts':
      return judgeParts(given, context);
    case 'batches':
      return judgeBatches(given, context);
  }
}
