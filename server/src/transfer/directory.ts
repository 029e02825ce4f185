import type { DirectoryKind } from '@opsboard/shared/directory/kinds';
import { directoryWords } from '@opsboard/shared/directory/kinds';
import { viewOf } from '@opsboard/shared/protocol/audiences';
import type { Imported } from '@opsboard/shared/protocol/import';
import { sameValue } from '@opsboard/shared/protocol/patch';
import type { TransferKind } from '@opsboard/shared/transfer/columns';
import { transferColumns } from '@opsboard/shared/transfer/columns';
import type { CellProblem } from '@opsboard/shared/transfer/preview';
import type { Field } from './fields.ts';
import { branchFields, centerFields, customerFields, teamFields, vendorFields, warehouseFields } from './fields.ts';
import type { NameBook } from './name-book.ts';
import { nameBook } from './name-book.ts';
import { nameKey, Names } from './names.ts';
import type { Given, Judge, Judged, PlanContext } from './plan.ts';

/** The kinds of files that hold records of the directory. */
export type DirectoryFile = Exclude<TransferKind, 'parts' | 'batches'>;
type Known = { id: string; rev: number; name: string; [field: string]: unknown };

export const kindOf = {
  customers: 'customer',
  centers: 'center',
  branches: 'branch',
  warehouses: 'warehouse',
  vendors: 'vendor',
  teams: 'team',
} as const satisfies { readonly [K in DirectoryFile]: DirectoryKind };
export const fieldsOf: { readonly [K in DirectoryFile]: readonly Field[] } = {
  customers: customerFields,
  centers: centerFields,
  branches: branchFields,
  warehouses: warehouseFields,
  vendors: vendorFields,
  teams: teamFields,
};

/** The directory: found by the ID of an export, else by name; what is left empty stays as it is. */
export function judgeDirectory(kind: DirectoryFile, { state, audience, idFor }: PlanContext): Judge {
  const of = kindOf[kind];
  const word = directoryWords[of].one;
  const book = nameBook(state, audience);
  const known = new Map<string, Known>();
  for (const record of state.all(of)) {
    const view = viewOf(audience, of, record as never);
    if (view) known.set(record.id, view as Known);
  }
  const names = new Names([...known.values()].filter(({ archivedAt }) => archivedAt === undefined));
  /** The row that names a record, or a name that is not on record yet. */
  const taken = new Map<string, number>();

  const find = (given: Given): { found?: Known | undefined; problem?: CellProblem } => {
    const byId = known.get(given.cell('ID') ?? '');
    if (byId?.['archivedAt'] !== undefined) {
      const message = `${byId.name} is archived. Restore it in the directory first, or take the row out.`;
      return { problem: { column: 'ID', message } };
    }
    if (byId) return { found: byId };
    const name = given.cell('Name') ?? '';
    const found = names.find(name);
    if (found !== 'several') return { found };
    const message = `Several ${directoryWords[of].many} are called ${name}. Export them: the column “ID” tells them apart.`;
    return { problem: { column: 'Name', message } };
  };

  return (given): Judged => {
    const { found, problem } = find(given);
    if (problem) return { outcome: 'bad', problems: [problem] };
    const { values, problems } = readFields(fieldsOf[kind], given, found, book);
    if (!found) {
      for (const { name, required, wants } of transferColumns[kind]) {
        if (required && given.cell(name) === '')
          problems.push({ column: name, message: `This is empty. It must be ${wants}.` });
      }
    }
    // Found by its name, a record keeps the way in which that is written.
    if (
      found &&
      values.has('name') &&
      nameKey(values.get('name') as string) === nameKey(found.name) &&
      !known.has(given.cell('ID') ?? '')
    )
      values.delete('name');
    const changed = [...values].filter(([key, value]) => !found || !sameValue(found[key], value));
    const name = (values.get('name') as string | undefined) ?? found?.name ?? '';
    const renamed = found && changed.some(([key]) => key === 'name');
    if (renamed && nameKey(name) !== nameKey(found.name) && names.find(name) !== undefined)
      problems.push({ column: 'Name', message: `There is another ${word} called ${name}. Choose another name.` });
    problems.push(...repeated(given.row, found?.id, !found || renamed ? name : undefined));
    if (problems.length > 0) return { outcome: 'bad', problems };
    if (found && changed.length === 0) return { outcome: 'unchanged' };
    // A team of nobody yet is a team.
    const fields = { ...(of === 'team' && !found ? { members: [] } : {}), ...Object.fromEntries(changed) };
    return {
      outcome: found ? 'change' : 'create',
      name,
      // The fields were read by the schemas of these commands.
      command: (found
        ? { name: `${of}.edit`, args: { id: found.id, rev: found.rev, ...fields } }
        : { name: `${of}.create`, args: { id: idFor(given.row), ...fields } }) as Imported,
      ...(found ? { was: wasOf(fieldsOf[kind], found, changed, book) } : {}),
    };
  };

  function repeated(row: number, id: string | undefined, name: string | undefined): CellProblem[] {
    for (const key of [id, name && `name ${nameKey(name)}`]) {
      if (!key) continue;
      const before = taken.get(key);
      if (before !== undefined)
        return [{ column: 'Name', message: `Row ${before} is about the same ${word}. Keep one of the two.` }];
      taken.set(key, row);
    }
    return [];
  }
}

function readFields(fields: readonly Field[], given: Given, found: Known | undefined, book: NameBook) {
  const values = new Map<string, unknown>();
  const problems: CellProblem[] = [];
  for (const { key, columns, read } of fields) {
    const result = read(
      columns.map((column) => given.cell(column) ?? ''),
      found?.[key],
      book,
    );
    if (!result) continue;
    if ('wrong' in result) problems.push(...result.wrong);
    else values.set(key, result.value);
  }
  return { values, problems };
}

/** What the changed columns held before. */
function wasOf(
  fields: readonly Field[],
  found: Known,
  changed: readonly (readonly [string, unknown])[],
  book: NameBook,
) {
  const was: { [column: string]: string } = {};
  for (const { key, columns, write } of fields) {
    const change = changed.find(([name]) => name === key);
    if (!change) continue;
    const [before, after] = [write(found[key], book), write(change[1], book)];
    for (const [i, column] of columns.entries()) if (before[i] !== after[i]) was[column] = String(before[i] ?? '');
  }
  return was;
}
