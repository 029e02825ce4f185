import { createHash, randomBytes } from 'node:crypto';
import type { Role } from '@opsboard/shared/people/roles';
import type { Principal } from '@opsboard/shared/protocol/actors';
import type { ArgsOf, CommandName } from '@opsboard/shared/protocol/deciders';
import type { Command } from '@opsboard/shared/protocol/envelope';
import { newId } from '../../../server/src/platform/ids.ts';
import type { TestApp } from '../../support/app.ts';
import { Client } from '../../support/client.ts';
import type { KeyClient } from '../../support/key.ts';
import { makeKey } from '../../support/key.ts';
import type { Limit } from './principals.ts';
import { keys as keyRows, people as personRows } from './principals.ts';

/** One person of the world, with the sign-in that tests use. */
export type Somebody = { name: string; id: string; role: Role; limit?: Limit; client: Client; session: string };

/**
 * One key of the world. `clients` are keys alike: what is asked in one go is shared out among them, as each may ask only so
 * often.
 */
export type SomeKey = { name: string; clients: readonly [KeyClient, ...KeyClient[]] };

/** How many keys alike stand for a column. */
const alike = 2;

type Sent = { seq: number; commandId: string };

/**
 * An organization with somebody of every column, made from inside: a commit lane of its own, no passwords, thousands of
 * records in seconds. What is judged is asked through the server's own ways in.
 */
export type RightsWorld = {
  org: string;
  name: string;
  /** The version of the organization. */
  rev: number;
  branches: { north: string; south: string };
  customer: string;
  center: string;
  /** A customer that no batch begins with. */
  spare: { customer: string };
  people: ReadonlyMap<string, Somebody>;
  keys: ReadonlyMap<string, SomeKey>;
  /** By which somebody asks: a person by one, a key by several. None for who is not of the world. */
  clientsOf(who: string): readonly Client[];
  /** Whose record is somebody's own: a person's theirs. A key has none: that of the admin who made it, which is not its own. */
  selfOf(who: string): string | undefined;
  /** A driver nobody asks as. */
  otherDriver: string;
  /** As the admin, unless somebody else is named. @throws {Error} when it is refused */
  act<N extends CommandName>(
    name: N,
    args: ArgsOf<N>,
    more?: { by?: string; doneAt?: number; commandId?: string },
  ): Promise<Sent>;
  /** As one of the parts of the board. */
  system<N extends CommandName>(actor: string, name: N, args: ArgsOf<N>): Promise<Sent>;
  /** Adds a person without a sign-in. @returns their id */
  person(role: Role, limit?: Limit, more?: { name?: string; email?: string; phone?: string }): Promise<string>;
  /** Starts a session of a person. */
  session(person: string): Promise<{ id: string; token: string }>;
  branchIds(limit: Limit): string[];
  /** The last entry that was made through this world. */
  seq(): number;
  /** A batch's human reference. */
  referenceOf(batch: string): Promise<string>;
};

/** A name that nobody else has. */
export const unique = (word: string): string => `${word}-${randomBytes(5).toString('hex')}`;

export async function buildRightsWorld(app: TestApp, name: string): Promise<RightsWorld> {
  const { dispatcher } = await app.backdoor();
  const org = newId();
  const admin = newId();
  let last = 0;

  async function send(principal: Principal, command: Command): Promise<Sent> {
    const ack = await dispatcher.dispatch(principal, command);
    if (!ack.ok) throw new Error(`${command.name} was refused: ${JSON.stringify(ack.error)}`);
    last = Math.max(last, ack.seq);
    return { seq: ack.seq, commandId: command.commandId };
  }
  const system: RightsWorld['system'] = (actor, command, args) =>
    send({ type: 'system', org, id: actor }, { commandId: newId(), name: command, args } as Command);

  await system('setup', 'organization.create', {
    id: org,
    name,
    timeZone: 'Europe/Berlin',
    admin: { id: admin, name: `${name} admin`, email: `admin@${name.toLowerCase()}.test`, passwordHash: 'none' },
  });
  const people = new Map<string, Somebody>();
  const ids = new Map([['admin', admin]]);
  const act: RightsWorld['act'] = (command, args, { by = 'admin', doneAt, commandId = newId() } = {}) => {
    const who = personRows.find((person) => person.name === by)!;
    const limit = who.limit && branchIds(who.limit);
    return send({ type: 'person', org, id: ids.get(by)!, role: who.role, ...(limit ? { branches: limit } : {}) }, {
      commandId,
      name: command,
      args,
      ...(doneAt === undefined ? {} : { doneAt }),
    } as Command);
  };
  const branches = { north: newId(), south: newId() };
  const branchIds = (limit: Limit): string[] => limit.map((branch) => branches[branch]);
  const [customer, center, spare] = [newId(), newId(), { customer: newId() }];
  await act('organization.edit', { id: org, rev: 1, undoSeconds: 3600 });
  await Promise.all([
    act('branch.create', { id: branches.north, name: unique('North') }),
    act('branch.create', { id: branches.south, name: unique('South') }),
    act('customer.create', { id: customer, name: unique('Customer'), slaHours: 48 }),
    act('customer.create', { id: spare.customer, name: unique('Customer'), slaHours: 48 }),
    act('center.create', { id: center, name: unique('Center') }),
  ]);

  const person: RightsWorld['person'] = async (role, limit, more = {}) => {
    const id = newId();
    await act('person.create', {
      id,
      name: unique('Person'),
      email: `${unique('person')}@${name.toLowerCase()}.test`,
      role,
      ...(limit ? { branches: branchIds(limit) } : {}),
      ...more,
    });
    return id;
  };
  const session: RightsWorld['session'] = async (who) => {
    const [id, token] = [newId(), randomBytes(32).toString('base64url')];
    await system('sign-in', 'session.start', {
      id,
      person: who,
      tokenHash: createHash('sha256').update(token).digest('hex'),
      expiresAt: Date.now() + 86_400_000,
    });
    return { id, token };
  };
  for (const { name: who, role, limit } of personRows) {
    if (who !== 'admin') ids.set(who, await person(role, limit, { name: `${name} ${who}` }));
    const { id, token } = await session(ids.get(who)!);
    const client = new Client(app.url, `opsboard=${token}`);
    people.set(who, { name: who, id: ids.get(who)!, role, ...(limit ? { limit } : {}), client, session: id });
  }
  const otherDriver = await person('driver');
  const maker = people.get('admin')!.client;
  // The process that makes the keys has heard of the branches.
  await maker.get(`/api/live/snapshot?atLeast=${last}`);
  const keys = new Map<string, SomeKey>();
  for (const { name: who, scope, limit } of keyRows) {
    const more = { name: `${name} ${who}`, ...(limit ? { branches: branchIds(limit) } : {}) };
    const make = (): Promise<KeyClient> => makeKey(maker, [scope], more);
    keys.set(who, {
      name: who,
      clients: [await make(), ...(await Promise.all(Array.from({ length: alike - 1 }, make)))],
    });
  }
  const { connection } = await app.backdoor();
  const referenceOf: RightsWorld['referenceOf'] = async (batch) => {
    const found = await connection.collection<{ _id: string; reference: string }>('batches').findOne({ _id: batch });
    return found!.reference;
  };
  return {
    org,
    name,
    rev: 2,
    seq: () => last,
    referenceOf,
    branches,
    customer,
    center,
    spare,
    people,
    keys,
    clientsOf: (who) => {
      const somebody = people.get(who);
      return somebody ? [somebody.client] : (keys.get(who)?.clients ?? []);
    },
    selfOf: (who) => people.get(who)?.id ?? (keys.has(who) ? admin : undefined),
    otherDriver,
    act,
    system,
    person,
    session,
    branchIds,
  };
}
