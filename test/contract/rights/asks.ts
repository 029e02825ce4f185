import { newId } from '../../../server/src/platform/ids.ts';
import type { Exhibits } from './exhibits.ts';
import type { RightsWorld } from './rights-world.ts';
import { unique } from './rights-world.ts';
import { onePixel } from './route-subjects.ts';

/** What is asked for, by whom. */
export type Asking = {
  world: RightsWorld;
  other: RightsWorld;
  exhibits: Exhibits;
  theirs: Exhibits;
  who: string;
  /** A sequence number before the exhibits. */
  before: number;
};

/** One request. `own`: it ends the asker's sessions, so that somebody else of the same sort sends it. */
export type Request = { path: string; body?: object; own?: true; echoed?: readonly string[] };
type Ask = (asking: Asking) => Promise<Request> | Request;

/** How an endpoint is asked, by condition; what is not here is asked as it is, under the condition `any`. */
export type Asks = { readonly [condition: string]: Ask };

const at =
  (path: string, more: Omit<Request, 'path'> = {}): Ask =>
  () => ({ path, ...more });
const password = 'a long enough password';
const conditions = ['north', 'south', 'north-driver', 'south-sDriver', 'north-archived', 'south-archived'] as const;

/** About one batch, under every condition that batches have. */
const ofBatch = (rest: string): Asks => ({
  ...Object.fromEntries(
    conditions.map((name): [string, Ask] => [
      name,
      ({ exhibits }) => ({ path: `/api/batches/${exhibits.batches.get(name)!.id}${rest}` }),
    ]),
  ),
  other: ({ theirs }) => ({ path: `/api/batches/${theirs.batches.get('north')!.id}${rest}` }),
  unknown: () => ({ path: `/api/batches/${newId()}${rest}` }),
});

/** About one route. */
const ofRoute = (rest: string): Asks => ({
  ...Object.fromEntries(
    (['north-driver', 'south-sDriver'] as const).map((name): [string, Ask] => [
      name,
      ({ exhibits }) => ({ path: `/api/routes/${exhibits.routes.get(name)!}${rest}` }),
    ]),
  ),
  other: ({ theirs }) => ({ path: `/api/routes/${theirs.routes.get('north-driver')!}${rest}` }),
  unknown: () => ({ path: `/api/routes/${newId()}${rest}` }),
});

/** About one person. Sessions and links are theirs alone, so one is made for each question. */
const ofPerson = (rest: string, body?: object): Asks => {
  const ask = (id: string): Request => ({ path: `/api/people/${id}${rest}`, ...(body ? { body } : {}) });
  return {
    north: async ({ world }) => ask(await world.person('team_member', ['north'])),
    south: async ({ world }) => ask(await world.person('team_member', ['south'])),
    everywhere: async ({ world }) => ask(await world.person('team_member')),
    other: async ({ other }) => ask(await other.person('team_member')),
    unknown: () => ask(newId()),
    self: ({ world, who }) => ask(world.selfOf(who) ?? newId()),
  };
};

const newPerson = (path: string, more: () => object): Asks =>
  Object.fromEntries(
    (['north', 'south', 'everywhere'] as const).map((limit): [string, Ask] => [
      limit,
      ({ world }) => ({
        path,
        body: {
          id: newId(),
          name: unique('New'),
          email: `${unique('new')}@people.test`,
          role: 'team_member',
          ...(limit === 'everywhere' ? {} : { branches: [world.branches[limit]] }),
          ...more(),
        },
      }),
    ]),
  );

const newKey: Asks = Object.fromEntries(
  (['north', 'south', 'everywhere'] as const).map((limit): [string, Ask] => [
    limit,
    ({ world }) => ({
      path: '/api/keys',
      body: {
        commandId: newId(),
        id: newId(),
        name: unique('Key'),
        scopes: ['batches:read'],
        ...(limit === 'everywhere' ? {} : { branches: [world.branches[limit]] }),
      },
    }),
  ]),
);

const row = (...cells: string[]): string => `${cells.join(',')}\n`;
const importing = (path: string, kind: string, csv: (asking: Asking) => string): Ask => {
  const commandId = path.endsWith('preview') ? () => ({}) : () => ({ commandId: newId() });
  return (asking) => {
    const text = csv(asking);
    // A refusal says again what it could not find.
    return { path, body: { kind, csv: text, ...commandId() }, echoed: text.split(/[,\n]/).filter(Boolean) };
  };
};
const customers = () => row('Name', 'SLA hours') + row(unique('Imported'), '24');
const centers = () => row('Name') + row(unique('Imported'));
const vendors = () => row('Name') + row(unique('Imported'));
const teams = () => row('Name', 'Members') + row(unique('Imported'), 'none');
const parts = () => row('Part ID', 'Label') + row(unique('M').toUpperCase(), 'Card reader');
const batchesAt =
  (place: 'north' | 'south' | 'other') =>
  ({ exhibits, theirs }: Asking): string => {
    const name = (thing: string): string => exhibits.marks.get(thing)![0]!;
    const branch = place === 'other' ? theirs.marks.get('branch:north')![0]! : name(`branch:${place}`);
    const head = row('Branch', 'Customer', 'Service center', 'Parts');
    return head + row(branch, name('customer'), name('center'), unique('M').toUpperCase());
  };

/** How every endpoint is asked that needs more than its address. */
export const asks: { readonly [endpoint: string]: Asks } = {
  'POST:/api/setup': {
    any: at('/api/setup', {
      body: { organization: { name: 'O', timeZone: 'UTC' }, admin: { name: 'A', email: 'a@b.test', password } },
    }),
  },
  'POST:/api/session': {
    any: ({ who }) => ({ path: '/api/session', body: { email: `${who.toLowerCase()}@nowhere.test`, password } }),
  },
  'DELETE:/api/session': { any: at('/api/session', { own: true }) },
  'DELETE:/api/sessions': { any: at('/api/sessions', { own: true }) },
  'POST:/api/password': {
    any: at('/api/password', { body: { current: 'not the password', next: 'another long password' } }),
  },
  'POST:/api/password/forgotten': {
    any: () => ({ path: '/api/password/forgotten', body: { email: `${unique('nobody')}@nowhere.test` } }),
  },
  'POST:/api/links/look': { any: at('/api/links/look', { body: { token: 'A'.repeat(43) } }) },
  'POST:/api/links/use': { any: at('/api/links/use', { body: { token: 'A'.repeat(43), password } }) },
  'POST:/api/session/second-factor': {
    any: at('/api/session/second-factor', { body: { challenge: 'A'.repeat(60), code: '123456' } }),
  },
  'POST:/api/second-factor': { any: at('/api/second-factor', { body: { offer: 'A'.repeat(60), code: '123456' } }) },
  'POST:/api/second-factor/offer': {
    any: at('/api/second-factor/offer', { body: { password: 'not the password' } }),
  },
  'POST:/api/second-factor/recovery-codes': {
    any: at('/api/second-factor/recovery-codes', { body: { password: 'not the password', code: '123456' } }),
  },
  'POST:/api/second-factor/off': {
    any: at('/api/second-factor/off', { body: { password: 'not the password', code: '123456' } }),
  },
  'POST:/api/keys': newKey,
  'POST:/api/files': { any: () => ({ path: '/api/files', body: { id: newId(), data: onePixel } }) },
  'GET:/api/files/:id': {
    ...Object.fromEntries(
      ['logo', 'unnamed', 'north-driver', 'south-sDriver'].map((name): [string, Ask] => [
        name,
        ({ exhibits }) => ({ path: `/api/files/${exhibits.files.get(name)!}` }),
      ]),
    ),
    other: ({ theirs }) => ({ path: `/api/files/${theirs.files.get('logo')!}` }),
    unknown: () => ({ path: `/api/files/${newId()}` }),
  },
  'POST:/api/retention/dry-run': { any: at('/api/retention/dry-run', { body: { retention: { messagesDays: 30 } } }) },
  'POST:/api/retention/erasure/dry-run': Object.fromEntries(
    Object.entries(ofPerson('')).flatMap(([condition, ask]): [string, Ask][] =>
      condition === 'self'
        ? []
        : [
            [
              condition,
              async (asking) => ({
                path: '/api/retention/erasure/dry-run',
                body: { kind: 'person', id: (await ask(asking)).path.split('/').at(-1) },
              }),
            ],
          ],
    ),
  ),
  'POST:/api/people': newPerson('/api/people', () => ({ commandId: newId(), password })),
  'POST:/api/people/invitations': newPerson('/api/people/invitations', () => ({})),
  'POST:/api/people/:id/password': ofPerson('/password', { password }),
  'GET:/api/people/:id/sessions': ofPerson('/sessions'),
  'GET:/api/people/:id/links': ofPerson('/links'),
  'POST:/api/people/:id/links': ofPerson('/links', { purpose: 'password' }),
  'POST:/api/commands': {
    any: at('/api/commands', { body: { commandId: newId(), name: 'undo', args: { commandId: newId() } } }),
  },
  'POST:/api/commands/bulk': {
    any: at('/api/commands/bulk', {
      body: { commands: [{ commandId: newId(), name: 'undo', args: { commandId: newId() } }] },
    }),
  },
  'GET:/api/batches': {
    any: ({ exhibits }) => ({ path: `/api/batches?customer=${exhibits.customer}` }),
    archived: ({ exhibits }) => ({ path: `/api/batches?archived=true&customer=${exhibits.customer}` }),
  },
  'GET:/api/batches/export.csv': {
    any: ({ exhibits }) => ({ path: `/api/batches/export.csv?customer=${exhibits.customer}` }),
    archived: ({ exhibits }) => ({ path: `/api/batches/export.csv?archived=true&customer=${exhibits.customer}` }),
  },
  'GET:/api/batches/:id': ofBatch(''),
  'GET:/api/batches/:id/timeline': ofBatch('/timeline'),
  'GET:/api/batches/:id/manifest.pdf': ofBatch('/manifest.pdf'),
  'GET:/api/batches/:id/labels.pdf': ofBatch('/labels.pdf'),
  'GET:/api/batches/:id/messages': ofBatch('/messages'),
  'GET:/api/routes/export.csv': { any: at('/api/routes/export.csv?archived=all') },
  'GET:/api/routes/:id': ofRoute(''),
  'GET:/api/routes/:id/timeline': ofRoute('/timeline'),
  'GET:/api/routes/:id/trail': ofRoute('/trail'),
  'GET:/api/activity': { any: at('/api/activity?limit=200') },
  'POST:/api/parts/check': {
    any: ({ exhibits }) => {
      const all = [...exhibits.batches.values()].map(({ parts: [, second] }) => second);
      return { path: '/api/parts/check', body: { parts: all }, echoed: all };
    },
  },
  'GET:/api/parts/labels.pdf': {
    own: ({ exhibits }) => labels(exhibits.batches.get('north')!.parts[0]),
    other: ({ theirs }) => labels(theirs.batches.get('north')!.parts[0]),
    unknown: () => labels('P-UNKNOWN'),
  },
  'GET:/api/parts/:partId': {
    ...Object.fromEntries(
      conditions.map((name): [string, Ask] => [name, ({ exhibits }) => part(exhibits.batches.get(name)!.parts[1])]),
    ),
    'north-described': ({ exhibits }) => part(exhibits.batches.get('north')!.parts[0]),
    other: ({ theirs }) => part(theirs.batches.get('north')!.parts[0]),
    unknown: () => part('P-UNKNOWN'),
  },
  'GET:/api/import/template.csv': { any: at('/api/import/template.csv?kind=customers') },
  'POST:/api/import/preview': {
    customers: importing('/api/import/preview', 'customers', customers),
    centers: importing('/api/import/preview', 'centers', centers),
    vendors: importing('/api/import/preview', 'vendors', vendors),
    teams: importing('/api/import/preview', 'teams', teams),
    parts: importing('/api/import/preview', 'parts', parts),
    'batches-north': importing('/api/import/preview', 'batches', () => batchesAtNowhere),
  },
  'POST:/api/import': {
    customers: importing('/api/import', 'customers', customers),
    // An ID that is not known names nothing: the row is a new customer.
    'customers-other': importing(
      '/api/import',
      'customers',
      ({ theirs }) => row('Name', 'SLA hours', 'ID') + row(unique('Imported'), '24', theirs.customer),
    ),
    centers: importing('/api/import', 'centers', centers),
    vendors: importing('/api/import', 'vendors', vendors),
    teams: importing('/api/import', 'teams', teams),
    parts: importing('/api/import', 'parts', parts),
    'batches-north': importing('/api/import', 'batches', batchesAt('north')),
    'batches-south': importing('/api/import', 'batches', batchesAt('south')),
    'batches-other': importing('/api/import', 'batches', batchesAt('other')),
  },
  'GET:/api/find': {
    any: ({ exhibits }) => ({
      path: [...exhibits.marks]
        .filter(([thing]) => /^(customer|center|branch:\w+|person:\w+|template:\w+)$/.test(thing))
        .map(([, [word]]) => word!)
        .concat([...exhibits.marks].filter(([thing]) => /^batch:[\w-]+$/.test(thing)).map(([, [, word]]) => word!))
        .map((word) => `/api/find?q=${word}`)
        .join('\n'),
    }),
  },
  'GET:/api/map': { any: () => ({ path: '/api/map' }) },
  // Neither a map file nor an invented city: what there is to see is tested with the map.
  'GET:/api/map/city': { none: () => ({ path: '/api/map/city' }) },
  'GET:/api/map/tiles': { none: () => ({ path: '/api/map/tiles' }) },
  'GET:/api/live/catch-up': { any: ({ before }) => ({ path: `/api/live/catch-up?from=${before}` }) },
  'GET:/api/live/snapshot': { any: ({ exhibits }) => ({ path: `/api/live/snapshot?atLeast=${exhibits.seq}` }) },
};

const batchesAtNowhere = row('Branch', 'Customer', 'Service center', 'Parts') + row('Nowhere', 'Nobody', 'None', 'M-1');

/** The label of a part, whose ID the answer may say again. */
const labels = (id: string): Request => ({ path: `/api/parts/labels.pdf?parts=${id}`, echoed: [id] });
/** A part by its ID, which the answer may say again. */
const part = (id: string): Request => ({ path: `/api/parts/${id}`, echoed: [id] });
