import fc from 'fast-check';
import type { Batch } from '@opsboard/shared/batches/schema';
import type { Status } from '@opsboard/shared/batches/steps';
import { expectedCount, startStep, statuses, steps } from '@opsboard/shared/batches/steps';
import type { Principal } from '@opsboard/shared/protocol/actors';
import { commands } from '@opsboard/shared/protocol/commands';
import type { Command } from '@opsboard/shared/protocol/envelope';
import type { Kind } from '@opsboard/shared/protocol/kinds';
import { sameValue } from '@opsboard/shared/protocol/patch';
import { batch as batchShape } from '@opsboard/shared/batches/schema';
import { describe, expect, it } from 'vitest';
import { PureBoard } from '../../../test/support/pure-board.ts';
import { isOpen } from '../journal/live-set.ts';
import { newId } from '../platform/ids.ts';
import { recordKey } from './overlay.ts';

const org = newId();
const ids = { branches: [newId(), newId()], customer: newId(), center: newId(), drivers: [newId(), newId()] };
const me: Principal = { type: 'person', org, id: newId(), role: 'admin' };
const archiver: Principal = { type: 'system', org, id: 'archive' };
const batchIds = Array.from({ length: 3 }, () => newId());
const partIds = Array.from({ length: 5 }, (_, i) => `P${i}`);
const start = 1_760_000_000_000;

/** An organization with what batches point at. `slaStart`: what its contracted hours are counted from. */
function newBoard(slaStart?: 'sealing' | 'departure'): PureBoard {
  const made = new PureBoard(org, ({ name }) => (name === 'batch.archive' ? archiver : me));
  const put = (kind: Kind, id: string, fields: object) => made.put(kind, id, { createdAt: start, ...fields });
  put('organization', org, { name: 'O', timeZone: 'UTC', undoSeconds: 3600, archiveAfterDays: 3, slaStart });
  put('person', me.id, { name: 'A', email: 'a@x.test', role: 'admin', passwordHash: '' });
  for (const id of ids.drivers)
    put('person', id, { name: id, email: `${id}@x.test`, role: 'driver', passwordHash: '' });
  for (const id of ids.branches) put('branch', id, { name: id });
  put('customer', ids.customer, { name: 'C', slaHours: 48 });
  put('center', ids.center, { name: 'S' });
  return made;
}

const batchesOf = (of: PureBoard): Batch[] =>
  [...of.records].flatMap(([key, record]) => (key.startsWith('batch/') ? [record as Batch] : []));

/** Everything that must be true of every batch, whatever was done. */
function checkBoard(board: PureBoard): void {
  const holders = new Map<string, string>();
  for (const batch of batchesOf(board)) {
    batchShape.parse(batch);
    const present = statuses.indexOf(batch.status);
    const taken = statuses.filter((status) => batch.steps[status]);
    expect(taken, 'the steps up to the status, and no other').toEqual(statuses.slice(0, present + 1));
    for (const [i, status] of statuses.slice(1, present + 1).entries())
      expect(batch.steps[status]!.at, 'steps in order of time').toBeGreaterThanOrEqual(batch.steps[statuses[i]!]!.at);
    expect(batch.since).toBe(batch.steps[batch.status]!.at);
    if (batch.provisional) {
      expect(batch.slaStart, 'waits for an event').toBeDefined();
      expect(batch.promisedAt, 'nothing was promised').toBe(batch.dueAt);
      expect(taken).not.toContain(startStep[batch.slaStart!]);
    }
    const out = Object.values(batch.parts).filter((part) => part.out).length;
    expect(batch.partCount).toBe(Object.keys(batch.parts).length);
    expect(batch.outCount).toBe(out === 0 ? undefined : out);
    if (batch.status !== 'draft') expect(batch.partCount).toBeGreaterThan(0);
    if (batch.status === 'in_transit_to_center' || batch.status === 'in_transit_back')
      expect(batch.driver).toBeDefined();
    if (batch.handover) {
      expect(batch.status).not.toBe('draft');
      if (batch.status === 'sealed') expect(batch.handover.to).toBe(batch.driver);
    }
    if (batch.cancelledAt !== undefined) {
      expect(batch.archivedAt).toBeDefined();
      expect(batch.status).toBe('draft');
    } else if (batch.archivedAt !== undefined) expect(batch.status).toBe('completed');
    if (!isOpen(batch)) continue;
    for (const part of Object.keys(batch.parts)) {
      expect(holders.get(part), `${part} is in one open batch`).toBeUndefined();
      holders.set(part, batch.id);
    }
  }
}

type Deed = { verb: string; batch: number; parts: number[]; other: number; exact: boolean };

const reason = 'because';
const verbs = [
  ...['create', 'edit', 'assignDriver', 'moveDueDate', 'addParts', 'removeParts', 'correctPart', 'settleParts'],
  ...[
    'restoreParts',
    'split',
    'next',
    'next',
    'next',
    'next',
    'next',
    'handOver',
    'takeBack',
    'cancel',
    'reopen',
    'archive',
    'undo',
  ],
];
const slaStart = fc.constantFrom(undefined, 'sealing' as const, 'departure' as const);
const deed: fc.Arbitrary<Deed> = fc.record({
  verb: fc.constantFrom(...verbs),
  batch: fc.nat(batchIds.length - 1),
  parts: fc.uniqueArray(fc.nat(partIds.length - 1), { minLength: 1, maxLength: 3 }),
  other: fc.nat(3),
  // Mostly what can be done, so that lives get far.
  exact: fc.nat(9).map((n) => n < 8),
});

/** Lives that chance seldom comes to, tried each time: what is counted anew, and what comes back from its end. */
const known: [slaStart: 'sealing' | 'departure' | undefined, deeds: Deed[]][] = (
  [
    ['sealing', 'create next takeBack next'],
    ['departure', 'create next next takeBack next'],
    [undefined, 'create next handOver next next next next reopen next archive'],
    [undefined, 'create addParts settleParts restoreParts split cancel reopen'],
  ] as const
).map(([counted, lives]) => [
  counted,
  lives.split(' ').map((verb, i) => ({ verb, batch: 0, parts: [i % partIds.length, 4], other: 1, exact: true })),
]);

/** The command that a deed comes to on the board as it is. */
function commandOf(
  board: PureBoard,
  { verb, batch: index, parts: picked, other, exact }: Deed,
  last: string[],
): Command {
  const id = batchIds[index]!;
  const batch = board.get('batch', id);
  const rev = batch?.rev ?? 1;
  const own = Object.keys(batch?.parts ?? {});
  const any = picked.map((i) => partIds[i]!);
  const inside = exact && own.length > 0 && !['create', 'addParts'].includes(verb);
  const parts = inside ? [...new Set(picked.map((i) => own[i % own.length]!))] : any;
  const count = Math.max(0, (batch ? expectedCount(batch) : 0) + (exact ? 0 : other - 1));
  const driver = ids.drivers[other % 2]!;
  const make = (name: string, args: object) => ({ commandId: newId(), name, args }) as Command;
  switch (verb) {
    case 'create':
      return make('batch.create', {
        id,
        branch: ids.branches[other % 2],
        customer: ids.customer,
        center: ids.center,
        parts: exact ? parts : [],
      });
    case 'edit':
      return make('batch.edit', { id, rev, branch: ids.branches[other % 2] });
    case 'assignDriver':
      return make('batch.assignDriver', { id, rev, driver: exact ? driver : null });
    case 'moveDueDate':
      return make('batch.moveDueDate', { id, rev, dueAt: start + 1e9 + other, reason });
    case 'correctPart':
      return make('batch.correctPart', { id, part: parts[0], instead: partIds[other], reason });
    case 'settleParts':
      return make('batch.settleParts', { id, parts, how: exact ? 'lost' : 'scrapped', reason });
    case 'split':
      return make('batch.split', { id, into: batchIds[other % batchIds.length], parts, reason });
    case 'next': {
      const next: { readonly [S in Status]: [string, object] } = {
        draft: ['batch.seal', { id, count }],
        sealed: ['batch.depart', { id, ...(exact ? { driver } : {}) }],
        in_transit_to_center: ['batch.arrive', { id }],
        at_center: ['batch.departBack', { id, driver }],
        in_transit_back: ['batch.complete', { id, count }],
        completed: ['batch.complete', { id, count }],
      };
      return make(...next[batch?.status ?? 'draft']);
    }
    case 'handOver':
      return make('batch.handOver', { id, driver, count });
    case 'takeBack':
      return make('batch.takeBack', { id, from: exact ? (batch?.status ?? 'sealed') : statuses[other]!, reason });
    case 'restoreParts': {
      const out = Object.entries(batch?.parts ?? {}).flatMap(([name, part]) => (part.out ? [name] : []));
      return make('batch.restoreParts', { id, parts: exact && out.length > 0 ? out.slice(0, 2) : parts, reason });
    }
    case 'cancel':
    case 'reopen':
      return make(`batch.${verb}`, { id, reason });
    case 'archive':
      return make('batch.archive', { id });
    case 'undo':
      return make('undo', { commandId: last[other % Math.max(1, last.length)] ?? newId() });
    default:
      return make(`batch.${verb}`, { id, parts });
  }
}

describe('[C12] batches under any sequence of commands', () => {
  it('never reach an illegal state, and undo is the inverse', { timeout: 60_000 }, () => {
    const done = new Map<string, number>();
    const counting = new Set<string>();
    fc.assert(
      fc.property(slaStart, fc.array(deed, { minLength: 30, maxLength: 90 }), (counted, deeds) => {
        const board = newBoard(counted);
        const last: string[] = [];
        let at = start;
        for (const one of deeds) {
          at += 1_000;
          const command = commandOf(board, one, last);
          commands[command.name].args.parse(command.args);
          const before = new Map(board.records);
          const [code] = board.send(at, command);
          if (code !== undefined) {
            expect(new Map(board.records), `${command.name} was refused`).toEqual(before);
            continue;
          }
          done.set(command.name, (done.get(command.name) ?? 0) + 1);
          last.unshift(command.commandId);
          checkBoard(board);
          for (const after of batchesOf(board)) {
            const was = before.get(recordKey('batch', after.id)) as Batch | undefined;
            if (was && !was.provisional && command.name !== 'undo')
              expect(after.promisedAt, 'the first promise is kept').toBe(was.promisedAt);
            const begun = was?.slaStart && after !== was && steps[startStep[was.slaStart]].verb === command.name;
            if (begun) {
              expect(after.dueAt, 'counted from the step').toBe(at + 48 * 3_600_000);
              expect(after.provisional).toBeUndefined();
              counting.add(`${command.name}${was.provisional ? '' : ' again'}`);
            }
          }
          const undone = board.copy();
          const undo = { commandId: newId(), name: 'undo', args: { commandId: command.commandId } } as Command;
          const [refused] = undone.send(at, undo);
          if (refused !== undefined) continue;
          done.set('undone', (done.get('undone') ?? 0) + 1);
          checkBoard(undone);
          for (const [key, record] of undone.records) {
            const was = before.get(key);
            expect(sameValue({ ...record, rev: 0 }, { ...was, rev: 0 }), `undo of ${command.name} on ${key}`).toBe(
              true,
            );
          }
        }
      }),
      { numRuns: 300, examples: known },
    );
    // What was never done was not tried. What answers a breach changes none of this, and has its own tests.
    for (const verb of Object.keys(commands).filter((name) =>
      /^batch\.(?!erase|markBreached|logCall|notifyCustomer|addNote)/.test(name),
    ))
      expect.soft(done.get(verb) ?? 0, verb).toBeGreaterThan(0);
    expect(done.get('undone')).toBeGreaterThan(100);
    expect([...counting].sort()).toEqual(['batch.depart', 'batch.depart again', 'batch.seal', 'batch.seal again']);
  });

  it('keep a part in one open batch when everybody wants it in the same round', () => {
    fc.assert(
      fc.property(fc.array(fc.array(deed, { minLength: 2, maxLength: 12 }), { maxLength: 20 }), (rounds) => {
        const board = newBoard();
        for (const [i, round] of rounds.entries()) {
          const sent = round.map((one) => commandOf(board, { ...one, exact: true }, []));
          board.send(start + i * 1_000, ...sent);
          checkBoard(board);
        }
      }),
      { numRuns: 150 },
    );
  });
});
