import type { Role } from '@opsboard/shared/people/roles';
import { newId } from '../../server/src/platform/ids.ts';
import type { TestApp } from './app.ts';
import { Client, signIn } from './client.ts';

export const password = 'a long enough password';

export type TestPerson = { id: string; name: string; email: string; role: Role; branches?: string[] };

/** An organization with something of everything. `s` limits a person to the south branch. */
export type World = {
  org: string;
  admin: Client;
  branches: { north: string; south: string };
  customers: { fast: string; slow: string };
  centers: { near: string; far: string };
  people: { [P in PersonName]: TestPerson };
  /** A client signed in as somebody, on the first web or the one that is named; once for each. */
  as(person: PersonName, url?: string): Promise<Client>;
  /** Creates a batch as the admin. @returns its id */
  batch(fields?: {
    branch?: string;
    customer?: string;
    center?: string;
    driver?: string;
    parts?: string[];
    dueAt?: number;
  }): Promise<string>;
};

export type PersonName =
  'admin' | 'ops' | 'team' | 'driver1' | 'driver2' | 'manager' | 'display' | 'southOps' | 'southTeam';

const cast: { [P in Exclude<PersonName, 'admin'>]: { role: Role; south?: true } } = {
  ops: { role: 'operations_manager' },
  team: { role: 'team_member' },
  driver1: { role: 'driver' },
  driver2: { role: 'driver' },
  manager: { role: 'manager' },
  display: { role: 'display' },
  southOps: { role: 'operations_manager', south: true },
  southTeam: { role: 'team_member', south: true },
};

let made = 0;

/**
 * Builds an organization through the public API: the first start, then commands. A second one on the same app is
 * founded through the back door, because the first start is over by then.
 *
 * @param name also the domain of the e-mail addresses, so it must be one word of its own
 */
export async function buildWorld(app: TestApp, name = `org${++made}`): Promise<World> {
  const email = (who: string) => `${who}@${name.toLowerCase()}.test`;
  const admin = await foundOrganization(app, name, email('admin'));
  const { body: me } = await admin.get<{ person: TestPerson & { org: string } }>('/api/session');
  const org = me.person.org;

  const ids = { north: newId(), south: newId(), fast: newId(), slow: newId(), near: newId(), far: newId() };
  await admin.mustCommand('branch.create', { id: ids.north, name: `${name} North` });
  await admin.mustCommand('branch.create', { id: ids.south, name: `${name} South` });
  await admin.mustCommand('customer.create', {
    id: ids.fast,
    name: `${name} Fast`,
    slaHours: 48,
    contactEmail: email('fast'),
  });
  await admin.mustCommand('customer.create', {
    id: ids.slow,
    name: `${name} Slow`,
    slaHours: 72,
    contactPhone: '+49 30 1234567',
  });
  await admin.mustCommand('center.create', { id: ids.near, name: `${name} Near`, phone: '+49 30 7654321' });
  await admin.mustCommand('center.create', { id: ids.far, name: `${name} Far` });

  const people = {
    admin: { id: me.person.id, name: me.person.name, email: email('admin'), role: 'admin' },
  } as World['people'];
  const add = async (who: Exclude<PersonName, 'admin'>): Promise<void> => {
    const { role, south } = cast[who];
    const person: TestPerson = {
      id: newId(),
      name: `${name} ${who}`,
      email: email(who.toLowerCase()),
      role,
      ...(south ? { branches: [ids.south] } : {}),
    };
    const { status, text } = await admin.post('/api/people', { commandId: newId(), password, ...person });
    if (status !== 201) throw new Error(`${who} could not be added: ${text}`);
    people[who] = person;
  };
  await Promise.all((Object.keys(cast) as Exclude<PersonName, 'admin'>[]).map(add));

  const signedIn = new Map<PersonName, Promise<Client>>([['admin', Promise.resolve(admin)]]);
  return {
    org,
    admin,
    branches: { north: ids.north, south: ids.south },
    customers: { fast: ids.fast, slow: ids.slow },
    centers: { near: ids.near, far: ids.far },
    people,
    as: async (who, url = app.url) => {
      let client = signedIn.get(who);
      if (!client) signedIn.set(who, (client = signIn(app.url, people[who].email, password)));
      return (await client).at(url);
    },
    batch: async (fields = {}) => {
      const id = newId();
      await admin.mustCommand('batch.create', {
        id,
        branch: ids.north,
        customer: ids.fast,
        center: ids.near,
        parts: [`P-${id.slice(-12)}`],
        ...fields,
      });
      return id;
    },
  };
}

async function foundOrganization(app: TestApp, name: string, email: string): Promise<Client> {
  const client = new Client(app.url);
  const { status, text, body } = await client.post<{ code?: string }>('/api/setup', {
    organization: { name, timeZone: 'Europe/Berlin' },
    admin: { name: `${name} admin`, email, password },
  });
  if (status === 201) return client;
  if (body.code !== 'already_set_up') throw new Error(`the first start was refused: ${text}`);
  const { hashPassword } = await import('../../server/src/platform/passwords.ts');
  const { dispatcher } = await app.backdoor();
  const org = newId();
  const admin = { id: newId(), name: `${name} admin`, email, passwordHash: await hashPassword(password) };
  const ack = await dispatcher.dispatch(
    { type: 'system', org, id: 'setup' },
    { commandId: newId(), name: 'organization.create', args: { id: org, name, timeZone: 'Europe/Berlin', admin } },
  );
  if (!ack.ok) throw new Error(`a second organization was refused: ${JSON.stringify(ack.error)}`);
  return signIn(app.url, email, password);
}
