import { describe, expect, it } from 'vitest';
import type { ArgsOf, CommandName } from '../protocol/deciders.ts';
import { deciders } from '../protocol/deciders.ts';
import type { DecideContext, Decision, StateView } from '../protocol/decision.ts';
import type { Entry } from '../protocol/entries.ts';
import type { AnyRecord } from '../protocol/kinds.ts';
import { patched } from '../protocol/patch.ts';
import { custodyOf, custodyOfPart, holderOf } from './custody.ts';
import type { Batch } from './schema.ts';

const org = 'o';
const base = { org, rev: 1, createdAt: 0 };
const people = (id: string) => ({ ...base, id, name: id, email: `${id}@x.test`, role: 'driver', passwordHash: '' });
const start = 1_760_000_000_000;
type Step = { [N in CommandName]: [N, ArgsOf<N>] }[CommandName];

/** Runs commands a minute apart; gives the entries of batch `b` and the batch itself. */
function story(...commands: Step[]): { entries: Entry[]; batch: Batch } {
  const records = new Map<string, AnyRecord>(
    [
      { kind: 'organization', ...base, id: org, name: 'O', timeZone: 'UTC', undoSeconds: 60, archiveAfterDays: 3 },
      { kind: 'branch', ...base, id: 'north', name: 'N' },
      { kind: 'customer', ...base, id: 'c', name: 'C', slaHours: 48 },
      { kind: 'center', ...base, id: 's', name: 'S' },
      { kind: 'person', ...people('d1') },
      { kind: 'person', ...people('d2') },
    ].map(({ kind, ...record }) => [`${kind}/${record.id}`, record as unknown as AnyRecord]),
  );
  const entries: Entry[] = [];
  const state: StateView = {
    get: (kind, id) => records.get(`${kind}/${id}`) as never,
    all: () => [],
    openBatchOf: () => undefined,
    pointingAt: () => [],
    entriesOf: () => [],
  };
  const all: Step[] = [
    ['batch.create', { id: 'b', branch: 'north', customer: 'c', center: 's', parts: ['P1', 'P2', 'P3'] }],
    ...commands,
  ];
  for (const [i, [verb, args]] of all.entries()) {
    const at = start + i * 60_000;
    const context: DecideContext = {
      now: at,
      done: at,
      principal: { type: 'person', org, id: 'me', role: 'admin' },
      nextReference: () => `B-${i}`,
    };
    const decision = (deciders[verb] as (s: StateView, a: unknown, c: DecideContext) => Decision)(state, args, context);
    if (!decision.ok) throw new Error(`${verb}: ${decision.error.message}`);
    for (const { kind, id, set, unset = [], why } of decision.changes) {
      const before = records.get(`${kind}/${id}`) ?? ({ id, org, rev: 0 } as AnyRecord);
      const after = { ...patched(before, set, unset), rev: before.rev + 1 };
      records.set(`${kind}/${id}`, after);
      if (id !== 'b') continue;
      const actor = { type: 'person', id: 'me' } as const;
      const more = { rev: after.rev, set, unset, was: {}, ...(why === undefined ? {} : { why }) };
      entries.push({ v: 1, org, seq: i + 1, at, done: at, actor, commandId: `c${i}`, verb, kind, id, ...more });
    }
  }
  return { entries, batch: records.get('batch/b') as Batch };
}

const hands = (entries: Entry[]) => custodyOf(entries).map(({ kind, id, at }) => [kind, id, (at - start) / 60_000]);

describe('custody', () => {
  it('goes from the branch to the driver, to the center, and back', () => {
    const { entries, batch } = story(
      ['batch.seal', { id: 'b', count: 3 }],
      ['batch.handOver', { id: 'b', driver: 'd1', count: 3 }],
      ['batch.depart', { id: 'b' }],
      ['batch.arrive', { id: 'b' }],
      ['batch.departBack', { id: 'b', driver: 'd2' }],
      ['batch.complete', { id: 'b', count: 3 }],
    );
    expect(hands(entries)).toEqual([
      ['branch', 'north', 0],
      ['person', 'd1', 2],
      ['center', 's', 4],
      ['person', 'd2', 5],
      ['branch', 'north', 6],
    ]);
    expect(custodyOf(entries).at(-1)).toMatchObject({ count: 3, by: 'me', verb: 'batch.complete' });
    expect(holderOf(batch)).toEqual({ kind: 'branch', id: 'north', since: start + 6 * 60_000 });
  });

  it('begins with the departure where nobody wrote the hand-over down', () => {
    const { entries, batch } = story(
      ['batch.seal', { id: 'b', count: 3 }],
      ['batch.depart', { id: 'b', driver: 'd1' }],
      ['batch.assignDriver', { id: 'b', rev: 3, driver: 'd2' }],
    );
    expect(hands(entries)).toEqual([
      ['branch', 'north', 0],
      ['person', 'd1', 2],
      ['person', 'd2', 3],
    ]);
    expect(holderOf(batch)).toMatchObject({ kind: 'person', id: 'd2' });
  });

  it('goes back with a step that is taken back, and to the branch when another driver is named', () => {
    const { entries, batch } = story(
      ['batch.seal', { id: 'b', count: 3 }],
      ['batch.handOver', { id: 'b', driver: 'd1', count: 3 }],
      ['batch.depart', { id: 'b' }],
      ['batch.takeBack', { id: 'b', from: 'in_transit_to_center', reason: 'wrong batch' }],
      ['batch.assignDriver', { id: 'b', rev: 5, driver: 'd2' }],
    );
    expect(hands(entries)).toEqual([
      ['branch', 'north', 0],
      ['person', 'd1', 2],
      ['branch', 'north', 5],
    ]);
    expect(holderOf(batch)).toMatchObject({ kind: 'branch', id: 'north' });
  });

  it('of a part ends where the part leaves, and says how', () => {
    const { entries } = story(
      ['batch.addParts', { id: 'b', parts: ['P4'] }],
      ['batch.seal', { id: 'b', count: 4 }],
      ['batch.correctPart', { id: 'b', part: 'P4', instead: 'P5', reason: 'wrong scan' }],
      ['batch.depart', { id: 'b', driver: 'd1' }],
      ['batch.settleParts', { id: 'b', parts: ['P1'], how: 'lost', reason: 'fell off' }],
      ['batch.restoreParts', { id: 'b', parts: ['P1'], reason: 'in the van' }],
      ['batch.split', { id: 'b', into: 'b2', parts: ['P2'], reason: 'left behind' }],
    );
    const kinds = (part: string) => custodyOfPart(entries, part).map(({ kind }) => kind);
    expect(kinds('P4')).toEqual(['added', 'branch', 'corrected']);
    expect(kinds('P5')).toEqual(['added', 'branch', 'person']);
    expect(kinds('P1')).toEqual(['added', 'branch', 'person', 'lost', 'found']);
    expect(kinds('P2')).toEqual(['added', 'branch', 'person', 'split']);
    expect(kinds('P9')).toEqual([]);
    expect(custodyOfPart(entries, 'P1').find(({ kind }) => kind === 'lost')).toMatchObject({ why: 'fell off' });
  });
});
