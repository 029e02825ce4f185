import type { RetentionName } from '@opsboard/shared/organization/settings';
import { retentionLeast } from '@opsboard/shared/organization/settings';
import { counted } from '#lib/time/format.ts';

/** How many of each kind; as the server counts them. */
export type Counts = {
  readonly batches: number;
  readonly routes: number;
  readonly messages: number;
  readonly access: number;
  readonly sessions: number;
  readonly links: number;
  readonly files: number;
  readonly positions: number;
};

/** What can be kept for a time: how it is called, and what goes with it. */
export const kept: readonly {
  name: RetentionName;
  label: string;
  text: string;
  counts: readonly (keyof Counts)[];
}[] = [
  {
    name: 'archivedBatchesDays',
    label: 'Archived batches and routes',
    text: 'Counted from the day they were archived. Parts, notes, timeline and messages of a batch go with it, proofs of hand-over with their route; what the parts are called stays. A batch that is reopened in time stays.',
    counts: ['batches', 'routes'],
  },
  {
    name: 'messagesDays',
    label: 'Messages to customers',
    text: 'Counted from the day they were written. Those of open batches and those still on their way stay.',
    counts: ['messages'],
  },
  {
    name: 'accessDays',
    label: 'Access log',
    text: 'Who signed in, read and exported. What was changed stays with the record that was changed.',
    counts: ['access'],
  },
  {
    name: 'sessionsDays',
    label: 'Ended sessions and used links',
    text: 'Counted from the day a session ended, or a link was used, withdrawn or ran out.',
    counts: ['sessions', 'links'],
  },
];

const words: { readonly [K in keyof Counts]: readonly [string, string] } = {
  batches: ['archived batch', 'archived batches'],
  routes: ['archived route', 'archived routes'],
  messages: ['message', 'messages'],
  access: ['line of the access log', 'lines of the access log'],
  sessions: ['ended session', 'ended sessions'],
  links: ['used link', 'used links'],
  files: ['file that nothing names', 'files that nothing names'],
  positions: ['minute of a driver’s way', 'minutes of drivers’ ways'],
};

/** `2 messages and 1 used link`; undefined when there is nothing. */
export function countWords(counts: Partial<Counts>): string | undefined {
  const said = (Object.keys(words) as (keyof Counts)[]).flatMap((kind) => {
    const count = counts[kind] ?? 0;
    return count === 0 ? [] : [`${count.toLocaleString('en')} ${words[kind][count === 1 ? 0 : 1]}`];
  });
  return said.length === 0 ? undefined : new Intl.ListFormat('en').format(said);
}

/** What is wrong with a number of days; undefined: it can be. */
export function daysFault(name: RetentionName, days: number | null | undefined): string | undefined {
  if (days === null || days === undefined) return undefined;
  const least = retentionLeast[name];
  return Number.isInteger(days) && days >= least && days <= 36_500
    ? undefined
    : `A whole number of days, at least ${counted(least, 'day')}. Left empty, it is kept for good.`;
}
