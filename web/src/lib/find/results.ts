import { holderOf } from '@opsboard/shared/batches/custody';
import type { BatchInView } from '@opsboard/shared/batches/schema';
import { slaStatus } from '@opsboard/shared/batches/sla';
import type { Found, FoundBatch, FoundName, FoundPart, FoundRoute, Place } from '@opsboard/shared/find/found';
import { begins, bestRoutes, foundRoute } from '@opsboard/shared/find/routes';
import type { Route } from '@opsboard/shared/routes/schema';
import type { FindCommand } from './commands.ts';

/** One line of the list. `key` stays the same when the server's answer takes the place of what was known here. */
export type Result =
  | { kind: 'part'; key: string; part: FoundPart }
  | { kind: 'batch'; key: string; batch: FoundBatch }
  | { kind: 'route'; key: string; route: FoundRoute }
  | { kind: 'name'; key: string; name: FoundName }
  | { kind: 'command'; key: string; command: FindCommand };

export type Group = { title: string; results: readonly Result[] };

/** How many of each the list shows. */
const most = { parts: 6, batches: 5, routes: 4, names: 5, commands: 5 } as const;

/** What is looked up by names. */
export type Lookup = {
  now: number;
  nameOf(kind: 'branch' | 'center' | 'customer' | 'person', id: string): string;
};

/** A batch of the store, told as the server tells what it found. */
export function tellBatch(batch: BatchInView, { now, nameOf }: Lookup): FoundBatch {
  const { kind, id, since } = holderOf(batch);
  return {
    id: batch.id,
    reference: batch.reference,
    status: batch.status,
    sla: slaStatus(batch, undefined, 1, now),
    dueAt: batch.dueAt,
    customer: nameOf('customer', batch.customer),
    center: nameOf('center', batch.center),
    partCount: batch.partCount,
    place: { kind, id, name: nameOf(kind, id) },
    since,
  };
}

/** The batches of the store whose reference or number begins so: open ones first, the latest of each first. */
export function batchesHere(batches: Iterable<BatchInView>, words: string, lookup: Lookup): FoundBatch[] {
  const text = words.trim().toUpperCase();
  if (text === '') return [];
  const found: BatchInView[] = [];
  for (const batch of batches) if (begins(batch.reference, text)) found.push(batch);
  const over = (batch: BatchInView): number => Number(batch.status === 'completed');
  const exact = ({ reference }: BatchInView): number =>
    Number(reference !== text && reference.slice(reference.indexOf('-') + 1) !== text);
  return found
    .sort((a, b) => exact(a) - exact(b) || over(a) - over(b) || b.since - a.since)
    .slice(0, most.batches)
    .map((batch) => tellBatch(batch, lookup));
}

/** The routes of the store that are meant: by reference or number, or by who drives them. */
export const routesHere = (
  routes: Iterable<Route>,
  words: string,
  { nameOf }: Pick<Lookup, 'nameOf'>,
): FoundRoute[] => {
  const driverOf = ({ driver }: Route): string | undefined =>
    driver === undefined ? undefined : nameOf('person', driver);
  return bestRoutes(routes, words, driverOf)
    .slice(0, most.routes)
    .map((route) => foundRoute(route, driverOf(route)));
};

/** The records whose name contains the words; those that begin with them first. */
export function namesHere(records: Iterable<FoundName>, words: string): FoundName[] {
  const text = words.trim().toLowerCase();
  if (text === '') return [];
  const found: { name: FoundName; at: number }[] = [];
  for (const name of records) {
    const at = name.name.toLowerCase().indexOf(text);
    if (at >= 0) found.push({ name, at: Math.min(at, 1) });
  }
  return found
    .sort((a, b) => a.at - b.at || a.name.name.localeCompare(b.name.name, 'en', { numeric: true }))
    .slice(0, most.names)
    .map(({ name }) => name);
}

/** What the list shows: what is known here at once, and what the server found with it. */
export function groupsOf(
  here: {
    batches: readonly FoundBatch[];
    routes: readonly FoundRoute[];
    names: readonly FoundName[];
    commands: readonly FindCommand[];
  },
  there: Found | undefined,
): Group[] {
  const batches = new Map<string, FoundBatch>();
  // What is held here is fresher than any answer.
  for (const batch of [...here.batches, ...(there?.batches ?? [])])
    if (!batches.has(batch.id)) batches.set(batch.id, batch);
  const routes = new Map<string, FoundRoute>();
  for (const route of [...here.routes, ...(there?.routes ?? [])])
    if (!routes.has(route.id)) routes.set(route.id, route);
  const names = new Map<string, FoundName>();
  for (const name of [...here.names, ...(there?.names ?? [])]) if (!names.has(name.id)) names.set(name.id, name);
  const groups: Group[] = [
    {
      title: 'Parts',
      results: (there?.parts ?? [])
        .slice(0, most.parts)
        .map((part) => ({ kind: 'part', key: `part-${part.part}`, part })),
    },
    {
      title: 'Batches',
      results: [...batches.values()]
        .slice(0, most.batches)
        .map((batch) => ({ kind: 'batch', key: `batch-${batch.id}`, batch })),
    },
    {
      title: 'Routes',
      results: [...routes.values()]
        .slice(0, most.routes)
        .map((route) => ({ kind: 'route', key: `route-${route.id}`, route })),
    },
    {
      title: 'Names',
      results: [...names.values()].slice(0, most.names).map((name) => ({ kind: 'name', key: `name-${name.id}`, name })),
    },
    {
      title: 'Commands',
      results: here.commands
        .slice(0, most.commands + (there || here.batches.length > 0 ? 0 : 7))
        .map((command) => ({ kind: 'command', key: `command-${command.id}`, command })),
    },
  ];
  return groups.filter(({ results }) => results.length > 0);
}

type Told = Pick<FoundBatch, 'status' | 'center' | 'cancelled'>;

/** Where something is, as the end of a line: `at Lindqvist Repair`, `with Tomas Riedl on the way to Lindqvist Repair`. */
export function placeLine(place: Place, batch: Told): string {
  switch (place.kind) {
    case 'lost':
      return 'lost';
    case 'scrapped':
      return 'scrapped';
    case 'removed':
      return 'taken out of its batch';
    case 'center':
      return `at ${place.name}`;
    case 'person':
      if (batch.status === 'in_transit_to_center') return `with ${place.name} on the way to ${batch.center}`;
      if (batch.status === 'in_transit_back') return `with ${place.name} on the way back`;
      return `handed over to ${place.name}`;
    case 'branch':
      if (batch.cancelled) return `cancelled at ${place.name}`;
      return batch.status === 'completed' ? `returned to ${place.name}` : `at ${place.name}`;
  }
}

/** Where it is, and who has it, apart: for the preview. */
export function whereAndWho(place: Place, batch: Told): { where: string; who: string } {
  switch (place.kind) {
    case 'lost':
      return { where: 'Lost', who: 'Nobody' };
    case 'scrapped':
      return { where: 'Scrapped', who: 'Nobody' };
    case 'removed':
      return { where: 'Not in a batch', who: 'Nobody' };
    case 'center':
      return { where: place.name, who: place.name };
    case 'branch':
      return { where: batch.status === 'completed' ? `${place.name}, returned` : place.name, who: place.name };
    case 'person':
      return {
        where:
          batch.status === 'in_transit_to_center'
            ? `On the way to ${batch.center}`
            : batch.status === 'in_transit_back'
              ? 'On the way back'
              : 'Handed over, before it departs',
        who: place.name,
      };
  }
}

/** Where a text stands in a word, whatever its case; what behind its first dash begins so is marked there. */
export function marked(word: string, text: string): [before: string, hit: string, after: string] {
  const wanted = text.trim().toLowerCase();
  const at = wanted === '' ? -1 : word.toLowerCase().indexOf(wanted);
  if (at < 0) return [word, '', ''];
  return [word.slice(0, at), word.slice(at, at + wanted.length), word.slice(at + wanted.length)];
}
