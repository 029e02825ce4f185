import { createDispatcher } from '../server/src/dispatch/dispatch.ts';
import { openJournal } from '../server/src/journal/journal.ts';
import { openTrails } from '../server/src/positions/trails.ts';
import type { StoredCity } from '../server/src/map/http.ts';
import { readConfig } from '../server/src/platform/config.ts';
import { createLog } from '../server/src/platform/log.ts';
import { connectMongo } from '../server/src/platform/mongo.ts';
import { hashPassword } from '../server/src/platform/passwords.ts';
import { uuidv7From } from '@opsboard/shared/protocol/ids';
import type { Command } from '@opsboard/shared/protocol/envelope';
import type { ArgsOf, CommandName } from '@opsboard/shared/protocol/deciders';
import type { Principal } from '@opsboard/shared/protocol/actors';
import type { Point } from '@opsboard/shared/geo/distance';
import { positionDaysOf } from '@opsboard/shared/organization/driver-settings';
import type { CreateRoute } from '@opsboard/shared/routes/schema';
import { city } from './demo/city/city.ts';
import type { Deed, Directory } from './demo/history.ts';
import { historyUntil } from './demo/history.ts';
import { Random } from './demo/random.ts';
import { pastRouteDeeds } from './demo/past-routes.ts';
import { routeDeeds, routesSince } from './demo/routes.ts';
import { trailOf } from './demo/trails.ts';
import * as world from './demo/world.ts';

/**
 * Fills an empty database with the demo world, through the same dispatcher as everything else, with the times at which
 * it would have happened. Runs once: a second run finds the mark it left. An interrupted run leaves the mark
 * `filling`, and the next one begins again.
 */
const began = performance.now();
const config = readConfig(process.env);
const log = createLog('seed', 'error');
const connection = await connectMongo(config.MONGODB_URI, log);
const marks = connection.collection<{ _id: string; state: 'filling' | 'filled' }>('meta');
const cities = connection.collection<StoredCity>('meta');
const mark = await marks.findOne({ _id: 'demo' });

if (mark?.state === 'filled') await leave(0);
if (mark?.state === 'filling') {
  console.log('The demo world was left half filled: beginning again.');
  await connection.dropDatabase();
} else {
  const organization = await connection.collection('organizations').findOne({});
  if (organization) {
    console.error(
      `--demo fills only an empty board; this one holds "${organization['name']}". Start without --demo, or name another folder with --data.`,
    );
    await leave(6);
  }
}
await marks.insertOne({ _id: 'demo', state: 'filling' });

const now = Date.now();
const start = now - 50 * 86_400_000;
const random = new Random(7);
const idAt = (at: number): string => uuidv7From(at, random.bytes(10));
const journal = await openJournal({
  connection,
  clock: { now: () => Date.now(), monotonic: () => performance.now() },
  log,
});
const dispatcher = createDispatcher({
  journal,
  clock: { now: () => Date.now(), monotonic: () => performance.now() },
  log,
});

let principals = new Map<string, Principal>();
const org = idAt(start);
const admin = { type: 'person', org, id: idAt(start), role: 'admin' } as const;
const directory = await fillDirectory();
const board = await journal.org(org);
const driven = pastRouteDeeds(now - routesSince, board, directory, new Random(37));
const deeds = [...historyUntil(now - routesSince, directory), ...driven].toSorted((a, b) => a.at - b.at);
await cities.insertOne({ _id: 'city', org, city });
await perform(deeds);
// The last two hours are the road's: on the board as it was by then.
const roads = routeDeeds(now, board, directory, new Random(31)).toSorted((a, b) => a.at - b.at);
await perform(roads);
await keepTrails([...driven, ...roads]);
await marks.updateOne({ _id: 'demo' }, { $set: { state: 'filled' } });
console.log(
  `Demo world filled: ${deeds.length + roads.length} changes in ${((performance.now() - began) / 1000).toFixed(1)} s.`,
);
await dispatcher.drain();
await journal.close();
await leave(0);

async function leave(code: number): Promise<never> {
  await connection.close();
  process.exit(code);
}

/** Sends one command as somebody, at a moment; a refusal here is a mistake in the demo world. */
async function as<N extends CommandName>(principal: Principal, at: number, name: N, args: ArgsOf<N>): Promise<void> {
  await send(principal, { at, commandId: idAt(at), name, args });
}

async function send(
  principal: Principal,
  given: { at: number; commandId: string; name: string; args: unknown },
): Promise<void> {
  const { at, ...command } = given;
  const ack = await dispatcher.dispatch(principal, command as Command, { at });
  if (!ack.ok)
    throw new Error(`${given.name} was refused: ${ack.error.code}, ${ack.error.message} ${JSON.stringify(given.args)}`);
}

async function fillDirectory(): Promise<Directory> {
  const at = start;
  const passwordHash = () => hashPassword(world.password);
  const person = (login: string) => world.people.find((one) => one.login === login)!;
  await as({ type: 'system', org, id: 'setup' }, at, 'organization.create', {
    id: org,
    name: world.organizationName,
    timeZone: world.timeZone,
    admin: {
      id: admin.id,
      name: person('admin').name,
      email: world.emailOf('admin'),
      passwordHash: await passwordHash(),
    },
  });
  const branches: string[] = [];
  for (const [index, name] of world.branchNames.entries()) {
    const id = idAt(at);
    branches.push(id);
    const { address, phone, position } = world.branchPlaces[index]!;
    await as(admin, at, 'branch.create', { id, name, address, phone, position: [...position] });
  }
  const customers: string[] = [];
  for (const { name, slaHours, address, position } of world.customers) {
    const id = idAt(at);
    customers.push(id);
    const contactEmail = `service@${name.toLowerCase().replaceAll(/[^a-z]/g, '')}.test`;
    await as(admin, at, 'customer.create', {
      ...{ id, name, slaHours, contactEmail, language: 'en' as const },
      ...{ address, position: [...position] as [number, number] },
    });
  }
  const centers: string[] = [];
  const year = new Date(now).getUTCFullYear();
  const holidays = world.holidays.flatMap(({ day, name }) =>
    [year, year + 1].map((each) => ({ date: `${each}-${day}`, name })),
  );
  for (const { name, phone, street, position } of world.centers) {
    const id = idAt(at);
    centers.push(id);
    const open: [number, number] = [7 * 60, 19 * 60];
    const hours = { mon: open, tue: open, wed: open, thu: open, fri: open, sat: [9 * 60, 14 * 60] as [number, number] };
    await as(admin, at, 'center.create', {
      id,
      name,
      phone,
      address: street,
      position: [...position],
      hours,
      holidays,
    });
  }
  const ids = new Map([['admin', admin.id]]);
  for (const { login, name, role, branches: limits, phone } of world.people) {
    if (login === 'admin') continue;
    const id = idAt(at);
    ids.set(login, id);
    await as(admin, at, 'person.create', {
      id,
      name,
      role,
      email: world.emailOf(login),
      ...(phone === undefined ? {} : { phone }),
      ...(limits === undefined ? {} : { branches: limits.map((index) => branches[index]!) }),
      passwordHash: await passwordHash(),
    });
  }
  for (const { branch, ...fields } of world.warehouses) {
    const of = branch === undefined ? {} : { branch: branches[branch]! };
    await as(admin, at, 'warehouse.create', { id: idAt(at), ...fields, ...of });
  }
  for (const fields of world.vendors) await as(admin, at, 'vendor.create', { id: idAt(at), ...fields });
  for (const { name, members, branches: limits } of world.teams) {
    await as(admin, at, 'team.create', {
      id: idAt(at),
      name,
      members: members.map((login) => ids.get(login)!),
      ...(limits === undefined ? {} : { branches: limits.map((index) => branches[index]!) }),
    });
  }
  const desk = (index: number): string[] =>
    ['ops', 'team'].filter((login) => person(login).branches?.includes(index) ?? true).map((login) => ids.get(login)!);
  const drivers = world.people.filter((one) => one.role === 'driver').map((one) => ids.get(one.login)!);
  principals = new Map(
    world.people.map((one): [string, Principal] => [
      ids.get(one.login)!,
      {
        type: 'person',
        org,
        id: ids.get(one.login)!,
        role: one.role,
        ...(one.branches === undefined ? {} : { branches: one.branches.map((index) => branches[index]!) }),
      },
    ]),
  );
  return { branches, customers, centers, drivers, desks: branches.map((_, index) => desk(index)) };
}

/** Performs the deeds in order; the dispatcher commits those that wait together in one go. */
async function perform(list: readonly Deed[]): Promise<void> {
  const window = 400;
  let told = performance.now();
  for (let from = 0; from < list.length; from += window) {
    await Promise.all(
      list.slice(from, from + window).map(({ at, actor, command }) => {
        const principal: Principal =
          'person' in actor ? principals.get(actor.person)! : { type: 'system', org, id: actor.system };
        return send(principal, { at, ...command });
      }),
    );
    if (performance.now() - told > 1_000) {
      told = performance.now();
      console.log(`Filling the demo world: ${Math.min(100, Math.round(((from + window) / list.length) * 100))} %`);
    }
  }
}

/** Where the drivers were on their routes, as their phones would have told it. */
async function keepTrails(list: readonly Deed[]): Promise<void> {
  const trails = openTrails({ connection, log });
  const days = positionDaysOf(board.get('organization', org) ?? {});
  const kept: Promise<boolean>[] = [];
  for (const { command } of list) {
    if (command.name !== 'route.create') continue;
    const { id, branch, driver, stops } = command.args as CreateRoute;
    const start = board.get('branch', branch)?.position;
    if (driver === undefined || start === undefined) continue;
    const places = stops.flatMap(({ id: stop, place }): [string, Point][] => {
      const position = board.get(place.kind, place.id)?.position;
      return position ? [[stop, position]] : [];
    });
    const own = list.filter((deed) => (deed.command.args as { id: string }).id === id);
    kept.push(trails.add({ org, route: id, driver }, trailOf({ start, stops: new Map(places) }, own), days));
  }
  await trails.close();
  if (!(await Promise.all(kept)).every(Boolean)) throw new Error('The trails of the demo could not be kept.');
}
