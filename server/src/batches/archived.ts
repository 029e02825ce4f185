import type { Audience } from '@opsboard/shared/protocol/audiences';
import { seesAny } from '@opsboard/shared/protocol/audiences';
import type { BatchFilter } from '@opsboard/shared/batches/filter';
import { idsOf, NOBODY } from '@opsboard/shared/batches/filter';
import type { BatchSort, SortField } from '@opsboard/shared/batches/sort';
import { partIdPattern } from '@opsboard/shared/batches/steps';
import { standsFor } from '@opsboard/shared/directory/stands-for';
import { dateAfter, momentAt } from '@opsboard/shared/time/days';
import type { OrgState } from '../journal/org-state.ts';

/** What archived batches can be sorted by: what is stored with them. Names are not, and statuses hardly differ. */
const stored: { readonly [F in SortField]?: string } = {
  since: 'since',
  parts: 'partCount',
  createdAt: 'createdAt',
  promisedAt: 'promisedAt',
  dueAt: 'dueAt',
};

/** The stored field of an order and the database's own order; undefined when archived batches cannot be sorted by it. */
export function archivedOrder(sort: BatchSort): { field: string; by: { [field: string]: 1 | -1 } } | undefined {
  const field = stored[sort.field];
  const direction = sort.descending ? -1 : 1;
  return field === undefined ? undefined : { field, by: { [field]: direction, _id: direction } };
}

/**
 * The meaning of a filter as the database takes it, for the batches that have left the boards; undefined when none of
 * them can pass. All conditions must hold. `completed` asks which of the boards' batches are meant, so not here.
 *
 * @param until those archived later are left out, so that a list which takes a while to read does not grow meanwhile
 */
export function archivedOnly(
  state: OrgState,
  audience: Audience,
  filter: BatchFilter,
  until: number,
): object[] | undefined {
  // Nothing among them runs: they are completed or cancelled, so none is due, breached or on track.
  if (filter.due || filter.sla.length > 0) return undefined;
  const zone = state.get('organization', state.org)?.timeZone ?? 'UTC';
  const all: object[] = [{ org: audience.org, archivedAt: { $exists: true, $lte: until } }];
  if (audience.role === 'driver') all.push({ driver: audience.person ?? '' });
  else if (audience.branches) all.push({ branch: { $in: [...audience.branches] } });
  if (filter.status.length > 0) all.push({ status: { $in: [...filter.status] } });
  for (const name of ['branch', 'customer', 'center'] as const) {
    const ids = idsOf(filter, name, (kind, id) => standsFor(state, kind, id));
    if (ids.length > 0) all.push({ [name]: { $in: [...ids] } });
  }
  if (filter.driver.length > 0) {
    const named = { driver: { $in: filter.driver.filter((id) => id !== NOBODY) } };
    all.push(filter.driver.includes(NOBODY) ? { $or: [named, { driver: { $exists: false } }] } : named);
  }
  if (filter.from !== undefined) all.push({ dueAt: { $gte: momentAt(filter.from, 0, zone) } });
  if (filter.to !== undefined) all.push({ dueAt: { $lt: momentAt(dateAfter(filter.to, 1), 0, zone) } });
  if (filter.part !== undefined) all.push(holding(filter.part));
  const words = filter.q.trim();
  if (words !== '') all.push({ $or: search(state, audience, words) });
  return all;
}

const holding = (part: string): object => ({ [`parts.${part}`]: { $exists: true } });

/** Where the words of a search may be found. Names are few and in memory; references and parts are stored. */
function search(state: OrgState, audience: Audience, words: string): object[] {
  const lower = words.toLowerCase();
  const upper = words.toUpperCase();
  const named = (kind: 'customer' | 'center'): object => ({
    [kind]: {
      $in: [...state.all(kind)]
        .filter((record) => seesAny(audience, kind, record) && record.name.toLowerCase().includes(lower))
        .map(({ id }) => id),
    },
  });
  const found = [named('customer'), named('center')];
  // References are of these signs alone, none of which means anything in a pattern here.
  if (/^[A-Z0-9-]+$/.test(upper)) found.push({ reference: { $regex: upper } });
  // A part ID is a path in the record: only what has the form of one may become a path.
  return partIdPattern.test(upper) ? [...found, holding(upper)] : found;
}
