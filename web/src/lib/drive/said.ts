import { app } from '#lib/app.ts';

type Args = { [name: string]: unknown };

/** What an action says of itself to a person, with the names as they are on the phone now: they may be gone later. */
export function said(name: string, args: Args): string {
  const batch = typeof args['batch'] === 'string' ? args['batch'] : name.startsWith('batch.') ? args['id'] : undefined;
  const reference = typeof batch === 'string' ? (app.get('batch', batch)?.reference ?? 'a batch') : undefined;
  const verb = verbs[name] ?? name;
  return reference === undefined ? verb : `${verb} ${reference}`;
}

const verbs: { [name: string]: string } = {
  'batch.depart': 'Depart with',
  'batch.arrive': 'Arrive with',
  'batch.departBack': 'Depart back with',
  'batch.complete': 'Complete',
};
