import { createHash, randomInt } from 'node:crypto';
import { newId } from '../../../server/src/platform/ids.ts';
import type { RightsWorld } from './rights-world.ts';
import { unique } from './rights-world.ts';
import type { MadeBatch } from './subjects.ts';
import { idleStop, sendPicture, today } from './route-subjects.ts';
import { makeBatch } from './subjects.ts';

/** Things to be seen, by their names in `expected.ts`, with the words that nothing else has in it. */
export type Exhibits = {
  marks: ReadonlyMap<string, readonly string[]>;
  /** By the condition they stand for. */
  batches: ReadonlyMap<string, MadeBatch>;
  /** By branch and driver. */
  routes: ReadonlyMap<string, string>;
  /** Pictures: of a problem on those routes, the logo, and one that no record names. */
  files: ReadonlyMap<string, string>;
  people: ReadonlyMap<string, string>;
  customer: string;
  /** What else carries a version, for conflicts. */
  templates: readonly string[];
  savedView: string;
  /** The last entry. */
  seq: number;
};

/** A telephone number that nobody else has: its digits are its mark. */
const phone = (): { number: string; mark: string } => {
  const mark = String(randomInt(100_000_000, 1_000_000_000));
  return { number: `+49 30 ${mark}`, mark };
};

/** A record of everything, each told apart from all others by its words. */
export async function makeExhibits(world: RightsWorld): Promise<Exhibits> {
  const marks = new Map<string, readonly string[]>();
  const named = (thing: string, ...words: string[]): string => {
    marks.set(thing, words);
    return words[0]!;
  };
  await world.act('organization.edit', { id: world.org, rev: world.rev, name: named('organization', unique('Org')) });
  for (const branch of ['north', 'south'] as const) {
    const name = named(`branch:${branch}`, unique('Branch'));
    await world.act('branch.edit', { id: world.branches[branch], rev: 1, name });
  }

  const [customer, center] = [newId(), newId()];
  const desk = { email: `${unique('desk')}@customer.test`, phone: phone(), dock: unique('Dock') };
  named('customer.contacts', desk.email, desk.phone.mark, desk.dock);
  await world.act('customer.create', {
    id: customer,
    name: named('customer', unique('Buyer')),
    slaHours: 48,
    contactEmail: desk.email,
    contactPhone: desk.phone.number,
    address: `9 ${desk.dock} Road`,
  });
  const place = { dock: unique('Dock'), phone: phone() };
  named('center.contacts', place.dock, place.phone.mark);
  await world.act('center.create', {
    id: center,
    name: named('center', unique('Repair')),
    address: `4 ${place.dock} Road`,
    phone: place.phone.number,
  });

  for (const limit of ['north', 'south', 'everywhere'] as const) {
    const name = named(`warehouse:${limit}`, unique('Store'));
    const branch = limit === 'everywhere' ? {} : { branch: world.branches[limit] };
    await world.act('warehouse.create', { id: newId(), name, ...branch });
  }
  const seller = { email: `${unique('desk')}@vendor.test`, phone: phone() };
  named('vendor.contacts', seller.email, seller.phone.mark);
  await world.act('vendor.create', {
    id: newId(),
    name: named('vendor', unique('Seller')),
    contactEmail: seller.email,
    contactPhone: seller.phone.number,
  });

  const people = new Map<string, string>();
  for (const limit of ['north', 'south', 'everywhere'] as const) {
    const own = phone();
    const email = named(`person:${limit}.email`, `${unique('mail')}@people.test`);
    named(`person:${limit}.phone`, own.mark);
    const name = named(`person:${limit}`, unique('Colleague'));
    const more = { name, email, phone: own.number };
    people.set(limit, await world.person('team_member', limit === 'everywhere' ? undefined : [limit], more));
  }

  for (const limit of ['south', 'everywhere'] as const) {
    const name = named(`team:${limit}`, unique('Crew'));
    const branches = limit === 'everywhere' ? {} : { branches: [world.branches[limit]] };
    await world.act('team.create', { id: newId(), name, members: [people.get(limit)!], ...branches });
  }

  const batches = new Map<string, MadeBatch>();
  const made: readonly [string, 'north' | 'south', string?][] = [
    ['north', 'north'],
    ['south', 'south'],
    ['north-driver', 'north', 'driver'],
    ['south-sDriver', 'south', 'sDriver'],
    ['north-archived', 'north'],
    ['south-archived', 'south'],
  ];
  for (const [condition, branch, driver] of made) {
    const batch = await makeBatch(world, { branch, driver, breached: true, customer, center });
    const { id, parts } = batch;
    batches.set(condition, batch);
    const label = unique('Reader');
    await world.act('part.create', { id: newId(), partId: parts[0], label });
    const [note, call, reason] = [unique('Note'), unique('Call'), unique('Reason')];
    await world.act('batch.logCall', { id, note: call });
    await world.act('batch.addNote', { id, note: { id: newId(), text: note } });
    await world.act('batch.moveDueDate', { id, rev: 3, dueAt: Date.now() + 9e8, reason });
    if (condition === 'north' || condition === 'south') {
      const message = {
        id: newId(),
        to: `${unique('to')}@customer.test`,
        subject: unique('Late'),
        text: unique('Text'),
      };
      named(`message:${condition}`, message.to, message.subject, message.text);
      await world.act('batch.notifyCustomer', { id, messages: [{ channel: 'email', ...message }] });
    }
    if (condition.endsWith('archived')) await world.act('batch.cancel', { id, reason: 'not wanted' });
    else await world.act('batch.seal', { id, count: 2 });
    marks.set(`batch:${condition}`, [id, await world.referenceOf(id)]);
    marks.set(`batch:${condition}.parts`, [parts[1]]);
    marks.set(`batch:${condition}.notes`, [note]);
    marks.set(`batch:${condition}.response`, [call]);
    marks.set(`batch:${condition}.reason`, [reason]);
    marks.set(`part:${condition}`, [label]);
  }

  const routes = new Map<string, string>();
  const files = new Map<string, string>();
  for (const [branch, driver] of [
    ['north', 'driver'],
    ['south', 'sDriver'],
  ] as const) {
    const route = await makeShownRoute(world, branch, driver, (what, ...words) =>
      named(`route:${branch}-${driver}${what}`, ...words),
    );
    routes.set(`${branch}-${driver}`, route.id);
    files.set(`${branch}-${driver}`, route.photo);
  }
  files.set('unnamed', await sendPicture(world, 'admin'));
  const logo = await sendPicture(world, 'admin');
  files.set('logo', logo);
  await world.act('organization.edit', { id: world.org, rev: world.rev + 1, logo });

  await world.act('apiKey.create', {
    id: newId(),
    name: named('apiKey', unique('Key')),
    scopes: ['batches:read'],
    branches: [world.branches.south],
    tokenHash: createHash('sha256').update(unique('token')).digest('hex'),
    hint: 'abcd',
  });
  const templates: string[] = [];
  for (const branch of ['north', 'south'] as const) {
    const [id, name] = [newId(), named(`template:${branch}`, unique('Usual'))];
    await world.act('template.create', { id, name, branch: world.branches[branch], customer, center });
    templates.push(id);
  }
  const savedView = newId();
  const name = named('savedView', unique('Morning'));
  const { seq } = await world.act('savedView.create', { id: savedView, name, page: 'board', query: '' });
  return { marks, batches, routes, files, people, customer, templates, savedView, seq };
}

/** A driver's finished day, with everything on it that could be told of. */
async function makeShownRoute(
  world: RightsWorld,
  branch: 'north' | 'south',
  driver: 'driver' | 'sDriver',
  named: (what: string, ...words: string[]) => string,
): Promise<{ id: string; photo: string }> {
  const [id, buyer, first, second, third] = [newId(), newId(), newId(), newId(), newId()];
  const place = phone();
  await world.act('customer.create', {
    id: buyer,
    name: unique('Stop'),
    slaHours: 48,
    address: named('.places', unique('Gate'), place.mark),
    contactPhone: place.number,
  });
  const batch = await makeBatch(world, { branch, driver, status: 'sealed' });
  await world.act('route.create', {
    id,
    branch: world.branches[branch],
    day: today(),
    driver: world.people.get(driver)!.id,
    vehicle: named('.vehicle', unique('Van')),
    stops: [
      { ...idleStop(world, first, branch), pickUp: [batch.id], note: named('.note', unique('Ring')) },
      { ...idleStop(world, second, branch), place: { kind: 'center', id: world.center }, handOver: [batch.id] },
      { ...idleStop(world, third, branch), place: { kind: 'customer', id: buyer } },
    ],
  });
  const by = driver;
  const photo = await sendPicture(world, driver);
  await world.act('route.start', { id }, { by });
  await world.act('route.pickUp', { id, stop: first, batch: batch.id, count: 2 }, { by });
  const text = named('.problem', unique('Trouble'));
  const { client } = world.people.get(driver)!;
  await client.mustCommand('route.report', { id, problem: newId(), reason: 'road', text, photo });
  await world.act('route.depart', { id, stop: first }, { by });
  const receiver = named('.receivers', unique('Receiver'));
  await world.act('route.handOver', { id, stop: second, batch: batch.id, count: 2, receiver }, { by });
  await world.act('route.depart', { id, stop: second }, { by });
  await world.act('route.skip', { id, stop: third, reason: named('.reason', unique('Shut')) }, { by });
  named('', id);
  return { id, photo };
}

/** The things that a text tells of. A word stands for itself: `B-2001` is not in `B-20011`. */
export function toldIn(text: string, marks: Exhibits['marks']): Set<string> {
  const told = new Set<string>();
  for (const [thing, words] of marks)
    if (words.some((word) => new RegExp(`${word.replace(/[.\-+]/g, '\\$&')}(?![0-9])`).test(text))) told.add(thing);
  return told;
}
