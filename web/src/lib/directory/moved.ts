import type { DirectoryKind } from '@opsboard/shared/directory/kinds';
import { pointsAt, references } from '@opsboard/shared/directory/references';
import type { AnyRecord, Kind } from '@opsboard/shared/protocol/kinds';
import { counted } from '#lib/time/format.ts';

const words: { readonly [K in Kind]?: readonly [string, string] } = {
  batch: ['batch', 'batches'],
  template: ['template', 'templates'],
  warehouse: ['warehouse', 'warehouses'],
  team: ['team', 'teams'],
  person: ['person', 'people'],
  apiKey: ['API key', 'API keys'],
  part: ['part', 'parts'],
};

/** How many records, of those that are held here, point at one of the directory, by kind. */
export function movedBy(
  kind: DirectoryKind,
  id: string,
  all: (of: Kind) => Iterable<unknown>,
): readonly (readonly [Kind, number])[] {
  return [...new Set(references[kind].map((one) => one.kind))].flatMap((of) => {
    let count = 0;
    for (const record of all(of)) if (pointsAt(of, record as AnyRecord, kind, id)) count++;
    return count === 0 ? [] : [[of, count] as const];
  });
}

/** `12 batches, 2 templates and 1 team`; undefined for none. */
export function listed(counts: readonly (readonly [Kind, number])[]): string | undefined {
  const texts = counts.map(([kind, count]) => {
    const [one, many] = words[kind] ?? ['record', 'records'];
    return counted(count, one, many);
  });
  const last = texts.pop();
  return last === undefined || texts.length === 0 ? last : `${texts.join(', ')} and ${last}`;
}

/** Where to look for what is in use, by kind; undefined where there is no page for it. */
export function placeOf(of: string, kind: DirectoryKind, id: string): { label: string; href: string } | undefined {
  switch (of) {
    case 'batch':
      return { label: 'Show the batches', href: `/operations/batches?${kind}=${id}` };
    case 'person':
      return { label: 'Open people', href: '/settings/people' };
    case 'warehouse':
      return { label: 'Open warehouses', href: '/settings/warehouses' };
    case 'team':
      return { label: 'Open teams', href: '/settings/teams' };
    case 'apiKey':
      return { label: 'Open API keys', href: '/settings/keys' };
    case 'template':
      return { label: 'Open the dashboard: templates are in “New batch”', href: '/operations' };
    default:
      return undefined;
  }
}
