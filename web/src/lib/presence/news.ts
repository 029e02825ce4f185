import type { PersonHere, Place, PresenceNews } from '@opsboard/shared/presence/schema';
import { uuidv7Pattern } from '@opsboard/shared/protocol/ids';

export type People = ReadonlyMap<string, PersonHere>;

/** Who is here after a message ([P2], [P5]). */
export function afterNews(people: People, { all, here, gone = [] }: PresenceNews): People {
  const next = new Map(all ? [] : people);
  for (const one of here) next.set(one.person, one);
  for (const person of gone) next.delete(person);
  return next;
}

/** The place that a page of the app is, for others; null where nobody is looked for. */
export function placeOf(path: string): Place | null {
  const [, area, page, id] = path.replace(/\/+$/, '').split('/');
  if (area !== 'operations') return null;
  if (page === undefined) return { page: 'dashboard' };
  if (page === 'board') return { page: 'board' };
  if (page !== 'batches') return null;
  if (id === undefined) return { page: 'batches' };
  return uuidv7Pattern.test(id) ? { batch: id } : null;
}

/** People by the batch that they look at. */
export function byBatch(people: Iterable<PersonHere>): ReadonlyMap<string, readonly PersonHere[]> {
  const found = new Map<string, PersonHere[]>();
  for (const one of people) {
    for (const place of one.at) {
      if (!('batch' in place)) continue;
      const there = found.get(place.batch);
      if (there) there.push(one);
      else found.set(place.batch, [one]);
    }
  }
  return found;
}
