import fc from 'fast-check';
import { directoryKinds } from '@opsboard/shared/directory/kinds';
import type { DirectoryKind } from '@opsboard/shared/directory/kinds';
import { isInUse, pointsAt, references } from '@opsboard/shared/directory/references';
import type { Principal } from '@opsboard/shared/protocol/actors';
import { commands } from '@opsboard/shared/protocol/commands';
import type { Command } from '@opsboard/shared/protocol/envelope';
import type { Kind } from '@opsboard/shared/protocol/kinds';
import { sameValue } from '@opsboard/shared/protocol/patch';
import { describe, expect, it } from 'vitest';
import { PureBoard } from '../../../test/support/pure-board.ts';
import { newId } from '../platform/ids.ts';

const org = newId();
const me: Principal = { type: 'person', org, id: newId(), role: 'admin' };
const archiver: Principal = { type: 'system', org, id: 'archive' };
const start = 1_760_000_000_000;
const three = () => [newId(), newId(), newId()] as const;
const ids = {
  branch: three(),
  warehouse: three(),
  vendor: three(),
  customer: three(),
  center: three(),
  team: three(),
  batch: three(),
  template: three(),
  part: three(),
  person: three(),
};

/** Three of everything, and an admin who does everything but archive what is over. */
function threeOfAll(): PureBoard {
  const board = new PureBoard(org, ({ name }) => (name === 'batch.archive' ? archiver : me));
  const put = (kind: Kind, id: string, fields: object) => board.put(kind, id, { createdAt: start, ...fields });
  put('organization', org, { name: 'O', timeZone: 'UTC', undoSeconds: 3600, archiveAfterDays: 3 });
  put('person', me.id, { name: 'A', email: 'a@x.test', role: 'admin' });
  for (const [i, id] of ids.person.entries())
    put('person', id, { name: `P${i}`, email: `${i}@x.test`, role: 'driver', branches: ids.branch.slice(0, i + 1) });
  for (const kind of directoryKinds) {
    for (const [i, id] of ids[kind].entries())
      put(kind, id, {
        name: `${kind} ${i}`,
        ...(kind === 'customer' ? { slaHours: 48 } : {}),
        ...(kind === 'team' ? { members: [ids.person[i]], branches: [ids.branch[i]] } : {}),
        ...(kind === 'warehouse' ? { branch: ids.branch[i] } : {}),
      });
  }
  for (const [i, id] of ids.part.entries()) put('part', id, { partId: `Q${i}`, label: 'L', customer: ids.customer[i] });
  for (const [i, id] of ids.template.entries())
    put('template', id, {
      name: 'T',
      createdBy: me.id,
      branch: ids.branch[i],
      customer: ids.customer[i],
      center: ids.center[i],
    });
  return board;
}

type Deed = { verb: string; kind: DirectoryKind; one: number; other: number };

const verbs = [
  'merge',
  'merge',
  'archive',
  'restore',
  'edit',
  'batch',
  'batch',
  ...['next', 'next', 'next', 'next', 'next', 'next'],
  'cancel',
  'reopen',
  'leave',
  'undo',
];
const deed: fc.Arbitrary<Deed> = fc.record({
  verb: fc.constantFrom(...verbs),
  // Those that something points at, mostly.
  kind: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<DirectoryKind>('branch', 'customer', 'center') },
    { weight: 1, arbitrary: fc.constantFrom(...directoryKinds) },
  ),
  one: fc.nat(2),
  other: fc.nat(2),
});

function commandOf(state: PureBoard, { verb, kind, one, other }: Deed, last: readonly string[]): Command {
  const make = (name: string, args: object) => ({ commandId: newId(), name, args }) as Command;
  const id = ids[kind][one]!;
  const rev = state.get(kind, id)?.rev ?? 1;
  const at = ids.batch[one]!;
  const batch = state.get('batch', at);
  switch (verb) {
    case 'merge':
      return make(`${kind}.merge`, { id, into: ids[kind][other], rev });
    case 'archive':
    case 'restore':
      return make(`${kind}.${verb}`, { id });
    case 'edit':
      return kind === 'warehouse'
        ? make('warehouse.edit', { id, rev, branch: ids.branch[other] })
        : make(`${kind}.edit`, { id, rev, name: `N${other}` });
    case 'batch':
      return make('batch.create', {
        id: at,
        branch: ids.branch[other],
        customer: ids.customer[one],
        center: ids.center[(one + other) % 3],
        parts: [`P${one}`],
      });
    case 'next': {
      const driver = ids.person[0];
      const steps: { [status: string]: [string, object] } = {
        draft: ['seal', { count: 1 }],
        sealed: ['depart', { driver }],
        in_transit_to_center: ['arrive', {}],
        at_center: ['departBack', { driver }],
        in_transit_back: ['complete', { count: 1 }],
      };
      const [name, more] = steps[batch?.status ?? 'draft'] ?? ['arrive', {}];
      return make(`batch.${name}`, { id: at, ...more });
    }
    case 'cancel':
    case 'reopen':
      return make(`batch.${verb}`, { id: at, reason: 'because' });
    case 'leave':
      return make('batch.archive', { id: at });
    default:
      return make('undo', { commandId: last[other % Math.max(1, last.length)] ?? newId() });
  }
}

/** Nothing in use points at what is archived, and nothing that is not archived at what was merged just now. */
function check(state: PureBoard): void {
  for (const [key, record] of state.records) {
    const kind = key.split('/')[0] as Kind;
    if (!isInUse(kind, record)) continue;
    for (const at of directoryKinds) {
      if (!references[at].some((one) => one.kind === kind)) continue;
      for (const id of ids[at]) {
        if (!pointsAt(kind, record, at, id)) continue;
        expect(state.get(at, id)!.archivedAt, `${key} points at ${at} ${state.get(at, id)!.name}`).toBeUndefined();
      }
    }
  }
}

describe('the directory under any sequence of commands', () => {
  it(
    'nothing open points at what is archived or merged, and undoing a merge is its inverse',
    { timeout: 60_000 },
    () => {
      const done = new Map<string, number>();
      const count = (what: string) => done.set(what, (done.get(what) ?? 0) + 1);
      fc.assert(
        fc.property(fc.array(deed, { minLength: 20, maxLength: 60 }), (deeds) => {
          const state = threeOfAll();
          const last: string[] = [];
          let at = start;
          for (const one of deeds) {
            at += 1_000;
            const command = commandOf(state, one, last);
            commands[command.name].args.parse(command.args);
            const before = new Map(state.records);
            const [code] = state.send(at, command);
            if (code !== undefined) {
              expect(new Map(state.records), `${command.name} was refused`).toEqual(before);
              count(`refused ${code}`);
              continue;
            }
            last.unshift(command.commandId);
            check(state);
            count(command.name.split('.')[1] ?? command.name);
            if (!command.name.endsWith('.merge')) continue;
            for (const [key, record] of state.records)
              expect(pointsAt(key.split('/')[0] as Kind, record, one.kind, ids[one.kind][one.one]!), key).toBe(false);
            const undone = state.copy();
            const undo = { commandId: newId(), name: 'undo', args: { commandId: command.commandId } } as Command;
            expect(undone.send(at, undo), 'an undo at once').toEqual([undefined]);
            check(undone);
            for (const [key, record] of undone.records)
              expect(
                sameValue({ ...record, rev: 0 }, { ...before.get(key), rev: 0 }),
                `undo of a merge on ${key}`,
              ).toBe(true);
            count('merge undone');
          }
        }),
        { numRuns: 200 },
      );
      for (const what of [
        'merge',
        'archive',
        'restore',
        'edit',
        'create',
        'reopen',
        'cancel',
        'undo',
        'merge undone',
        'complete',
      ])
        expect.soft(done.get(what) ?? 0, what).toBeGreaterThan(0);
      for (const code of ['in_use', 'archived', 'changed_since'])
        expect.soft(done.get(`refused ${code}`) ?? 0, code).toBeGreaterThan(0);
    },
  );

  it('holds also when all of it comes in one round', () => {
    fc.assert(
      fc.property(fc.array(fc.array(deed, { minLength: 2, maxLength: 8 }), { maxLength: 12 }), (rounds) => {
        const state = threeOfAll();
        for (const [i, round] of rounds.entries()) {
          state.send(start + i * 1_000, ...round.map((one) => commandOf(state, one, [])));
          check(state);
        }
      }),
      { numRuns: 100 },
    );
  });
});
