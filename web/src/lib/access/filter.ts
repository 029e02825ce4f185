import { accessVerbs, type AccessVerb } from '@opsboard/shared/access/verbs';

/** What the address of the page says; names and values are the server's. Empty: not narrowed. */
export type AccessQuery = {
  who: string;
  what: AccessVerb | '';
  kind: string;
  record: string;
  from: string;
  to: string;
};

const names = ['who', 'what', 'kind', 'record', 'from', 'to'] as const;

export const isVerb = (text: string): text is AccessVerb => (accessVerbs as readonly string[]).includes(text);

export function queryFrom(params: { get(name: string): string | null }): AccessQuery {
  const text = (name: string): string => params.get(name) ?? '';
  const what = text('what');
  return {
    who: text('who'),
    what: isVerb(what) ? what : '',
    kind: text('kind'),
    record: text('record'),
    from: text('from'),
    to: text('to'),
  };
}

/** As it stands behind the `?`, without what is empty. */
export function queryText(query: AccessQuery): string {
  const params = new URLSearchParams();
  for (const name of names) if (query[name] !== '') params.set(name, query[name]);
  return params.toString();
}

/** The kinds that the list is narrowed by, with their words. */
export const kindWords: { readonly [kind: string]: string } = {
  batch: 'Batch',
  route: 'Route',
  customer: 'Customer',
  center: 'Service center',
  branch: 'Branch',
  warehouse: 'Warehouse',
  vendor: 'Vendor',
  team: 'Team',
  part: 'Part',
  person: 'Person',
  session: 'Session',
  link: 'One-time link',
  apiKey: 'API key',
  template: 'Template',
  savedView: 'Saved view',
  message: 'Message',
  organization: 'Organization',
  access: 'Access log',
};

/** A command's name in words: `batch.assignDriver` → `assign driver`. */
export function verbWords(verb: string): string {
  const [, act = verb] = verb.split('.');
  return act.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Where a record has a page of its own. */
export function pageOf(kind: string | undefined, record: string | undefined): string | undefined {
  return kind === 'batch' && record !== undefined ? `/operations/batches/${record}` : undefined;
}
