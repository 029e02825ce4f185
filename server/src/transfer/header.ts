import type { TransferKind } from '@opsboard/shared/transfer/columns';
import { readOnlyColumns, transferColumns, transferWords } from '@opsboard/shared/transfer/columns';
import type { CsvRow } from './csv.ts';

/** Where each known column stands in a file, and what is to be said of the others. */
export type Header = { at: ReadonlyMap<string, number>; faults: string[]; notes: string[] };

/** Case, blanks and signs do not count in the name of a column. */
const plain = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');

/** Finds the columns of a kind by what the first row calls them. */
export function readHeader(kind: TransferKind, names: readonly string[], rows: readonly CsvRow[]): Header {
  const known = new Map<string, string>();
  for (const { name, aliases } of transferColumns[kind]) for (const alias of aliases) known.set(plain(alias), name);
  // A column's own name wins over what another one is called as well.
  for (const { name } of transferColumns[kind]) known.set(plain(name), name);
  const left = new Set(readOnlyColumns[kind].map(plain));
  const at = new Map<string, number>();
  const faults: string[] = [];
  const unknown: string[] = [];
  const decided: string[] = [];
  for (const [index, given] of names.entries()) {
    const name = known.get(plain(given));
    const taken = name === undefined ? undefined : at.get(name);
    if (given === '') {
      if (rows.some(({ cells }) => (cells[index] ?? '').trim() !== ''))
        unknown.push(`column ${index + 1} without a name`);
    } else if (name === undefined) (left.has(plain(given)) ? decided : unknown).push(`“${given}”`);
    else if (taken !== undefined) {
      faults.push(`“${names[taken]}” and “${given}” are both the column “${name}”. Remove one of them.`);
    } else at.set(name, index);
  }
  for (const { name, required } of transferColumns[kind]) {
    if (required && !at.has(name)) faults.push(`The column “${name}” is missing. Add it, or begin with the template.`);
  }
  const { many } = transferWords[kind];
  return {
    at,
    faults,
    notes: [
      ...(unknown.length > 0 ? [`Left aside, because ${many} have no such column: ${unknown.join(', ')}.`] : []),
      ...(decided.length > 0 ? [`Left aside, because the board decides it: ${decided.join(', ')}.`] : []),
    ],
  };
}
