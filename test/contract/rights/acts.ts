import { randomBytes } from 'node:crypto';
import type { Status } from '@opsboard/shared/batches/steps';
import type { ArgsOf, CommandName } from '@opsboard/shared/protocol/deciders';
import { newId } from '../../../server/src/platform/ids.ts';
import { directoryActs } from './directory-acts.ts';
import type { RightsWorld } from './rights-world.ts';
import { unique } from './rights-world.ts';
import { routeActs } from './route-acts.ts';
import type { MadeBatch } from './subjects.ts';
import { makeBatch, makeCancelled, makeFailedMessage, makeKey, makeTemplate, makeView } from './subjects.ts';

/** Where a cell is tried: the world, another organization beside it, and who will ask. */
export type Scene = { world: RightsWorld; other: RightsWorld; who: string };
/** Makes what a command needs to be about, and what is sent. Records are made anew for each call. */
export type Subject = (scene: Scene) => Promise<object> | object;
/** How a row of the tables is tried: the command, and what it is about under each condition. */
export type Act = {
  command: CommandName;
  subjects: { readonly [condition: string]: Subject };
  /** The record is the asker's own under these conditions: one is made for each. */
  own?: readonly string[];
};

type Place = 'north' | 'south';
/** A version that no record has: it is let through to the rule, which refuses it for that. */
const noRev = 999_999;
const names = (): { name: string } => ({ name: unique('Name') });
const later = (): number => Date.now() + 72 * 3_600_000;

type BatchNeeds = {
  status?: Status;
  breached?: boolean;
  prepare?(world: RightsWorld, batch: MadeBatch): Promise<void>;
};

/** A command on a batch, under every condition that batches have. */
function onBatch<N extends CommandName>(
  command: N,
  args: (batch: MadeBatch, world: RightsWorld) => ArgsOf<N>,
  needs: BatchNeeds = {},
  more: Act['subjects'] = {},
): Act {
  const on =
    (branch: Place, driver?: string): Subject =>
    async ({ world }) => {
      const batch = await makeBatch(world, { ...needs, branch, driver });
      await needs.prepare?.(world, batch);
      return args(needs.prepare ? { ...batch, rev: batch.rev + 1 } : batch, world);
    };
  const archived =
    (branch: Place): Subject =>
    async ({ world }) =>
      args(await makeCancelled(world, branch), world);
  return {
    command,
    subjects: {
      north: on('north'),
      south: on('south'),
      'north-driver': on('north', 'driver'),
      'south-sDriver': on('south', 'sDriver'),
      'north-sDriver': on('north', 'sDriver'),
      'north-archived': archived('north'),
      'south-archived': archived('south'),
      other: async ({ world, other }) => args(await makeBatch(other, { ...needs, branch: 'north' }), world),
      unknown: ({ world }) =>
        args({ id: newId(), rev: 1, branch: world.branches.north, parts: ['P-NONE-1', 'P-NONE-2'] }, world),
      ...more,
    },
  };
}

/** A command on records that belong to no branch: `make` makes one in a world. */
function onRecord<N extends CommandName>(
  command: N,
  make: (world: RightsWorld) => Promise<string>,
  args: (id: string) => ArgsOf<N>,
): Act {
  return {
    command,
    subjects: {
      own: async ({ world }) => args(await make(world)),
      other: async ({ other }) => args(await make(other)),
      unknown: () => args(newId()),
    },
  };
}

const create = (command: CommandName, args: () => object): Act => ({ command, subjects: { new: args } });

/** What nobody may send: one try each, on a batch that is there. */
const never = (command: CommandName, args: (batch: MadeBatch, scene: Scene) => object): Act => ({
  command,
  subjects: { any: async (scene) => args(await makeBatch(scene.world, { branch: 'south' }), scene) },
});

async function made<N extends CommandName>(world: RightsWorld, command: N, args: ArgsOf<N> & { id: string }) {
  await world.act(command, args);
  return args.id;
}
const customer = (world: RightsWorld) => made(world, 'customer.create', { id: newId(), ...names(), slaHours: 24 });
const center = (world: RightsWorld) => made(world, 'center.create', { id: newId(), ...names() });
const newPart = () => ({ id: newId(), partId: unique('T').toUpperCase(), label: 'Card reader' });
const part = (world: RightsWorld) => made(world, 'part.create', newPart());
async function archivedPart(world: RightsWorld): Promise<string> {
  const id = await part(world);
  await world.act('part.archive', { id });
  return id;
}

/** A command on a person who is not the asker, wherever they are. */
const onPeople = (
  command: CommandName,
  args: (id: string, rev: number, world: RightsWorld) => Promise<object> | object,
  more: Act['subjects'] = {},
): Act => ({
  command,
  subjects: {
    north: async ({ world }) => args(await world.person('team_member', ['north']), 1, world),
    south: async ({ world }) => args(await world.person('team_member', ['south']), 1, world),
    everywhere: async ({ world }) => args(await world.person('team_member'), 1, world),
    other: async ({ other }) => args(await other.person('team_member'), 1, other),
    unknown: ({ world }) => args(newId(), 1, world),
    ...more,
  },
  own: ['self', 'self-with-others'],
});

const idOf = ({ world, who }: Scene): string => world.selfOf(who)!;

const batchActs: readonly Act[] = [
  {
    command: 'batch.create',
    subjects: Object.fromEntries(
      (['north', 'south', 'at-other'] as const).map((at): [string, Subject] => [
        at,
        ({ world, other }) => ({
          id: newId(),
          branch: at === 'at-other' ? other.branches.north : world.branches[at],
          customer: world.customer,
          center: world.center,
          parts: [unique('C').toUpperCase()],
        }),
      ]),
    ),
  },
  onBatch(
    'batch.edit',
    ({ id, rev }, world) => ({ id, rev, customer: world.spare.customer }),
    {},
    {
      'south-to-north': async ({ world }) => {
        const { id, rev } = await makeBatch(world, { branch: 'south' });
        return { id, rev, branch: world.branches.north };
      },
      'to-other': async ({ world, other }) => {
        const { id, rev } = await makeBatch(world, { branch: 'north' });
        return { id, rev, customer: other.customer };
      },
    },
  ),
  onBatch(
    'batch.assignDriver',
    ({ id, rev }) => ({ id, rev, driver: null }),
    {},
    {
      'to-other': async ({ world, other }) => {
        const { id, rev } = await makeBatch(world, { branch: 'north' });
        return { id, rev, driver: other.otherDriver };
      },
    },
  ),
  onBatch('batch.moveDueDate', ({ id, rev }) => ({ id, rev, dueAt: later(), reason: 'agreed' })),
  onBatch('batch.addParts', ({ id }) => ({ id, parts: [unique('N').toUpperCase()] })),
  onBatch('batch.removeParts', ({ id, parts }) => ({ id, parts: [parts[0]] })),
  onBatch('batch.correctPart', ({ id, parts }) => ({
    id,
    part: parts[0],
    instead: unique('I').toUpperCase(),
    reason: 'scanned wrong',
  })),
  onBatch('batch.settleParts', ({ id, parts }) => ({ id, parts: [parts[0]], how: 'lost', reason: 'gone' }), {
    status: 'sealed',
  }),
  onBatch('batch.restoreParts', ({ id, parts }) => ({ id, parts: [parts[0]], reason: 'found' }), {
    status: 'sealed',
    prepare: async (world, { id, parts }) =>
      void (await world.act('batch.settleParts', { id, parts: [parts[0]], how: 'lost', reason: 'gone' })),
  }),
  onBatch('batch.split', ({ id, parts }) => ({ id, into: newId(), parts: [parts[0]], reason: 'left behind' }), {
    status: 'sealed',
  }),
  onBatch('batch.seal', ({ id }) => ({ id, count: 2 })),
  onBatch('batch.handOver', ({ id }) => ({ id, count: 2 }), { status: 'sealed' }),
  onBatch('batch.depart', ({ id }) => ({ id }), { status: 'sealed' }),
  onBatch('batch.arrive', ({ id }) => ({ id }), { status: 'in_transit_to_center' }),
  onBatch('batch.departBack', ({ id }) => ({ id }), { status: 'at_center' }),
  onBatch('batch.complete', ({ id }) => ({ id, count: 2 }), { status: 'in_transit_back' }),
  onBatch('batch.takeBack', ({ id }) => ({ id, from: 'sealed', reason: 'too early' }), { status: 'sealed' }),
  onBatch('batch.cancel', ({ id }) => ({ id, reason: 'not wanted' })),
  onBatch('batch.reopen', ({ id }) => ({ id, reason: 'not done' }), { status: 'completed' }),
  onBatch('batch.logCall', ({ id }) => ({ id, note: 'They are on it.' }), { breached: true }),
  onBatch('batch.notifyCustomer', ({ id }) => ({ id, messages: [], told: 'by telephone' }), { breached: true }),
  onBatch('batch.addNote', ({ id }) => ({ id, note: { id: newId(), text: 'Noted.' } })),
  never('batch.markBreached', ({ id }) => ({ id, dueAt: Date.now() })),
  never('batch.archive', ({ id }) => ({ id })),
  never('batch.erase', ({ id }) => ({ id })),
];

const peopleActs: readonly Act[] = [
  {
    command: 'person.create',
    subjects: Object.fromEntries(
      (['north', 'south', 'everywhere', 'at-other'] as const).map((at): [string, Subject] => [
        at,
        ({ world, other }) => ({
          id: newId(),
          ...names(),
          email: `${unique('new')}@people.test`,
          role: 'driver',
          ...(at === 'everywhere' ? {} : { branches: [at === 'at-other' ? other.branches.north : world.branches[at]] }),
        }),
      ]),
    ),
  },
  onPeople('person.edit', (id, rev) => ({ id, rev, ...names() }), {
    self: (scene) => ({ id: idOf(scene), rev: noRev, ...names() }),
    both: async ({ world }) => ({ id: await world.person('driver', ['north', 'south']), rev: 1, ...names() }),
    'south-inactive': async ({ world }) => {
      const id = await world.person('driver', ['south']);
      return { id, rev: await deactivated(world, id), ...names() };
    },
    'south-to-all': async ({ world }) => ({ id: await world.person('driver', ['south']), rev: 1, branches: null }),
  }),
  onPeople('person.erase', async (id, _rev, world) => ({ id, rev: await deactivated(world, id) }), {
    self: (scene) => ({ id: idOf(scene), rev: noRev }),
    unknown: () => ({ id: newId(), rev: 1 }),
  }),
  onPeople('person.editProfile', (id, rev) => ({ id, rev, ...names() }), {
    self: (scene) => ({ id: idOf(scene), rev: noRev, ...names() }),
  }),
  {
    command: 'person.setPassword',
    subjects: {
      self: (scene) => ({ id: idOf(scene), passwordHash: 'none' }),
      another: ({ world }) => ({ id: world.otherDriver, passwordHash: 'none' }),
    },
    own: ['self'],
  },
  ...(
    [
      ['person.enrolSecondFactor', { totp: { secret: 'A' }, recoveryHashes: [] }],
      ['person.dropSecondFactor', {}],
      ['person.renewRecoveryCodes', { recoveryHashes: [] }],
    ] as const
  ).map(([command, args]): Act => ({
    command,
    subjects: {
      self: (scene) => ({ id: idOf(scene), ...args }),
      another: ({ world }) => ({ id: world.otherDriver, ...args }),
    },
    own: ['self'],
  })),
  // Nobody here has one, so that what is allowed is refused by the rule.
  onPeople('person.removeSecondFactor', (id) => ({ id, why: 'Phone lost' }), {
    self: (scene) => ({ id: idOf(scene), why: 'Phone lost' }),
  }),
  never('person.spendRecoveryCode', (_batch, scene) => ({ id: idOf(scene), recoveryHashes: ['a'.repeat(64)] })),
  never('person.followProvider', (_batch, scene) => ({
    id: idOf(scene),
    external: { issuer: 'https://id.example', subject: 'me' },
    role: 'admin',
  })),
  never('session.start', ({ id }, scene) => ({
    id,
    person: idOf(scene),
    tokenHash: 'a'.repeat(64),
    expiresAt: later(),
  })),
  {
    command: 'person.invite',
    subjects: {
      another: () => ({
        id: newId(),
        ...names(),
        email: `${unique('new')}@people.test`,
        role: 'driver',
        link: { id: newId(), ...aLink(), mail: false },
      }),
    },
  },
  {
    command: 'link.create',
    subjects: {
      self: (scene) => ({
        id: newId(),
        purpose: 'password',
        person: idOf(scene),
        ...aLink(),
        mail: false,
        replaces: [],
      }),
      another: ({ world }) => ({
        id: newId(),
        purpose: 'password',
        person: world.otherDriver,
        ...aLink(),
        mail: false,
        replaces: [],
      }),
    },
    own: ['self'],
  },
  onPeople('link.revoke', async (person, _rev, world) => ({ id: await linkOf(world, person) }), {
    self: async (scene) => ({ id: await linkOf(scene.world, idOf(scene)) }),
    unknown: () => ({ id: newId() }),
  }),
  never('link.use', ({ id }) => ({ id, passwordHash: 'none', sessions: [] })),
  never('link.settle', ({ id }) => ({ id, state: 'sent' })),
  never('session.renew', (_batch, { world, who }) => ({
    id: world.people.get(who)?.session ?? newId(),
    expiresAt: later(),
  })),
  onPeople('session.end', async (person, _rev, world) => ({ id: (await sessionOf(world, person))[0]! }), {
    self: async (scene) => ({ id: (await sessionOf(scene.world, idOf(scene)))[0]! }),
    unknown: () => ({ id: newId() }),
  }),
  onPeople('session.endAll', async (person, _rev, world) => ({ person, sessions: await sessionOf(world, person) }), {
    self: async (scene) => ({ person: idOf(scene), sessions: await sessionOf(scene.world, idOf(scene)) }),
    'self-with-others': async (scene) => ({
      person: idOf(scene),
      sessions: await sessionOf(scene.world, scene.world.otherDriver),
    }),
    unknown: () => ({ person: newId(), sessions: [newId()] }),
  }),
];
const aLink = () => ({ tokenHash: randomBytes(32).toString('hex'), expiresAt: later() });
async function linkOf(world: RightsWorld, person: string): Promise<string> {
  const id = newId();
  await world.system('sign-in', 'link.create', {
    id,
    purpose: 'password',
    person,
    ...aLink(),
    mail: false,
    replaces: [],
  });
  return id;
}
/** @returns the version after it */
async function deactivated(world: RightsWorld, id: string): Promise<number> {
  await world.act('person.edit', { id, rev: 1, active: false });
  return 2;
}
const sessionOf = async (world: RightsWorld, person: string): Promise<string[]> => [(await world.session(person)).id];

let limit = 1;
const restActs: readonly Act[] = [
  never('organization.create', (_batch, { world }) => ({
    id: world.org,
    name: 'Another',
    timeZone: 'UTC',
    admin: { id: newId(), name: 'Nobody', email: 'nobody@nowhere.test', passwordHash: 'none' },
  })),
  {
    command: 'organization.edit',
    subjects: {
      own: ({ world }) => ({ id: world.org, rev: noRev, name: 'Renamed' }),
      other: ({ other }) => ({ id: other.org, rev: noRev, name: 'Renamed' }),
    },
  },
  {
    command: 'organization.setWipLimit',
    subjects: {
      // A limit that is the limit already would be refused.
      own: ({ world }) => ({ id: world.org, status: 'draft', limit: limit++ }),
      other: ({ other }) => ({ id: other.org, status: 'draft', limit: limit++ }),
    },
  },
  create('branch.create', () => ({ id: newId(), ...names() })),
  {
    command: 'branch.edit',
    subjects: {
      north: ({ world }) => ({ id: world.branches.north, rev: noRev, ...names() }),
      south: ({ world }) => ({ id: world.branches.south, rev: noRev, ...names() }),
      other: ({ other }) => ({ id: other.branches.north, rev: noRev, ...names() }),
      unknown: () => ({ id: newId(), rev: noRev, ...names() }),
    },
  },
  create('customer.create', () => ({ id: newId(), ...names(), slaHours: 24 })),
  onRecord('customer.edit', customer, (id) => ({ id, rev: 1, slaHours: 36 })),
  onRecord('customer.eraseContacts', customer, (id) => ({ id, rev: 1 })),
  create('center.create', () => ({ id: newId(), ...names() })),
  onRecord('center.edit', center, (id) => ({ id, rev: 1, ...names() })),
  create('part.create', newPart),
  onRecord('part.edit', part, (id) => ({ id, rev: 1, label: 'Something else' })),
  onRecord('part.archive', part, (id) => ({ id })),
  onRecord('part.restore', archivedPart, (id) => ({ id })),
  {
    command: 'message.sendAgain',
    subjects: {
      north: async ({ world }) => ({ id: await makeFailedMessage(world, 'north') }),
      south: async ({ world }) => ({ id: await makeFailedMessage(world, 'south') }),
      other: async ({ other }) => ({ id: await makeFailedMessage(other, 'north') }),
      unknown: () => ({ id: newId() }),
    },
  },
  never('apiKey.create', () => ({
    id: newId(),
    ...names(),
    scopes: ['batches:read'],
    tokenHash: 'a'.repeat(64),
    hint: 'abcd',
  })),
  onKey('apiKey.edit', (id) => ({ id, rev: 1, ...names() }), {
    'south-to-all': async ({ world }) => ({ id: await makeKey(world, ['south']), rev: 1, branches: null }),
  }),
  onKey('apiKey.revoke', (id) => ({ id })),
  never('message.claim', () => ({ id: newId() })),
  never('message.erase', () => ({ id: newId(), because: 'contacts' })),
  never('message.settle', () => ({ id: newId(), attempt: 1, state: 'sent' })),
  {
    command: 'template.create',
    subjects: Object.fromEntries(
      (['north', 'south', 'at-other'] as const).map((at): [string, Subject] => [
        at,
        ({ world, other }) => ({
          id: newId(),
          ...names(),
          branch: at === 'at-other' ? other.branches.north : world.branches[at],
          customer: world.customer,
          center: world.center,
        }),
      ]),
    ),
  },
  onTemplate('template.edit', (id) => ({ id, rev: 1, ...names() }), {
    'south-to-north': async ({ world }) => ({
      id: await makeTemplate(world, 'south'),
      rev: 1,
      branch: world.branches.north,
    }),
  }),
  onTemplate('template.archive', (id) => ({ id })),
  create('savedView.create', () => ({ id: newId(), ...names(), page: 'board', query: '' })),
  onView('savedView.edit', (id) => ({ id, rev: 1, ...names() })),
  onView('savedView.archive', (id) => ({ id })),
];

/** A command on API keys that reach one branch, or all of them. */
function onKey(command: CommandName, args: (id: string) => object, more: Act['subjects'] = {}): Act {
  return {
    command,
    subjects: {
      north: async ({ world }) => args(await makeKey(world, ['north'])),
      south: async ({ world }) => args(await makeKey(world, ['south'])),
      everywhere: async ({ world }) => args(await makeKey(world)),
      other: async ({ other }) => args(await makeKey(other)),
      unknown: () => args(newId()),
      ...more,
    },
  };
}

function onTemplate(command: CommandName, args: (id: string) => object, more: Act['subjects'] = {}): Act {
  return {
    command,
    subjects: {
      north: async ({ world }) => args(await makeTemplate(world, 'north')),
      south: async ({ world }) => args(await makeTemplate(world, 'south')),
      'south-archived': async ({ world }) => {
        const id = await makeTemplate(world, 'south');
        await world.act('template.archive', { id });
        return args(id);
      },
      other: async ({ other }) => args(await makeTemplate(other, 'north')),
      unknown: () => args(newId()),
      ...more,
    },
  };
}

function onView(command: CommandName, args: (id: string) => object): Act {
  return {
    command,
    subjects: {
      mine: async ({ world, who }) => args(await makeView(world, who)),
      another: async ({ world }) => args(await makeView(world, 'admin')),
      other: async ({ other }) => args(await makeView(other, 'admin')),
      unknown: () => args(newId()),
    },
    own: ['mine'],
  };
}

/** How each command is tried, by its name. A new command needs an entry here, and its cells in `expected.ts`. */
export const acts: ReadonlyMap<string, Act> = new Map(
  [...batchActs, ...peopleActs, ...directoryActs, ...routeActs, ...restActs].map((act) => [act.command, act]),
);
