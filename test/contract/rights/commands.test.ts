import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scopes } from '@opsboard/shared/keys/scopes';
import type { Actor } from '@opsboard/shared/protocol/actors';
import { commands } from '@opsboard/shared/protocol/commands';
import { deciders } from '@opsboard/shared/protocol/deciders';
import type { Ack } from '@opsboard/shared/protocol/envelope';
import { reversible } from '@opsboard/shared/protocol/undo';
import type { TestApp } from '../../support/app.ts';
import { startTestApp } from '../../support/app.ts';
import type { Act } from './acts.ts';
import { acts } from './acts.ts';
import { commandCells, indirectCells } from './expected.ts';
import { importing, undoing } from './indirect.ts';
import { keys, principals } from './principals.ts';
import type { RightsWorld } from './rights-world.ts';
import { buildRightsWorld } from './rights-world.ts';
import type { Sending, Way } from './sweep.ts';
import { markOf, sending, ways } from './sweep.ts';
import { readTable } from './tables.ts';

const direct = readTable(commandCells);
const indirect = readTable(indirectCells);

/** The registries. */
const names = Object.keys(deciders).filter((name) => name !== 'import' && name !== 'undo');
const importable = (
  commands.import.args as unknown as {
    shape: { commands: { element: { options: { shape: { name: { value: string } } }[] } } };
  }
).shape.commands.element.options.map(({ shape }) => shape.name.value);

const rows = [
  ...names.map((row) => ({ row, table: direct, act: acts.get(row) })),
  ...importable.map((name) => ({ row: `import:${name}`, table: indirect, act: acts.has(name) && importing(name) })),
  ...[...reversible].map((name) => ({ row: `undo:${name}`, table: indirect, act: acts.has(name) && undoing(name) })),
] as const;

/** A key has no socket. */
const waysOf = (who: string): Way[] =>
  (Object.keys(ways) as Way[]).filter((way) => way !== 'socket' || !keys.some(({ name }) => name === who));

type Tried = { row: string; condition: string; who: string; way: Way; expected: string; command: Sending; ack: Ack };

let app: TestApp;
let world: RightsWorld;
let other: RightsWorld;
const tried: Tried[] = [];

beforeAll(async () => {
  app = await startTestApp();
  world = await buildRightsWorld(app, 'Ours');
  other = await buildRightsWorld(app, 'Theirs');
  const prepared = (
    await Promise.all(rows.flatMap(({ row, table, act }) => (act ? prepare(row, table, act) : [])))
  ).flat();
  const last = await world.act('organization.setWipLimit', { id: world.org, status: 'sealed', limit: 99 });
  // The process that is asked has heard of everything that was made.
  await world.people.get('admin')!.client.get(`/api/live/snapshot?atLeast=${last.seq}`);
  for (const { name: who } of principals) {
    const clients = world.clientsOf(who);
    for (const way of waysOf(who)) {
      const sent = prepared.filter((one) => one.who === who && one.way === way);
      const share = Math.ceil(sent.length / clients.length);
      const answers: Ack[] = [];
      for (const [i, client] of clients.entries()) {
        const commands = sent.slice(i * share, (i + 1) * share).map(({ command }) => command);
        answers.push(...(await ways[way](client, commands)));
      }
      tried.push(...sent.map((one, i) => ({ ...one, ack: answers[i]! })));
    }
  }
}, 240_000);
afterAll(() => app?.[Symbol.asyncDispose]());

/** Everything that is tried of one row. What will be carried out, and what is one's own, is made for each try alone. */
async function prepare(row: string, table: typeof direct, act: Act): Promise<Omit<Tried, 'ack'>[]> {
  const all: Promise<Omit<Tried, 'ack'>>[] = [];
  for (const condition of table.conditions(row)) {
    const subject = act.subjects[condition];
    if (!subject) continue;
    let shared: Promise<object> | undefined;
    for (const { name: who } of principals) {
      const expected = table.mark(row, condition, who);
      if (expected === undefined) continue;
      for (const way of waysOf(who)) {
        const alone = expected === '+' || act.own?.includes(condition);
        const make = async (): Promise<object> => subject({ world, other, who });
        const args = alone ? make() : (shared ??= make());
        all.push(args.then((given) => ({ row, condition, who, way, expected, command: sending(act.command, given) })));
      }
    }
  }
  return Promise.all(all);
}

const keyIds = (name: string): string[] => world.keys.get(name)!.clients.map(({ id }) => id);

const help = 'Say who may in test/contract/rights/expected.ts, by hand';

describe('the tables', () => {
  it('have every command, everything that is imported, and everything that can be undone', () => {
    const missing = rows.flatMap(({ row, table, act }) => {
      if (!act) return [`${row}: say how it is tried in test/contract/rights/acts.ts.`];
      if (table.conditions(row).length === 0) return [`${row} has no cells. ${help}.`];
      return principals.flatMap(({ name }) =>
        table
          .conditions(row)
          .filter((condition) => table.mark(row, condition, name) === undefined)
          .map((condition) => `${row}, ${condition}: no cell for ${name}. ${help}.`),
      );
    });
    expect(missing).toEqual([]);
  });

  it('have nothing that there is not, and try every condition that they name', () => {
    const known = new Map(rows.map(({ row, act }) => [row, act]));
    const strange = [direct, indirect].flatMap((table) =>
      table.rows.flatMap((row) => {
        const act = known.get(row);
        if (!act) return [`${row}: there is no such command. Take it out of test/contract/rights/expected.ts.`];
        return table
          .conditions(row)
          .filter((condition) => !act.subjects[condition])
          .map((condition) => `${row}, ${condition}: say what that is in test/contract/rights/acts.ts.`);
      }),
    );
    expect(strange).toEqual([]);
    expect([...direct.contradictions, ...indirect.contradictions]).toEqual([]);
  });

  it('have a key for every scope', () => {
    expect(keys.filter(({ limit }) => !limit).map(({ scope }) => scope)).toEqual([...scopes]);
  });

  it('name every condition that a command is tried under', () => {
    const left = names.flatMap((row) =>
      Object.keys(acts.get(row)?.subjects ?? {})
        .filter((condition) => !direct.conditions(row).includes(condition))
        .map((condition) => `${row}, ${condition}: no cells. ${help}.`),
    );
    expect(left).toEqual([]);
  });
});

describe('who may', () => {
  it.each(rows.map(({ row }) => row))('%s', (row) => {
    const its = tried.filter((one) => one.row === row);
    expect(its.length).toBeGreaterThan(0);
    const wrong = its
      .filter(({ ack, expected }) => markOf(ack) !== expected)
      .map(
        ({ condition, who, way, expected, ack }) => `${condition}, ${who}, by ${way}: ${expected}, not ${markOf(ack)}`,
      );
    expect(wrong).toEqual([]);
  });

  it('answers about what is hidden, what is another organization’s and what is not there are the same to the letter', () => {
    const said = new Map<string, Map<string, string>>();
    for (const { row, who, way, condition, ack } of tried) {
      if (ack.ok || ack.error.code !== 'not_found') continue;
      const key = `${row}, ${who}, by ${way}`;
      if (!said.has(key)) said.set(key, new Map());
      said.get(key)!.set(condition, JSON.stringify(ack.error));
    }
    const telling = [...said].filter(([, answers]) => new Set(answers.values()).size > 1);
    expect(telling.map(([key, answers]) => `${key}: ${JSON.stringify([...answers])}`)).toEqual([]);
    expect(said.size).toBeGreaterThan(100);
  });

  it('what was refused left nothing in the journal, and nothing of another organization was touched', async () => {
    const { connection } = await app.backdoor();
    const refused = tried.filter(({ ack }) => !ack.ok).map(({ command }) => command.commandId);
    const done = tried.filter(({ ack }) => ack.ok).map(({ command }) => command.commandId);
    const journal = connection.collection('journal');
    expect(await journal.countDocuments({ commandId: { $in: refused } })).toBe(0);
    expect(await journal.countDocuments({ commandId: { $in: done } })).toBeGreaterThanOrEqual(done.length);
    const ours = [...[...world.people.values()].map(({ id }) => id), ...keys.flatMap(({ name }) => keyIds(name))];
    expect(await journal.countDocuments({ org: other.org, 'actor.id': { $in: ours } })).toBe(0);
  });

  it('what a key did is in its own name', async () => {
    const { connection } = await app.backdoor();
    const journal = connection.collection<{ actor: Actor; commandId: string }>('journal');
    for (const { name } of keys) {
      const its = tried.filter(({ who, ack }) => who === name && ack.ok).map(({ command }) => command.commandId);
      expect([name, its.length > 0]).toEqual([name, /write/i.test(name)]);
      const actors = await journal.distinct('actor', { commandId: { $in: its } });
      expect(actors.filter(({ type, id }) => type !== 'key' || !keyIds(name).includes(id))).toEqual([]);
    }
  });
});
