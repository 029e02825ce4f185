import { partId } from '@opsboard/shared/batches/scalars';
import { viewOf } from '@opsboard/shared/protocol/audiences';
import { createPart } from '@opsboard/shared/parts/schema';
import type { Part } from '@opsboard/shared/parts/schema';
import type { CellProblem } from '@opsboard/shared/transfer/preview';
import type { StoredRecord } from '../journal/stored.ts';
import { collectionOf, recordOf } from '../journal/stored.ts';
import { notWanted, quoted } from './fields.ts';
import { nameKey, Names } from './names.ts';
import type { Given, Judge, Judged, PlanContext } from './plan.ts';

/** Part IDs asked for at once. */
const asked = 1_000;

/** What parts are: found by their part ID; what is left empty stays as it is. */
export async function judgeParts(all: readonly Given[], context: PlanContext): Promise<Judge> {
  const { state, audience, idFor } = context;
  const ids = all.flatMap((given) => partId.safeParse(given.cell('Part ID') ?? '').data ?? []);
  const known = await readParts(context, ids);
  const customers = new Names(
    [...state.all('customer')].filter(
      (record) => record.archivedAt === undefined && viewOf(audience, 'customer', record),
    ),
  );
  const rows = new Map<string, number>();

  return (given): Judged => {
    const text = given.cell('Part ID') ?? '';
    const id = partId.safeParse(text).data;
    if (id === undefined) return { outcome: 'bad', problems: [notWanted('parts', 'Part ID', text)] };
    const found = known.get(id);
    if (found?.archivedAt !== undefined) {
      const message = `${id} is archived. Restore it in the directory first, or take the row out.`;
      return { outcome: 'bad', problems: [{ column: 'Part ID', message }] };
    }
    const problems: CellProblem[] = [];
    const before = rows.get(id);
    if (before !== undefined)
      problems.push({ column: 'Part ID', message: `Row ${before} is about the same part. Keep one of the two.` });
    rows.set(id, given.row);

    const label = given.cell('Label') ?? '';
    const read = createPart.shape.label.safeParse(label);
    if (!read.success && (label !== '' || !found)) problems.push(notWanted('parts', 'Label', label));
    const name = given.cell('Customer') ?? '';
    const was = found?.customer === undefined ? undefined : state.get('customer', found.customer);
    const customer = name === '' || (was && nameKey(was.name) === nameKey(name)) ? was : customers.find(name);
    if (customer === 'several') {
      problems.push({ column: 'Customer', message: `Several customers are called ${name}. Rename one of them first.` });
    } else if (name !== '' && !customer) {
      problems.push({
        column: 'Customer',
        message: `There is no customer called ${quoted(name)}. Add it to the directory first, or correct the name.`,
      });
    }
    if (problems.length > 0 || customer === 'several') return { outcome: 'bad', problems };
    const fields = {
      ...(read.success && read.data !== found?.label ? { label: read.data } : {}),
      ...(customer && customer.id !== found?.customer ? { customer: customer.id } : {}),
    };
    if (!found) {
      const args = { id: idFor(given.row), partId: id, label: label.trim(), ...fields };
      return { outcome: 'create', name: id, command: { name: 'part.create', args } };
    }
    if (Object.keys(fields).length === 0) return { outcome: 'unchanged' };
    return {
      outcome: 'change',
      name: id,
      command: { name: 'part.edit', args: { id: found.id, rev: found.rev, ...fields } },
      was: {
        ...('label' in fields ? { Label: found.label } : {}),
        ...('customer' in fields ? { Customer: was?.name ?? '' } : {}),
      },
    };
  };
}

/** What is on record of these parts, by part ID. */
async function readParts({ connection, state }: PlanContext, ids: readonly string[]): Promise<Map<string, Part>> {
  const known = new Map<string, Part>();
  const collection = connection.collection<StoredRecord>(collectionOf.part);
  for (let at = 0; at < ids.length; at += asked) {
    const query = { org: state.org, partId: { $in: ids.slice(at, at + asked) } } as object;
    for (const stored of await collection.find(query).toArray()) {
      const part = recordOf('part', stored as StoredRecord);
      known.set(part.partId, part);
    }
  }
  return known;
}
