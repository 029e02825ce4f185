import { keyTitle } from '@opsboard/shared/keys/words';
import { custodyOfPart } from '@opsboard/shared/batches/custody';
import type { Batch } from '@opsboard/shared/batches/schema';
import type { PartDetail, PartStep, Place } from '@opsboard/shared/find/found';
import { seesAny } from '@opsboard/shared/protocol/audiences';
import { namesFor } from '../batches/queries.ts';
import { readTimeline } from '../history/queries.ts';
import type { Journal } from '../journal/journal.ts';
import type { FindContext } from './queries.ts';
import { batchesOf, batchTeller, labelsOf } from './queries.ts';

/** A part's custody is told for so many batches, the latest. */
const mostBatches = 10;
/** Entries of one batch that are looked at. */
const reach = 2_000;

/** Everything that the asker may know of a part; undefined when that is nothing. */
export async function readPart(
  journal: Pick<Journal, 'entriesOfRecord'>,
  context: FindContext,
  part: string,
): Promise<PartDetail | undefined> {
  const [batches, labels] = await Promise.all([batchesOf(context, part), labelsOf(context, [part])]);
  const known = labels.get(part);
  if (batches.length === 0 && !known) return undefined;
  const teller = batchTeller(context);
  const told = await Promise.all(
    batches.slice(0, mostBatches).map(async (batch) => {
      const found = teller(batch);
      const out = batch.parts[part]?.out;
      return {
        ...found,
        ...(out ? { place: { kind: out.how, name: out.how }, since: out.at } : {}),
        custody: await custody(journal, context, batch, part),
      };
    }),
  );
  const customer = known?.customer === undefined ? undefined : context.state.get('customer', known.customer)?.name;
  return {
    part,
    ...(known ? { label: known.label } : {}),
    ...(known?.archivedAt === undefined ? {} : { archived: true }),
    ...(customer === undefined ? {} : { customer }),
    batches: told,
  };
}

async function custody(
  journal: Pick<Journal, 'entriesOfRecord'>,
  { state, audience }: FindContext,
  batch: Batch,
  part: string,
): Promise<PartStep[]> {
  const entries = await journal.entriesOfRecord(state.org, 'batch', batch.id, { limit: reach });
  const nameOf = namesFor(state, audience);
  const person = (id: string): string => {
    const found = state.get('person', id);
    const key = found ? undefined : state.get('apiKey', id);
    if (key && seesAny(audience, 'apiKey', key)) return keyTitle(key.name);
    return found && seesAny(audience, 'person', found) ? found.name : 'somebody else';
  };
  return custodyOfPart(readTimeline(audience, batch, entries), part).map((step): PartStep => {
    const base = { at: step.at, by: person(step.by), ...(step.why === undefined ? {} : { why: step.why }) };
    if ('id' in step) {
      const place: Place = { kind: step.kind, id: step.id, name: nameOf(step.kind, step.id) };
      return { ...base, place, ...(step.count === undefined ? {} : { count: step.count }) };
    }
    const gone = step.kind === 'lost' || step.kind === 'scrapped' ? step.kind : 'removed';
    return { ...base, event: step.kind, place: { kind: gone, name: step.kind } };
  });
}
