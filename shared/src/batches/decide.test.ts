import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Customer } from '../directory/schema.ts';
import type { Person } from '../people/schema.ts';
import type { DecideContext, Decision, StateView } from '../protocol/decision.ts';
import type { ArgsOf, CommandName } from '../protocol/deciders.ts';
import { deciders } from '../protocol/deciders.ts';
import type { AnyRecord } from '../protocol/kinds.ts';
import { patched } from '../protocol/patch.ts';
import type { Batch } from './schema.ts';
import { maxParts, nextStatus, statuses, steps } from './steps.ts';

const now = 1_760_000_000_000;
const hour = 3_600_000;

const batch = (more: Partial<Batch> = {}): Batch => ({
  id: 'batch',
  org: 'org',
  rev: 4,
  reference: 'B-2001',
  branch: 'north',
  customer: 'customer',
  center: 'center',
  status: 'draft',
  since: now - hour,
  steps: { draft: { at: now - hour, by: 'me' } },
  parts: { P1: { addedAt: now - hour }, P2: { addedAt: now - hour } },
  partCount: 2,
  dueAt: now + 48 * hour,
  promisedAt: now + 48 * hour,
  createdAt: now - hour,
  createdBy: 'me',
  ...more,
});

const directory: { [key: string]: object } = {
  'branch/north': { id: 'north' },
  'branch/south': { id: 'south' },
  'branch/closed': { id: 'closed', archivedAt: now },
  'customer/customer': { id: 'customer', slaHours: 48 } as Customer,
  'center/center': { id: 'center' },
  'center/closed': { id: 'closed', archivedAt: now },
  'person/driver': { id: 'driver', role: 'driver' } as Person,
  'person/driver2': { id: 'driver2', role: 'driver' } as Person,
  'person/gone': { id: 'gone', role: 'driver', inactiveAt: now } as Person,
  'person/desk': { id: 'desk', role: 'team_member' } as Person,
};

function stateOf(batches: readonly Batch[]): StateView {
  const records: { [key: string]: object } = {
    ...directory,
    ...Object.fromEntries(batches.map((each) => [`batch/${each.id}`, each])),
  };
  return {
    get: (kind, id) => records[`${kind}/${id}`] as never,
    all: () => [],
    openBatchOf: (part) => batches.find((each) => each.status !== 'completed' && Object.hasOwn(each.parts, part)),
    pointingAt: () => [],
    entriesOf: () => [],
  };
}

const context = (more: Partial<DecideContext> = {}): DecideContext => ({
  now,
  done: now,
  principal: { type: 'person', org: 'org', id: 'me', role: 'team_member' },
  nextReference: () => 'B-2002',
  ...more,
});

function decide<N extends CommandName>(
  name: N,
  args: ArgsOf<N>,
  batches: readonly Batch[] = [batch()],
  at = context(),
): Decision {
  return (deciders[name] as (state: StateView, args: ArgsOf<N>, at: DecideContext) => Decision)(
    stateOf(batches),
    args,
    at,
  );
}

const setOf = (decision: Decision) => {
  if (!decision.ok) throw new Error(decision.error.message);
  return decision.changes[0]!.set;
};
const other = (parts: string[], more: Partial<Batch> = {}) =>
  batch({
    id: 'other',
    reference: 'B-2000',
    parts: Object.fromEntries(parts.map((part) => [part, { addedAt: now }])),
    partCount: parts.length,
    ...more,
  });

const creation = { id: 'new', branch: 'north', customer: 'customer', center: 'center', parts: ['A', 'B'] };
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`M${i}`, { addedAt: now }]));

describe('create', () => {
  it('a draft with its parts, the proposed date and the next reference', () => {
    expect(decide('batch.create', creation)).toEqual({
      ok: true,
      changes: [
        {
          kind: 'batch',
          id: 'new',
          create: true,
          set: {
            reference: 'B-2002',
            branch: 'north',
            customer: 'customer',
            center: 'center',
            status: 'draft',
            since: now,
            steps: { draft: { at: now, by: 'me' } },
            parts: { A: { addedAt: now }, B: { addedAt: now } },
            partCount: 2,
            dueAt: now + 48 * hour,
            promisedAt: now + 48 * hour,
            createdAt: now,
            createdBy: 'me',
          },
        },
      ],
    });
  });

  it('the date a person gives is the promise, and a driver is taken over', () => {
    const set = setOf(decide('batch.create', { ...creation, driver: 'driver', dueAt: now + 1 }));
    expect(set).toMatchObject({ driver: 'driver', dueAt: now + 1, promisedAt: now + 1 });
  });

  it('counts from when it was done', () => {
    expect(setOf(decide('batch.create', creation, [], context({ done: now - hour })))).toMatchObject({
      since: now - hour,
      dueAt: now + 47 * hour,
    });
  });
});

describe('refusals', () => {
  const sealed = batch({ status: 'sealed' });
  const moving = batch({ status: 'in_transit_to_center', driver: 'driver' });
  const done = batch({ status: 'completed', driver: 'driver' });
  const archived = batch({ status: 'completed', archivedAt: now });
  const cases: { [N in CommandName]?: [string, ArgsOf<N>, Batch[], string, string?][] } = {
    'batch.create': [
      ['exists', { ...creation, id: 'batch' }, [batch()], 'already_exists'],
      ['unknown branch', { ...creation, branch: 'none' }, [], 'unknown_reference', 'branch'],
      ['archived branch', { ...creation, branch: 'closed' }, [], 'unknown_reference', 'branch'],
      ['unknown customer', { ...creation, customer: 'none' }, [], 'unknown_reference', 'customer'],
      ['archived center', { ...creation, center: 'closed' }, [], 'unknown_reference', 'center'],
      ['unknown driver', { ...creation, driver: 'none' }, [], 'unknown_reference', 'driver'],
      ['not a driver', { ...creation, driver: 'desk' }, [], 'unknown_reference', 'driver'],
      ['deactivated driver', { ...creation, driver: 'gone' }, [], 'unknown_reference', 'driver'],
      ['a part twice', { ...creation, parts: ['A', 'B', 'A'] }, [], 'duplicate_part', 'parts'],
      ['[C12] a part elsewhere', { ...creation, parts: ['A', 'X'] }, [other(['X'])], 'part_in_open_batch', 'parts'],
      ['due now', { ...creation, dueAt: now }, [], 'date_not_ahead', 'dueAt'],
    ],
    'batch.edit': [
      ['unknown', { id: 'none', rev: 4 }, [], 'not_found'],
      ['archived', { id: 'batch', rev: 4, branch: 'south' }, [archived], 'archived'],
      ['[C9] another rev', { id: 'batch', rev: 3, branch: 'south' }, [batch()], 'rev_conflict'],
      ['no draft', { id: 'batch', rev: 4, branch: 'south' }, [sealed], 'illegal_step'],
      ['unknown center', { id: 'batch', rev: 4, center: 'none' }, [batch()], 'unknown_reference', 'center'],
      ['nothing', { id: 'batch', rev: 4 }, [batch()], 'nothing_to_change'],
      ['the same', { id: 'batch', rev: 4, branch: 'north' }, [batch()], 'nothing_to_change'],
    ],
    'batch.assignDriver': [
      ['[C9] another rev', { id: 'batch', rev: 5, driver: 'driver' }, [batch()], 'rev_conflict'],
      ['not a driver', { id: 'batch', rev: 4, driver: 'desk' }, [batch()], 'unknown_reference', 'driver'],
      ['the same', { id: 'batch', rev: 4, driver: 'driver' }, [batch({ driver: 'driver' })], 'nothing_to_change'],
      ['none to remove', { id: 'batch', rev: 4, driver: null }, [batch()], 'nothing_to_change'],
      ['none on the road', { id: 'batch', rev: 4, driver: null }, [moving], 'driver_required', 'driver'],
      ['completed', { id: 'batch', rev: 4, driver: 'driver2' }, [done], 'illegal_step'],
    ],
    'batch.moveDueDate': [
      ['[C9] another rev', { id: 'batch', rev: 1, dueAt: now + 1, reason: 'r' }, [batch()], 'rev_conflict'],
      ['past', { id: 'batch', rev: 4, dueAt: now, reason: 'r' }, [batch()], 'date_not_ahead', 'dueAt'],
      ['the same', { id: 'batch', rev: 4, dueAt: now + 48 * hour, reason: 'r' }, [batch()], 'nothing_to_change'],
      ['completed', { id: 'batch', rev: 4, dueAt: now + 1, reason: 'r' }, [done], 'illegal_step'],
    ],
    'batch.addParts': [
      ['no draft', { id: 'batch', parts: ['A'] }, [sealed], 'illegal_step'],
      ['there already', { id: 'batch', parts: ['A', 'P1'] }, [batch()], 'duplicate_part', 'parts'],
      ['twice', { id: 'batch', parts: ['A', 'A'] }, [batch()], 'duplicate_part', 'parts'],
      ['[C12] elsewhere', { id: 'batch', parts: ['X'] }, [batch(), other(['X'])], 'part_in_open_batch', 'parts'],
      [
        'too many',
        { id: 'batch', parts: ['A'] },
        [batch({ parts: many(maxParts), partCount: maxParts })],
        'bad_request',
        'parts',
      ],
    ],
    'batch.removeParts': [
      ['no draft', { id: 'batch', parts: ['P1'] }, [sealed], 'illegal_step'],
      ['not in it', { id: 'batch', parts: ['P1', 'X'] }, [batch()], 'part_not_in_batch', 'parts'],
      [
        'an inherited name',
        { id: 'batch', parts: ['CONSTRUCTOR', 'toString'] },
        [batch()],
        'part_not_in_batch',
        'parts',
      ],
      ['twice', { id: 'batch', parts: ['P1', 'P1'] }, [batch()], 'duplicate_part', 'parts'],
    ],
    'batch.seal': [
      ['too few', { id: 'batch', count: 1 }, [batch()], 'count_mismatch', 'count'],
      ['too many', { id: 'batch', count: 3 }, [batch()], 'count_mismatch', 'count'],
      ['no parts', { id: 'batch', count: 0 }, [batch({ parts: {}, partCount: 0 })], 'no_parts'],
      ['archived', { id: 'batch', count: 2 }, [archived], 'archived'],
    ],
    'batch.depart': [
      ['no driver', { id: 'batch' }, [sealed], 'driver_required', 'driver'],
      ['not a driver', { id: 'batch', driver: 'desk' }, [sealed], 'unknown_reference', 'driver'],
      [
        'its driver is gone',
        { id: 'batch' },
        [batch({ status: 'sealed', driver: 'gone' })],
        'unknown_reference',
        'driver',
      ],
    ],
    'batch.departBack': [['no driver', { id: 'batch' }, [batch({ status: 'at_center' })], 'driver_required', 'driver']],
    'batch.complete': [
      ['too few', { id: 'batch', count: 1 }, [batch({ status: 'in_transit_back' })], 'count_mismatch', 'count'],
    ],
    'batch.markBreached': [
      ['not yet', { id: 'batch', dueAt: now + 48 * hour }, [batch()], 'nothing_to_change'],
      ['at the last moment', { id: 'batch', dueAt: now }, [batch({ dueAt: now })], 'nothing_to_change'],
      ['moved meanwhile', { id: 'batch', dueAt: now - 1 }, [batch({ dueAt: now + 1 })], 'nothing_to_change'],
      [
        'once only',
        { id: 'batch', dueAt: now - 1 },
        [batch({ dueAt: now - 1, breachOf: now - 1 })],
        'nothing_to_change',
      ],
      [
        'completed',
        { id: 'batch', dueAt: now - 1 },
        [batch({ dueAt: now - 1, status: 'completed' })],
        'nothing_to_change',
      ],
    ],
    'batch.archive': [['still open', { id: 'batch' }, [moving], 'illegal_step']],
  };
  type Row = [string, unknown, Batch[], string, string?];
  const table = Object.entries(cases).flatMap(([name, rows]) =>
    (rows as Row[]).map((row): [CommandName, ...Row] => [name as CommandName, ...row]),
  );

  it.each(table)('%s: %s', (name, _what, args, batches, code, field) => {
    const decision = decide(name, args as never, batches);
    if (decision.ok) throw new Error('it was accepted');
    expect(decision.error.code).toBe(code);
    expect(decision.error.field).toBe(field);
    expect(decision.error.message, 'a sentence for a person').toMatch(/^[A-Z0-9].*[.!]$/);
  });

  it('[C12] names the part and the batch', () => {
    const decision = decide('batch.addParts', { id: 'batch', parts: ['X'] }, [batch(), other(['X'])]);
    expect(decision).toMatchObject({ error: { details: { part: 'X', batch: 'other', reference: 'B-2000' } } });
    expect(
      decide('batch.addParts', { id: 'batch', parts: ['X'] }, [batch(), other(['X'], { status: 'completed' })]).ok,
    ).toBe(true);
  });

  it('a wrong count says by how much', () => {
    expect(decide('batch.seal', { id: 'batch', count: 1 })).toMatchObject({
      error: { message: expect.stringContaining('1 part less') as string, details: { counted: 1, expected: 2 } },
    });
    expect(decide('batch.seal', { id: 'batch', count: 4 })).toMatchObject({
      error: { message: expect.stringContaining('2 parts more') as string },
    });
  });
});

const stepArgs = {
  sealed: { count: 2 },
  in_transit_to_center: { driver: 'driver' },
  at_center: {},
  in_transit_back: { driver: 'driver' },
  completed: { count: 2 },
};
type Target = keyof typeof stepArgs;
const targets = Object.keys(stepArgs) as Target[];

describe('steps', () => {
  it.each(statuses.flatMap((from) => targets.map((to) => [from, to] as const)))('from %s to %s', (from, to) => {
    const decision = decide(steps[to].verb, { id: 'batch', ...stepArgs[to] } as never, [
      batch({ status: from, driver: 'driver' }),
    ]);
    if (nextStatus(from) === to) {
      expect(setOf(decision)).toMatchObject({ status: to, since: now, [`steps.${to}`]: { at: now, by: 'me' } });
    } else {
      expect(decision).toMatchObject({
        error: { code: 'illegal_step', details: { status: from, next: nextStatus(from) ?? null } },
      });
    }
  });

  it('[C6] a step is never before the one before it', () => {
    const decision = decide('batch.seal', { id: 'batch', count: 2 }, [batch()], context({ done: now - 2 * hour }));
    expect(setOf(decision)).toMatchObject({ since: now - hour, 'steps.sealed': { at: now - hour, count: 2 } });
  });

  it('departing with another driver hands it over', () => {
    const sealed = batch({ status: 'sealed', driver: 'driver' });
    expect(setOf(decide('batch.depart', { id: 'batch', driver: 'driver2' }, [sealed]))).toMatchObject({
      driver: 'driver2',
    });
    expect(setOf(decide('batch.depart', { id: 'batch' }, [sealed]))).not.toHaveProperty('driver');
  });

  it('no sequence of commands reaches an illegal state', () => {
    const part = fc.constantFrom('P1', 'P2', 'A', 'B', 'X');
    const parts = fc.uniqueArray(part, { minLength: 1, maxLength: 3 });
    const driver = fc.constantFrom('driver', 'driver2', 'gone', 'desk');
    const of = <N extends CommandName>(name: N, args: fc.Arbitrary<object>) =>
      args.map((given) => ({ name, args: { id: 'batch', ...given } }));
    const anything = fc.oneof(
      of('batch.seal', fc.record({ count: fc.nat(5) })),
      of('batch.depart', fc.record({ driver }, { requiredKeys: [] })),
      of('batch.arrive', fc.constant({})),
      of('batch.departBack', fc.record({ driver }, { requiredKeys: [] })),
      of('batch.complete', fc.record({ count: fc.nat(5) })),
      of('batch.addParts', fc.record({ parts })),
      of('batch.removeParts', fc.record({ parts })),
      of('batch.assignDriver', fc.record({ driver: fc.option(driver) })),
      of('batch.edit', fc.record({ branch: fc.constantFrom('north', 'south', 'closed') })),
      of('batch.archive', fc.constant({})),
    );
    fc.assert(
      fc.property(
        fc.array(anything, { maxLength: 40 }),
        fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 40, maxLength: 40 }),
        (sequence, skew) => {
          let record = batch({ rev: 1 });
          const taken = other(['X']);
          for (const [i, { name, args }] of sequence.entries()) {
            const before = record;
            const at = now + i * 1000;
            const decision = decide(
              name,
              { rev: record.rev, ...args } as never,
              [record, taken],
              context({ now: at, done: at + skew[i]! * 1000 }),
            );
            if (!decision.ok) continue;
            for (const change of decision.changes)
              record = patched(record as AnyRecord as Batch, { ...change.set, rev: record.rev + 1 }, change.unset);

            const position = statuses.indexOf(record.status);
            expect(position - statuses.indexOf(before.status), 'one step at a time, never back').toBeOneOf([0, 1]);
            expect(Object.keys(record.steps), 'a step for every status up to now').toEqual(
              statuses.slice(0, position + 1),
            );
            const times = statuses.slice(0, position + 1).map((status) => record.steps[status]!.at);
            expect(times, 'in order').toEqual([...times].sort((one, two) => one - two));
            expect(record.since).toBe(times.at(-1));
            expect(record.partCount, 'counted').toBe(Object.keys(record.parts).length);
            expect(Object.hasOwn(record.parts, 'X'), '[C12]').toBe(false);
            if (position >= 1)
              expect(record.parts, 'sealed parts stay').toEqual(
                position > 1 || before.status !== 'draft' ? before.parts : record.parts,
              );
            if (position >= 1) expect(record.partCount).toBeGreaterThan(0);
            if (record.status === 'in_transit_to_center' || record.status === 'in_transit_back')
              expect(record.driver).toBeOneOf(['driver', 'driver2']);
            if (record.archivedAt !== undefined) expect(record.status).toBe('completed');
            if (before.archivedAt !== undefined) throw new Error('an archived batch changed');
            expect(record.branch).not.toBe('closed');
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('changes', () => {
  it('parts are added and taken out by path, and counted', () => {
    expect(decide('batch.addParts', { id: 'batch', parts: ['A'] })).toMatchObject({
      changes: [{ set: { 'parts.A': { addedAt: now }, partCount: 3 } }],
    });
    expect(decide('batch.removeParts', { id: 'batch', parts: ['P1', 'P2'] })).toMatchObject({
      changes: [{ set: { partCount: 0 }, unset: ['parts.P1', 'parts.P2'] }],
    });
  });

  it('a moved date keeps the promise and carries the reason', () => {
    const decision = decide('batch.moveDueDate', { id: 'batch', rev: 4, dueAt: now + hour, reason: 'Late' });
    expect(decision).toMatchObject({ changes: [{ set: { dueAt: now + hour }, why: 'Late' }] });
    expect(setOf(decision)).not.toHaveProperty('promisedAt');
  });

  it('a driver is removed where none is needed', () => {
    const decision = decide('batch.assignDriver', { id: 'batch', rev: 4, driver: null }, [batch({ driver: 'driver' })]);
    expect(decision).toMatchObject({ changes: [{ set: {}, unset: ['driver'] }] });
  });

  it('a breach is marked once per promised date', () => {
    const late = batch({ dueAt: now - 1 });
    expect(setOf(decide('batch.markBreached', { id: 'batch', dueAt: now - 1 }, [late]))).toEqual({
      breachOf: now - 1,
      response: { breachOf: now - 1, openedAt: now },
    });
    const response = { breachOf: now - hour, openedAt: now - hour };
    const again = batch({ dueAt: now - 1, breachOf: now - hour, response });
    expect(setOf(decide('batch.markBreached', { id: 'batch', dueAt: now - 1 }, [again]))).toEqual({
      breachOf: now - 1,
      'response.breachOf': now - 1,
    });
  });

  it('a completed batch is archived', () => {
    expect(setOf(decide('batch.archive', { id: 'batch' }, [batch({ status: 'completed' })]))).toEqual({
      archivedAt: now,
    });
  });
});

describe('what the contracted hours are counted from', () => {
  const counted = (slaStart: 'sealing' | 'departure', name: CommandName, args: object, one?: Batch) => {
    directory['organization/org'] = { id: 'org', timeZone: 'UTC', slaStart } as never;
    try {
      const decision = decide(name, args as never, one ? [one] : []);
      if (!decision.ok) throw new Error(decision.error.message);
      return decision.changes[0]!;
    } finally {
      delete directory['organization/org'];
    }
  };
  const guess = { slaStart: 'sealing', provisional: true, dueAt: now + 9 * hour, promisedAt: now + 9 * hour } as const;

  it.each(['sealing', 'departure'] as const)('%s: a new batch has a provisional date', (slaStart) => {
    const dueAt = now + 48 * hour;
    const made = counted(slaStart, 'batch.create', creation).set;
    expect(made).toMatchObject({ dueAt, promisedAt: dueAt, slaStart, provisional: true });
    const own = counted(slaStart, 'batch.create', { ...creation, dueAt: now + 7 * hour }).set;
    expect(own).toMatchObject({ dueAt: now + 7 * hour, promisedAt: now + 7 * hour });
    expect(own).not.toHaveProperty('slaStart');
    expect(own).not.toHaveProperty('provisional');
  });

  it('sealing proposes it anew, says so, and that is the promise', () => {
    const change = counted('sealing', 'batch.seal', { id: 'batch', count: 2 }, batch(guess));
    const dueAt = now + 48 * hour;
    expect(change).toMatchObject({ set: { dueAt, promisedAt: dueAt }, unset: ['provisional'] });
    expect(change.why).toBe('Expected return date counted from sealing, 48 h by contract');
  });

  it('sealed again after it was taken back: proposed anew, and the first promise is kept', () => {
    const { provisional: _made, ...before } = guess;
    const change = counted('sealing', 'batch.seal', { id: 'batch', count: 2 }, batch(before));
    expect(change.set).toMatchObject({ dueAt: now + 48 * hour });
    expect(change.set).not.toHaveProperty('promisedAt');
  });

  it('what a batch was created under stays, whatever the setting says later', () => {
    const sealed = counted('departure', 'batch.seal', { id: 'batch', count: 2 }, batch(guess));
    expect(sealed.set).toMatchObject({ dueAt: now + 48 * hour });
    expect(counted('sealing', 'batch.seal', { id: 'batch', count: 2 }, batch()).set).not.toHaveProperty('dueAt');
  });

  it('departure counts from departure, not from sealing', () => {
    const waiting = { ...guess, slaStart: 'departure' } as const;
    const sealed = counted('departure', 'batch.seal', { id: 'batch', count: 2 }, batch(waiting));
    expect(sealed.set).not.toHaveProperty('dueAt');
    const left = batch({ ...waiting, status: 'sealed', driver: 'driver' });
    expect(counted('departure', 'batch.depart', { id: 'batch' }, left)).toMatchObject({
      set: { dueAt: now + 48 * hour, promisedAt: now + 48 * hour },
      unset: ['provisional'],
    });
  });

  it('a date that a person sets is the promise at once, and no step moves it', () => {
    const move = { id: 'batch', rev: 4, dueAt: now + 60 * hour, reason: 'R' };
    expect(counted('sealing', 'batch.moveDueDate', move, batch(guess))).toMatchObject({
      set: { dueAt: now + 60 * hour, promisedAt: now + 60 * hour },
      unset: ['slaStart', 'provisional'],
    });
  });

  it('closed days and working hours of the organization count, as in the proposal', () => {
    // Thursday 9 October 2025; closed from Saturday to Monday morning, for a center that says nothing itself.
    const day: [number, number] = [480, 1080];
    const hours = { mon: day, tue: day, wed: day, thu: day, fri: day };
    directory['organization/org'] = { id: 'org', timeZone: 'UTC', slaStart: 'sealing', hours } as never;
    const decision = decide('batch.seal', { id: 'batch', count: 2 }, [batch(guess)]);
    delete directory['organization/org'];
    const at = new Date(setOf(decision)['dueAt'] as number).toISOString();
    expect([new Date(now).toISOString(), at]).toEqual(['2025-10-09T08:53:20.000Z', '2025-10-13T08:53:20.000Z']);
  });

  it('parts that stay behind before the clock has begun wait for their own departure', () => {
    const sealed = inStatus('sealed', { ...guess, slaStart: 'departure' });
    const decision = decide('batch.split', { id: 'batch', into: 'new', parts: ['P1'], reason: 'R' }, [sealed]);
    expect(decision).toMatchObject({ changes: [{}, { set: { slaStart: 'departure', provisional: true } }] });
  });
});

/** A batch in a status, with the steps that led there, an hour apart. */
const inStatus = (status: Batch['status'], more: Partial<Batch> = {}): Batch =>
  batch({
    status,
    steps: Object.fromEntries(
      statuses.slice(0, statuses.indexOf(status) + 1).map((name, i) => [name, { at: now - (10 - i) * hour, by: 'me' }]),
    ),
    since: now - (10 - statuses.indexOf(status)) * hour,
    driver: 'driver',
    ...more,
  });
const lost = { how: 'lost', at: now, by: 'me', why: 'W' } as const;
const reason = 'R';
const id = 'batch';

describe('what really happens', () => {
  it.each<[string, Batch, { [N in CommandName]: [N, ArgsOf<N>] }[CommandName], object, string[]]>([
    [
      'custody passes to the driver, and it stays sealed',
      inStatus('sealed'),
      ['batch.handOver', { id, count: 2 }],
      { handover: { at: now, by: 'me', to: 'driver' } },
      [],
    ],
    [
      'a step is taken back to when the one before was reached',
      inStatus('at_center'),
      ['batch.takeBack', { id, from: 'at_center', reason }],
      { status: 'in_transit_to_center', since: now - 8 * hour },
      ['steps.at_center'],
    ],
    [
      'back in a draft, nobody has taken it over',
      inStatus('sealed', { handover: { at: now, by: 'me', to: 'driver' } }),
      ['batch.takeBack', { id, from: 'sealed', reason }],
      { status: 'draft', since: now - 10 * hour },
      ['steps.sealed', 'handover'],
    ],
    ['a draft is cancelled', batch(), ['batch.cancel', { id, reason }], { cancelledAt: now, archivedAt: now }, []],
    [
      'a completed batch is open again, also from the archive',
      inStatus('completed', { archivedAt: now }),
      ['batch.reopen', { id, reason }],
      { status: 'in_transit_back', since: now - 6 * hour },
      ['steps.completed', 'archivedAt'],
    ],
    [
      'a cancelled one is a draft again',
      batch({ cancelledAt: now, archivedAt: now }),
      ['batch.reopen', { id, reason }],
      {},
      ['cancelledAt', 'archivedAt'],
    ],
    [
      'a wrong scan is put right',
      inStatus('at_center'),
      ['batch.correctPart', { id, part: 'P1', instead: 'P3', reason }],
      { 'parts.P3': { addedAt: now - hour } },
      ['parts.P1'],
    ],
    [
      'a part is lost',
      inStatus('at_center'),
      ['batch.settleParts', { id, parts: ['P1'], how: 'lost', reason }],
      { 'parts.P1.out': { how: 'lost', at: now, by: 'me', why: 'R' }, outCount: 1 },
      [],
    ],
    [
      'and found again',
      inStatus('at_center', { parts: { P1: { addedAt: now, out: lost }, P2: { addedAt: now } }, outCount: 1 }),
      ['batch.restoreParts', { id, parts: ['P1'], reason }],
      {},
      ['parts.P1.out', 'outCount'],
    ],
    [
      'another driver takes what was handed over',
      inStatus('sealed', { handover: { at: now, by: 'me', to: 'driver' } }),
      ['batch.depart', { id, driver: 'driver2' }],
      {
        status: 'in_transit_to_center',
        since: now,
        'steps.in_transit_to_center': { at: now, by: 'me' },
        driver: 'driver2',
      },
      ['handover'],
    ],
  ])('%s', (_what, is, [name, args], set, unset) => {
    const decision = decide(name, args, [is]);
    expect(decision).toMatchObject({ ok: true, changes: [{ kind: 'batch', id, set }] });
    const [change] = decision.ok ? decision.changes : [];
    expect(change!.set).toEqual(set);
    expect([...(change!.unset ?? [])].sort()).toEqual([...unset].sort());
    if ('reason' in args) expect(change!.why).toBe(reason);
  });

  it('lost parts are not waited for', () => {
    const parts = { P1: { addedAt: now, out: lost }, P2: { addedAt: now } };
    const short = inStatus('in_transit_back', { parts, outCount: 1 });
    expect(decide('batch.complete', { id, count: 2 }, [short])).toMatchObject({
      error: { code: 'count_mismatch', details: { counted: 2, expected: 1 } },
    });
    expect(decide('batch.complete', { id, count: 1 }, [short]).ok).toBe(true);
  });

  it.each([
    ['sealed', 'sealed'],
    ['in_transit_to_center', 'sealed'],
    ['at_center', 'at_center'],
    ['in_transit_back', 'at_center'],
  ] as const)('what stays behind a batch that is %s is %s', (status, behind) => {
    const decision = decide('batch.split', { id, into: 'new', parts: ['P2'], reason }, [inStatus(status)]);
    if (!decision.ok) throw new Error(decision.error.message);
    const [left, made] = decision.changes;
    expect(left).toEqual({ kind: 'batch', id, set: { partCount: 1 }, unset: ['parts.P2'], why: reason });
    expect(made!.set).toMatchObject({
      reference: 'B-2002',
      status: behind,
      partCount: 1,
      parts: { P2: { addedAt: now - hour } },
      splitFrom: id,
      dueAt: now + 48 * hour,
      promisedAt: now + 48 * hour,
    });
    expect(made!.set).not.toHaveProperty('driver');
    expect(Object.keys(made!.set['steps'] as object)).toEqual(statuses.slice(0, statuses.indexOf(behind) + 1));
  });

  it.each<[string, Batch, { [N in CommandName]: [N, ArgsOf<N>] }[CommandName], string]>([
    ['a draft is not handed over', batch(), ['batch.handOver', { id, count: 2, driver: 'driver' }], 'illegal_step'],
    [
      'not without a driver',
      inStatus('sealed', { driver: undefined! }),
      ['batch.handOver', { id, count: 2 }],
      'driver_required',
    ],
    ['nor miscounted', inStatus('sealed'), ['batch.handOver', { id, count: 1 }], 'count_mismatch'],
    [
      'a step that it is not in',
      inStatus('sealed'),
      ['batch.takeBack', { id, from: 'at_center', reason }],
      'illegal_step',
    ],
    ['the draft itself', batch(), ['batch.takeBack', { id, from: 'draft', reason }], 'illegal_step'],
    [
      'completion is reopened instead',
      inStatus('completed'),
      ['batch.takeBack', { id, from: 'completed', reason }],
      'illegal_step',
    ],
    [
      'the road without a driver',
      inStatus('at_center', { driver: undefined! }),
      ['batch.takeBack', { id, from: 'at_center', reason }],
      'driver_required',
    ],
    ['what is sealed is not cancelled', inStatus('sealed'), ['batch.cancel', { id, reason }], 'illegal_step'],
    ['what is open is not reopened', inStatus('sealed'), ['batch.reopen', { id, reason }], 'illegal_step'],
    [
      'a wrong scan of what is not there',
      inStatus('sealed'),
      ['batch.correctPart', { id, part: 'P9', instead: 'P8', reason }],
      'part_not_in_batch',
    ],
    [
      'a wrong scan for what is there',
      inStatus('sealed'),
      ['batch.correctPart', { id, part: 'P1', instead: 'P2', reason }],
      'duplicate_part',
    ],
    [
      'nothing is lost from a draft',
      batch(),
      ['batch.settleParts', { id, parts: ['P1'], how: 'lost', reason }],
      'illegal_step',
    ],
    [
      'nor from what is completed',
      inStatus('completed'),
      ['batch.settleParts', { id, parts: ['P1'], how: 'lost', reason }],
      'illegal_step',
    ],
    [
      'what is there is not found',
      inStatus('sealed'),
      ['batch.restoreParts', { id, parts: ['P1'], reason }],
      'nothing_to_change',
    ],
    [
      'nothing stays behind a draft',
      batch(),
      ['batch.split', { id, into: 'new', parts: ['P1'], reason }],
      'illegal_step',
    ],
    [
      'not everything stays behind',
      inStatus('sealed'),
      ['batch.split', { id, into: 'new', parts: ['P1', 'P2'], reason }],
      'illegal_step',
    ],
  ])('refused: %s', (_what, is, [name, args], code) => {
    expect(decide(name, args, [is])).toMatchObject({ ok: false, error: { code } });
  });

  it('a wrong scan of a part that another open batch holds names that batch', () => {
    expect(
      decide('batch.correctPart', { id, part: 'P1', instead: 'P9', reason }, [inStatus('sealed'), other(['P9'])]),
    ).toMatchObject({ error: { code: 'part_in_open_batch', details: { part: 'P9', reference: 'B-2000' } } });
  });
});
