import { partId } from '@opsboard/shared/batches/scalars';
import type { Batch, CreateBatch } from '@opsboard/shared/batches/schema';
import { maxParts } from '@opsboard/shared/batches/steps';
import { seesAny, viewOf } from '@opsboard/shared/protocol/audiences';
import type { Records } from '@opsboard/shared/protocol/kinds';
import { mayUse } from '@opsboard/shared/protocol/rights';
import type { CellProblem } from '@opsboard/shared/transfer/preview';
import { namesFor } from '../batches/queries.ts';
import { timesIn } from '../batches/export-columns.ts';
import type { StoredRecord } from '../journal/stored.ts';
import { collectionOf, recordOf } from '../journal/stored.ts';
import { notWanted, quoted } from './fields.ts';
import { readMoment } from './moments.ts';
import { nameKey, Names } from './names.ts';
import type { Given, Judge, Judged, PlanContext } from './plan.ts';

/** References asked for at once. */
const asked = 1_000;

const pointers = [
  { key: 'branch', column: 'Branch', word: 'branch', words: 'branches' },
  { key: 'customer', column: 'Customer', word: 'customer', words: 'customers' },
  { key: 'center', column: 'Service center', word: 'service center', words: 'service centers' },
] as const;

/** Part IDs in a cell, parted by blanks, commas or semicolons. */
const partsOf = (text: string): string[] => text.split(/[\s,;]+/).filter((word) => word !== '');

/**
 * Batches. A row without a reference is a new draft. One with a reference must say what is on record: batches change on
 * the board, where each step has its rules.
 */
export async function judgeBatches(all: readonly Given[], context: PlanContext): Promise<Judge> {
  const known = await readBatches(
    context,
    all.flatMap((given) => given.cell('Reference')?.toUpperCase() || []),
  );
  const fresh = judgeNew(context);
  const same = judgeKnown(context);
  const rows = new Map<string, number>();
  return (given): Judged => {
    const reference = (given.cell('Reference') ?? '').toUpperCase();
    if (reference === '') return fresh(given);
    const before = rows.get(reference);
    rows.set(reference, given.row);
    const bad = (message: string): Judged => ({ outcome: 'bad', problems: [{ column: 'Reference', message }] });
    if (before !== undefined) return bad(`Row ${before} is about the same batch. Keep one of the two.`);
    const batch = known.get(reference);
    if (!batch)
      return bad(`There is no batch ${quoted(reference)} among those you can see. Leave this empty for a new one.`);
    return same(given, batch);
  };
}

function judgeKnown({ state, audience, zone }: PlanContext): (given: Given, batch: Batch) => Judged {
  const nameOf = namesFor(state, audience);
  const time = timesIn(zone);
  return (given, batch) => {
    const differs = (column: string, is: string): CellProblem => ({
      column,
      message: `${batch.reference} has ${is === '' ? 'none' : quoted(is)} here. An import does not change batches: change it on the board, or clear the reference for a new one.`,
    });
    const problems: CellProblem[] = [];
    const names = [
      ...pointers.map(({ key, column }) => ({ column, is: nameOf(key, batch[key]) })),
      { column: 'Driver', is: batch.driver === undefined ? '' : nameOf('person', batch.driver) },
    ];
    for (const { column, is } of names) {
      const text = given.cell(column);
      if (text && nameKey(text) !== nameKey(is)) problems.push(differs(column, is));
    }
    const parts = partsOf(given.cell('Parts') ?? '').map((part) => part.toUpperCase());
    const listed = new Set(parts);
    if (
      parts.length > 0 &&
      (listed.size !== batch.partCount || parts.some((part) => !Object.hasOwn(batch.parts, part)))
    )
      problems.push(differs('Parts', Object.keys(batch.parts).join(' ')));
    const due = given.cell('Expected return date');
    if (due) {
      const read = readMoment(due, zone);
      const is = time(batch.dueAt);
      if (!read) problems.push(notWanted('batches', 'Expected return date', due));
      else if (!is.startsWith(read.day ?? time(read.at))) problems.push(differs('Expected return date', is));
    }
    return problems.length === 0 ? { outcome: 'unchanged' } : { outcome: 'bad', problems };
  };
}

function judgeNew(context: PlanContext): Judge {
  const { state, audience, who, zone, now, idFor } = context;
  const mayPoint = <K extends 'branch' | 'customer' | 'center'>(kind: K, record: Records[K]): boolean =>
    record.archivedAt === undefined && viewOf(audience, kind, record) !== undefined;
  const names = {
    branch: new Names([...state.all('branch')].filter((record) => mayPoint('branch', record))),
    customer: new Names([...state.all('customer')].filter((record) => mayPoint('customer', record))),
    center: new Names([...state.all('center')].filter((record) => mayPoint('center', record))),
  };
  const drivers = new Names(
    [...state.all('person')].filter(
      (record) => record.role === 'driver' && record.inactiveAt === undefined && viewOf(audience, 'person', record),
    ),
  );
  /** The row that lists a part. */
  const listed = new Map<string, number>();

  function checkParts(given: Given, parts: readonly string[]): CellProblem[] {
    const problem = (message: string): CellProblem[] => [{ column: 'Parts', message }];
    const wrong = parts.find((part) => !partId.safeParse(part).success);
    if (wrong !== undefined)
      return problem(`${quoted(wrong)} is not a part ID: 1 to 40 letters, digits, "-", "_" or "/".`);
    if (parts.length > maxParts) return problem(`A batch holds at most ${maxParts} parts. Make two rows of it.`);
    const here = new Set<string>();
    for (const part of parts) {
      if (here.has(part)) return problem(`${part} is listed twice. A part counts once.`);
      here.add(part);
      const row = listed.get(part);
      if (row !== undefined) return problem(`${part} is in row ${row} already. A part is in one open batch.`);
      const holder = state.openBatchOf(part);
      if (holder) {
        const batch = state.get('batch', holder.id);
        const shown = batch && seesAny(audience, 'batch', batch);
        return problem(
          shown
            ? `${part} is already in ${holder.reference}, which is still open. Take it out there first.`
            : `${part} is already in another open batch.`,
        );
      }
    }
    for (const part of parts) listed.set(part, given.row);
    return [];
  }

  return (given): Judged => {
    const problems: CellProblem[] = [];
    const found: { [key: string]: string } = {};
    for (const { key, column, word, words } of pointers) {
      const name = given.cell(column) ?? '';
      const record = name === '' ? undefined : names[key].find(name);
      if (name === '') problems.push({ column, message: `This is empty. Name a ${word} of the directory.` });
      else if (record === 'several')
        problems.push({ column, message: `Several ${words} are called ${name}. Rename one of them first.` });
      else if (!record)
        problems.push({
          column,
          message: `There is no ${word} called ${quoted(name)}. Add it to the directory first, or correct the name.`,
        });
      else found[key] = record.id;
    }
    const { branch } = found;
    if (branch !== undefined && !mayUse(who, 'batch.create', { branch }))
      problems.push({ column: 'Branch', message: 'You may not create batches at this branch.' });
    const name = given.cell('Driver') ?? '';
    const driver = name === '' ? undefined : drivers.find(name);
    if (driver === 'several')
      problems.push({ column: 'Driver', message: `Several drivers are called ${name}. Assign one on the board.` });
    else if (name !== '' && !driver)
      problems.push({ column: 'Driver', message: `There is no active driver called ${quoted(name)}.` });
    const due = given.cell('Expected return date') ?? '';
    const read = due === '' ? undefined : readMoment(due, zone);
    if (due !== '' && !read) problems.push(notWanted('batches', 'Expected return date', due));
    else if (read && read.at <= now)
      problems.push({ column: 'Expected return date', message: 'The expected return date must lie ahead.' });
    const parts = partsOf(given.cell('Parts') ?? '').map((part) => part.toUpperCase());
    problems.push(...checkParts(given, parts));
    if (problems.length > 0 || driver === 'several') return { outcome: 'bad', problems };
    const args: CreateBatch = {
      id: idFor(given.row),
      branch: found['branch']!,
      customer: found['customer']!,
      center: found['center']!,
      ...(driver ? { driver: driver.id } : {}),
      parts,
      ...(read ? { dueAt: read.at } : {}),
    };
    return { outcome: 'create', name: given.cell('Customer') ?? '', command: { name: 'batch.create', args } };
  };
}

/** The batches of these references that the person may see, on the boards or archived. */
async function readBatches(
  { connection, state, audience }: PlanContext,
  references: readonly string[],
): Promise<Map<string, Batch>> {
  const wanted = new Set(references);
  const known = new Map<string, Batch>();
  const add = (batch: Batch): void => {
    wanted.delete(batch.reference);
    if (seesAny(audience, 'batch', batch)) known.set(batch.reference, batch);
  };
  for (const batch of state.all('batch')) if (wanted.has(batch.reference)) add(batch);
  const rest = [...wanted];
  const collection = connection.collection<StoredRecord>(collectionOf.batch);
  for (let at = 0; at < rest.length; at += asked) {
    const query = { org: state.org, reference: { $in: rest.slice(at, at + asked) } } as object;
    for (const stored of await collection.find(query).toArray()) add(recordOf('batch', stored as StoredRecord));
  }
  return known;
}
