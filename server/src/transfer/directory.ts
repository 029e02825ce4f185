import { viewOf } from '@opsboard/shared/protocol/audiences';
import type { Imported } from '@opsboard/shared/protocol/import';
import { sameValue } from '@opsboard/shared/protocol/patch';
import { transferColumns } from '@opsboard/shared/transfer/columns';
import type { CellProblem } from '@opsboard/shared/transfer/preview';
import type { Field } from './fields.ts';
import { centerFields, customerFields } from './fields.ts';
import { nameKey, Names } from './names.ts';
import type { Given, Judge, Judged, PlanContext } from './plan.ts';

type DirectoryKind = 'customers' | 'centers';
type Known = { id: string; rev: number; name: string; [field: string]: unknown };

const kindOf = { customers: 'customer', centers: 'center' } as const;
export const fieldsOf: { readonly [K in DirectoryKind]: readonly Field[] } = {
  customers: customerFields,
  centers: centerFields,
};

/** Customers and service centers: found by the ID of an export, else by name; what is left empty stays as it is. */
export function judgeDirectory(kind: DirectoryKind, { state, audience, idFor }: PlanContext): Judge {
  const word = kindOf[kind];
  const known = new Map<string, Known>();
  for (const record of state.all(word)) {
    const view = viewOf(audience, word, record);
    if (view) known.set(record.id, view as Known);
  }
  const names = new Names(known.values());
  /** The row that names a record, or a name that is not on record yet. */
  const taken = new Map<string, number>();

  const find = (given: Given): { found?: Known | undefined; problem?: CellProblem } => {
    const byId = known.get(given.cell('ID') ?? '');
    if (byId) return { found: byId };
    const name = given.cell('Name') ?? '';
    const found = names.find(name);
    if (found !== 'several') return { found };
    const message = `Several ${word}s are called ${name}. Export them: the column “ID” tells them apart.`;
    return { problem: { column: 'Name', message } };
  };

  return (given): Judged => {
    const { found, problem } = find(given);
    if (problem) return { outcome: 'bad', problems: [problem] };
    const { values, problems } = readFields(fieldsOf[kind], given, found);
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
    const fields = Object.fromEntries(changed);
    return {
      outcome: found ? 'change' : 'create',
      name,
      // The fields were read by the schemas of these commands.
      command: (found
        ? { name: `${word}.edit`, args: { id: found.id, rev: found.rev, ...fields } }
        : { name: `${word}.create`, args: { id: idFor(given.row), ...fields } }) as Imported,
      ...(found ? { was: wasOf(fieldsOf[kind], found, changed) } : {}),
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

function readFields(fields: readonly Field[], given: Given, found: Known | undefined) {
  const values = new Map<string, unknown>();
  const problems: CellProblem[] = [];
  for (const { key, columns, read } of fields) {
    const result = read(
      columns.map((column) => given.cell(column) ?? ''),
      found?.[key],
    );
    if (!result) continue;
    if ('wrong' in result) problems.push(...result.wrong);
    else values.set(key, result.value);
  }
  return { values, problems };
}

/** What the changed columns held before. */
function wasOf(fields: readonly Field[], found: Known, changed: readonly (readonly [string, unknown])[]) {
  const was: { [column: string]: string } = {};
  for (const { key, columns, write } of fields) {
    const change = changed.find(([name]) => name === key);
    if (!change) continue;
    const [before, after] = [write(found[key]), write(change[1])];
    for (const [i, column] of columns.entries()) if (before[i] !== after[i]) was[column] = String(before[i] ?? '');
  }
  return was;
}
