import { describe, expect, it } from 'vitest';
import type { Batch } from '../batches/schema.ts';
import { isInUse, pointsAt, turned } from '../directory/references.ts';
import type { DecideContext, Decision, StateView } from '../protocol/decision.ts';
import type { ArgsOf, CommandName } from '../protocol/deciders.ts';
import { deciders } from '../protocol/deciders.ts';
import type { AnyRecord, Kind } from '../protocol/kinds.ts';
import { patched } from '../protocol/patch.ts';
import { toldLate } from './decide-drive.ts';
import type { Route, Stop } from './schema.ts';
import { routeFault } from './whole.ts';

const now = 1_760_000_000_000;
const minute = 60_000;
const by = (at = now - minute) => ({ at, by: 'driver' });

const batch = (id: string, more: Partial<Batch> = {}): Batch => ({
  id,
  org: 'org',
  rev: 4,
  reference: `B-${id}`,
  branch: 'north',
  customer: 'customer',
  center: 'center',
  driver: 'driver',
  status: 'sealed',
  since: now - 60 * minute,
  steps: { draft: { at: now - 90 * minute, by: 'me' }, sealed: { at: now - 60 * minute, by: 'me' } },
  parts: { P1: { addedAt: now }, P2: { addedAt: now }, P3: { addedAt: now, out: { how: 'lost', ...by(), why: 'W' } } },
  partCount: 3,
  outCount: 1,
  dueAt: now + 9e7,
  promisedAt: now + 9e7,
  createdAt: now - 90 * minute,
  createdBy: 'me',
  ...more,
});
const onRoad = (id: string, more: Partial<Batch> = {}) =>
  batch(id, { status: 'in_transit_to_center', since: now - 20 * minute, ...more });

const home = { kind: 'branch', id: 'north' } as const;
const center = { kind: 'center', id: 'center' } as const;
const stop = (place: Stop['place'], more: Partial<Stop> = {}): Stop => ({ place, pickUp: [], handOver: [], ...more });
/** From the branch to the center with one batch, under way. */
const route = (more: Partial<Route> = {}): Route => {
  const stops = more.stops ?? { a: stop(home, { pickUp: ['1'] }), b: stop(center, { handOver: ['1'] }) };
  return {
    id: 'route',
    org: 'org',
    rev: 7,
    reference: 'R-1',
    branch: 'north',
    day: '2026-03-02',
    status: 'under_way',
    driver: 'driver',
    stops,
    order: Object.keys(stops),
    plan: 2,
    edited: 5,
    places: Object.fromEntries(Object.keys(stops).map((id) => [id, { name: `Place ${id}` }])),
    startedAt: now - 30 * minute,
    createdAt: now - 40 * minute,
    createdBy: 'me',
    ...more,
  };
};
const plannedRoute = (more: Partial<Route> = {}): Route => {
  const { startedAt: _startedAt, ...rest } = route(more);
  return { ...rest, status: 'planned' };
};

const directory: { [key: string]: object } = {
  'organization/org': { id: 'org', timeZone: 'UTC', undoSeconds: 60 },
  'branch/north': { id: 'north', name: 'North', address: 'Quay 2' },
  'branch/south': { id: 'south', name: 'South' },
  'branch/closed': { id: 'closed', name: 'Closed', archivedAt: now },
  'customer/customer': { id: 'customer', name: 'Vantor', slaHours: 48, contactPhone: '1234' },
  'center/center': { id: 'center', name: 'Precisia', phone: '5678' },
  'person/driver': { id: 'driver', role: 'driver' },
  'person/other': { id: 'other', role: 'driver' },
  'person/gone': { id: 'gone', role: 'driver', inactiveAt: now },
  'person/desk': { id: 'desk', role: 'team_member' },
};

function stateOf(routes: readonly Route[], batches: readonly Batch[], more: object = {}): StateView {
  const records: { [key: string]: object } = {
    ...directory,
    ...more,
    ...Object.fromEntries(routes.map((each) => [`route/${each.id}`, each])),
    ...Object.fromEntries(batches.map((each) => [`batch/${each.id}`, each])),
  };
  return {
    get: (kind, id) => records[`${kind}/${id}`] as never,
    all: (kind) => Object.entries(records).flatMap(([key, one]) => (key.startsWith(`${kind}/`) ? [one] : [])) as never,
    openBatchOf: () => undefined,
    pointingAt: () => [],
    entriesOf: () => [],
  };
}
const context = (more: Partial<DecideContext> = {}): DecideContext => ({
  now,
  done: now,
  principal: { type: 'person', org: 'org', id: 'driver', role: 'driver' },
  nextReference: () => 'R-2',
  ...more,
});
const desk = { principal: { type: 'person', org: 'org', id: 'desk', role: 'team_member' } } as const;

type Given = { routes?: Route[]; batches?: Batch[]; at?: Partial<DecideContext>; more?: object };
const usual = batch('1', { route: 'route' });

function decide<N extends CommandName>(name: N, args: ArgsOf<N>, given: Given = {}): Decision {
  const { routes = [route()], batches = [usual], at, more } = given;
  const rule = deciders[name] as (state: StateView, args: ArgsOf<N>, at: DecideContext) => Decision;
  return rule(stateOf(routes, batches, more), args, context(at));
}
/** The records after a command, by kind and id. */
function after<N extends CommandName>(name: N, args: ArgsOf<N>, given: Given = {}) {
  const decision = decide(name, args, given);
  if (!decision.ok) throw new Error(`${name}: ${decision.error.message}`);
  const state = stateOf(given.routes ?? [route()], given.batches ?? [usual], given.more);
  const made = new Map<string, AnyRecord>();
  for (const { kind, id, set, unset } of decision.changes)
    made.set(`${kind}/${id}`, patched(state.get(kind, id) ?? ({ id, org: 'org', rev: 0 } as never), set, unset));
  const view = {
    get: (kind: Kind, id: string) => (made.get(`${kind}/${id}`) ?? state.get(kind, id)) as never,
  };
  const whole = view.get('route', (args as { id: string }).id) as Route;
  expect(routeFault(whole, view)).toBeUndefined();
  return { route: whole, batch: view.get('batch', '1') as Batch, get: view.get, changes: decision.changes };
}
const codeOf = (decision: Decision) => (decision.ok ? 'ok' : decision.error.code);

const id = 'route';
const arrived = { a: stop(home, { pickUp: ['1'], arrived: by() }), b: stop(center, { handOver: ['1'] }) };
const pickedUp = {
  a: stop(home, {
    pickUp: ['1'],
    arrived: by(),
    done: { 1: { what: 'pick_up', ...by(), count: 2 } },
  }),
  b: stop(center, { handOver: ['1'] }),
};
const plan = (place: Stop['place'], more: object = {}) => ({ id: 'new', place, pickUp: [], handOver: [], ...more });
const create = (more: Partial<ArgsOf<'route.create'>> = {}): ArgsOf<'route.create'> => ({
  id: 'made',
  branch: 'north',
  day: '2026-03-02',
  driver: 'driver',
  stops: [
    { id: 'a', place: home, pickUp: ['1'], handOver: [] },
    { id: 'b', place: center, pickUp: [], handOver: ['1'] },
  ],
  ...more,
});
const free = batch('1', { driver: 'other' });

describe('planning', () => {
  it('puts batches on the route and gives them its driver, with what must be known of each place', () => {
    const made = after('route.create', create(), { routes: [], batches: [free] });
    expect(made.batch).toMatchObject({ route: 'made', driver: 'driver' });
    expect(made.route).toMatchObject({
      reference: 'R-2',
      status: 'planned',
      plan: 1,
      order: ['a', 'b'],
      places: { a: { name: 'North', address: 'Quay 2' }, b: { name: 'Precisia', phone: '5678' } },
    });
  });

  it.each<[string, Partial<ArgsOf<'route.create'>>, Given, string]>([
    ['an archived branch', { branch: 'closed' }, {}, 'unknown_reference'],
    ['an archived place', { stops: [plan({ kind: 'branch', id: 'closed' })] }, {}, 'unknown_reference'],
    ['a driver who has left', { driver: 'gone' }, {}, 'unknown_reference'],
    ['somebody who is no driver', { driver: 'desk' }, {}, 'unknown_reference'],
    ['a stop twice', { stops: [plan(home), plan(home)] }, {}, 'bad_request'],
    ['a batch that is not there', { stops: [plan(home, { pickUp: ['?'] })] }, {}, 'unknown_reference'],
    [
      'a batch of another branch than the asker’s',
      {},
      { at: { principal: { ...desk.principal, branches: ['south'] } } },
      'unknown_reference',
    ],
    [
      'a batch on another route',
      {},
      { batches: [batch('1', { route: 'other' })], more: { 'route/other': route({ id: 'other' }) } },
      'on_route',
    ],
    ['a draft', {}, { batches: [batch('1', { status: 'draft' })] }, 'illegal_step'],
    [
      'a pick-up where the batch is not',
      { stops: [plan({ kind: 'branch', id: 'south' }, { pickUp: ['1'] })] },
      {},
      'illegal_step',
    ],
    ['a sealed batch at its center', { stops: [plan(center, { pickUp: ['1'] })] }, {}, 'illegal_step'],
    ['a hand-over before the pick-up', { stops: create().stops.toReversed() }, {}, 'illegal_step'],
    ['a hand-over of what nobody picks up', { stops: [plan(center, { handOver: ['1'] })] }, {}, 'illegal_step'],
    [
      'a hand-over of what another driver has',
      { stops: [plan(center, { handOver: ['1'] })] },
      { batches: [onRoad('1', { driver: 'other' })] },
      'illegal_step',
    ],
    [
      'a hand-over where it is not bound for',
      { stops: [plan(home, { handOver: ['1'] })] },
      { batches: [onRoad('1')] },
      'illegal_step',
    ],
    [
      'picked up twice',
      { stops: [plan(home, { pickUp: ['1'] }), { ...plan(home, { pickUp: ['1'] }), id: 'again' }] },
      {},
      'bad_request',
    ],
    [
      'handed over to another driver before',
      {},
      { batches: [batch('1', { handover: { ...by(), to: 'other' }, driver: 'other' })] },
      'illegal_step',
    ],
  ])('refuses %s', (_what, args, given, code) => {
    expect(
      codeOf(
        decide('route.create', create(args), { routes: [], batches: [free], ...given, at: { ...desk, ...given.at } }),
      ),
    ).toBe(code);
  });

  it('takes what is on the road with the driver, what is at its center, and a stop without a batch', () => {
    const stops = [
      plan(center, { handOver: ['1'], pickUp: ['2'] }),
      { ...plan({ kind: 'customer', id: 'customer' }, { handOver: ['2'] }), id: 'last' },
      { ...plan({ kind: 'branch', id: 'south' }), id: 'empty' },
    ];
    const batches = [onRoad('1'), batch('2', { status: 'at_center', handover: { ...by(), to: 'other' } })];
    expect(codeOf(decide('route.create', create({ stops }), { routes: [], batches }))).toBe('ok');
  });

  it('names the route on which a batch is already', () => {
    const decision = decide('route.create', create(), { batches: [usual] });
    expect(decision).toMatchObject({
      ok: false,
      error: { message: 'B-1 is on R-1 already. Take it off there first.' },
    });
  });

  it('a batch that is taken off the route is nobody’s again; what the driver has in their hands stays', () => {
    const off = after('route.plan', { id, plan: 2, stops: [] });
    expect(off.batch.route).toBeUndefined();
    expect(off.batch.driver).toBeUndefined();
    expect(off.route).toMatchObject({ plan: 3, edited: 8, order: [], places: {} });
    const routes = [route({ stops: pickedUp })];
    const kept = after(
      'route.plan',
      { id, plan: 2, stops: [] },
      { routes, batches: [onRoad('1', { route: 'route' })] },
    );
    expect(kept.batch.route).toBeUndefined();
    expect(kept.batch.driver).toBe('driver');
    expect(Object.keys(kept.route.stops), 'the stop that was reached stays').toEqual(['a']);
  });

  it.each<[string, number, ArgsOf<'route.plan'>['stops'], string]>([
    ['another plan than the present one', 1, [], 'rev_conflict'],
    ['nothing different', 2, [{ id: 'b', place: center, pickUp: [], handOver: ['1'] }], 'nothing_to_change'],
    ['new work where the driver is', 2, [{ id: 'a', place: home, pickUp: ['1', '2'], handOver: [] }], 'illegal_step'],
  ])('refuses %s', (_what, number, stops, code) => {
    const given = { routes: [route({ stops: pickedUp })], batches: [onRoad('1', { route: 'route' }), batch('2')] };
    expect(codeOf(decide('route.plan', { id, plan: number, stops }, given))).toBe(code);
  });

  it('a stop that was reached while it was being planned stays where it is', () => {
    const stops = [
      plan({ kind: 'customer', id: 'customer' }),
      { id: 'a', place: home, pickUp: ['1'], handOver: [] },
      { id: 'b', place: center, pickUp: [], handOver: ['1'] },
    ];
    const made = after('route.plan', { id, plan: 2, stops }, { routes: [route({ stops: arrived })] });
    expect(made.route.order).toEqual(['a', 'new', 'b']);
  });

  it('a desk’s edit meets a desk’s change, not a driver’s tap', () => {
    expect(codeOf(decide('route.edit', { id, rev: 5, vehicle: 'V' }))).toBe('ok');
    expect(codeOf(decide('route.edit', { id, rev: 4, vehicle: 'V' }))).toBe('rev_conflict');
    expect(codeOf(decide('route.edit', { id, rev: 5, day: '2026-03-03' })), 'under way').toBe('illegal_step');
  });

  it('another driver takes over the load, and the former one may still report', () => {
    const routes = [route({ stops: pickedUp, acknowledged: { plan: 2, at: now } })];
    const made = after(
      'route.assign',
      { id, plan: 2, driver: 'other' },
      { routes, batches: [onRoad('1', { route: 'route' })] },
    );
    expect(made.batch.driver).toBe('other');
    expect(made.route).toMatchObject({ driver: 'other', formerDrivers: ['driver'], plan: 3 });
    expect(made.route.acknowledged).toBeUndefined();
  });

  it('whose it was is known also where nobody had it in between: a phone may have driven it without network', () => {
    const off = after('route.assign', { id, plan: 2, driver: null }, { routes: [plannedRoute()] });
    expect(off.route.driver).toBeUndefined();
    expect(off.route.formerDrivers).toEqual(['driver']);
    const other = after('route.assign', { id, plan: 3, driver: 'other' }, { routes: [off.route] });
    expect(other.route).toMatchObject({ driver: 'other', formerDrivers: ['driver'] });
    const back = after('route.assign', { id, plan: 4, driver: 'driver' }, { routes: [other.route] });
    expect(back.route).toMatchObject({ driver: 'driver', formerDrivers: ['driver', 'other'] });
  });

  it.each<[string, Route, Batch, string]>([
    ['under way', route(), usual, 'driver_required'],
    [
      'with a batch on the road',
      plannedRoute({ stops: { b: stop(center, { handOver: ['1'] }) } }),
      onRoad('1', { route: 'route' }),
      'driver_required',
    ],
    ['planned', plannedRoute(), usual, 'ok'],
  ])('nobody drives it: %s', (_what, one, held, code) => {
    const given = { routes: [one], batches: [held] };
    expect(codeOf(decide('route.assign', { id, plan: 2, driver: null }, given))).toBe(code);
  });

  it('is cancelled while no stop has been reached, and its batches are free', () => {
    expect(codeOf(decide('route.cancel', { id, reason: 'R' }, { routes: [route({ stops: arrived })] }))).toBe(
      'illegal_step',
    );
    const made = after('route.cancel', { id, reason: 'R' });
    expect(made.route.status).toBe('cancelled');
    expect(made.batch.route).toBeUndefined();
  });
});

describe('driving', () => {
  it.each<[string, Route, Given['more'], string]>([
    ['as planned', plannedRoute(), {}, 'ok'],
    ['again', route(), {}, 'nothing_to_change'],
    ['without a driver', plannedRoute({ driver: undefined } as never), {}, 'driver_required'],
    ['without stops', plannedRoute({ stops: {} }), {}, 'illegal_step'],
    ['beside another one under way', plannedRoute(), { 'route/other': route({ id: 'other' }) }, 'illegal_step'],
    ['when it is over', route({ status: 'cancelled' }), {}, 'illegal_step'],
  ])('starts: %s', (_what, one, more, code) => {
    const batches = one.driver === undefined ? [batch('1', { route: 'route' })] : [usual];
    expect(codeOf(decide('route.start', { id }, { routes: [one], batches, more: more ?? {} }))).toBe(code);
  });

  it('whoever arrives elsewhere has left the stop before, and comes first in the order', () => {
    const stops = { ...pickedUp, c: stop({ kind: 'customer', id: 'customer' }) };
    const made = after(
      'route.arrive',
      { id, stop: 'c' },
      { routes: [route({ stops })], batches: [onRoad('1', { route: 'route' })] },
    );
    expect(made.route.order).toEqual(['a', 'c', 'b']);
    expect(made.route.stops).toMatchObject({ a: { departed: { at: now } }, c: { arrived: { at: now } } });
  });

  it('leaves no work undone: refused by name at once, said when it is told late', () => {
    const there = { ...arrived.a, arrived: by(now - 5 * minute) };
    const routes = [route({ stops: { ...arrived, a: there } })];
    for (const [name, at] of [
      ['route.depart', 'a'],
      ['route.arrive', 'b'],
    ] as const) {
      const decision = decide(name, { id, stop: at }, { routes });
      expect(decision).toMatchObject({ ok: false, error: { code: 'illegal_step', details: { undone: ['1'] } } });
      expect(!decision.ok && decision.error.message).toContain('B-1');
      const late = after(name, { id, stop: at }, { routes, at: { done: now - toldLate - 1 } });
      expect(late.route.stops['a']).toMatchObject({ skipped: { why: 'Left without B-1' } });
      expect(late.batch.route, 'nor is it handed over').toBeUndefined();
      expect(late.route.stops['b']!.handOver).toEqual([]);
    }
  });

  it('the last stop that is left ends the route', () => {
    const stops = { a: pickedUp.a };
    const batches = [onRoad('1')];
    const made = after('route.depart', { id, stop: 'a' }, { routes: [route({ stops })], batches });
    expect(made.route).toMatchObject({ status: 'finished', finishedAt: now });
    const skipped = after('route.skip', { id, stop: 'a', reason: 'R' }, { routes: [route({ stops })], batches });
    expect(skipped.route.status).toBe('finished');
  });

  it('is finished by hand when nothing is left, and says what is', () => {
    const left = decide('route.finish', { id });
    expect(left).toMatchObject({ ok: false, error: { message: expect.stringContaining('Place a, Place b') } });
    const routes = [route({ stops: { a: pickedUp.a } })];
    expect(after('route.finish', { id }, { routes, batches: [onRoad('1')] }).route.status).toBe('finished');
  });

  it.each<[CommandName, object]>([
    ['route.arrive', { stop: 'a' }],
    ['route.depart', { stop: 'a' }],
    ['route.skip', { stop: 'a', reason: 'R' }],
    ['route.pickUp', { stop: 'a', batch: '1', count: 2 }],
    ['route.handOver', { stop: 'b', batch: '1', count: 2 }],
    ['route.finish', {}],
  ])('%s: only under way, and only what is on the route', (name, args) => {
    const given = (one: Route) => codeOf(decide(name, { id, ...args } as never, { routes: [one] }));
    expect(given(plannedRoute())).toBe('illegal_step');
    expect(given(route({ archivedAt: now }))).toBe('archived');
    expect(codeOf(decide(name, { id: '?', ...args } as never))).toBe('not_found');
    if ('stop' in args) expect(codeOf(decide(name, { id, ...args, stop: 'gone' } as never))).toBe('not_found');
  });
});

describe('picking up and handing over', () => {
  it('marks the arrival, counts, passes custody and moves the batch', () => {
    const made = after('route.pickUp', { id, stop: 'a', batch: '1', count: 2 });
    expect(made.route.stops['a']).toMatchObject({ arrived: { at: now }, done: { 1: { what: 'pick_up', count: 2 } } });
    expect(made.batch).toMatchObject({
      status: 'in_transit_to_center',
      since: now,
      route: 'route',
      driver: 'driver',
      handover: { to: 'driver', at: now },
      steps: { in_transit_to_center: { at: now, by: 'driver', count: 2, route: 'route' } },
    });
  });

  it.each<[string, Batch['status'], Stop['place'], 'pickUp' | 'handOver', Batch['status']]>([
    ['to the center', 'in_transit_to_center', center, 'handOver', 'at_center'],
    ['at the center', 'at_center', center, 'pickUp', 'in_transit_back'],
    ['home', 'in_transit_back', home, 'handOver', 'completed'],
    ['home to the customer', 'in_transit_back', { kind: 'customer', id: 'customer' }, 'handOver', 'completed'],
    ['from the customer', 'sealed', { kind: 'customer', id: 'customer' }, 'pickUp', 'in_transit_to_center'],
  ])('%s', (_what, status, place, work, to) => {
    const routes = [route({ stops: { a: stop(place, { [work]: ['1'] }) } })];
    const batches = [batch('1', { status, since: now - minute, route: 'route' })];
    const made = after(
      work === 'pickUp' ? 'route.pickUp' : 'route.handOver',
      { id, stop: 'a', batch: '1', count: 2 },
      { routes, batches },
    );
    expect(made.batch.status).toBe(to);
    expect(made.batch.route, 'nothing more to do with it here').toBeUndefined();
  });

  it.each<[string, Partial<ArgsOf<'route.pickUp'>>, object]>([
    ['counted', { count: 1 }, { expected: 2, counted: 1, missing: [], extra: [] }],
    ['scanned, one missing', { count: 1, scanned: ['P1'] }, { expected: 2, counted: 1, missing: ['P2'], extra: [] }],
    ['scanned, one too many', { count: 3, scanned: ['P1', 'P2', 'PX'] }, { counted: 3, missing: [], extra: ['PX'] }],
    ['scanned, the lost one is there', { count: 3, scanned: ['P1', 'P2', 'P3'] }, { extra: ['P3'] }],
    ['as many, but others', { count: 2, scanned: ['P1', 'PX'] }, { missing: ['P2'], extra: ['PX'] }],
  ])('what differs is named, and goes on with a reason only: %s', (_what, args, details) => {
    const command = { id, stop: 'a', batch: '1', count: 2, ...args };
    const refused = decide('route.pickUp', command);
    expect(refused).toMatchObject({ ok: false, error: { code: 'count_mismatch', field: 'count', details } });
    const { route: on } = after('route.pickUp', { ...command, reason: 'The box is there' });
    const done = on.stops['a']!.done!['1']!;
    expect(done).toMatchObject({ why: 'The box is there', expected: 2 });
    for (const part of (details as { missing?: string[] }).missing ?? []) expect(done.missing).toContain(part);
  });

  it('one scanned twice counts once', () => {
    const made = after('route.pickUp', { id, stop: 'a', batch: '1', count: 3, scanned: ['P1', 'P2', 'P2'] });
    expect(made.route.stops['a']!.done!['1']).toMatchObject({ count: 2, scanned: true });
  });

  it('what only the server can compare is left to it', () => {
    const batches = [batch('1', { route: 'route', parts: {} })];
    expect(
      codeOf(decide('route.pickUp', { id, stop: 'a', batch: '1', count: 2, scanned: ['P1', 'P2'] }, { batches })),
    ).toBe('unavailable');
  });

  it.each<[string, Partial<ArgsOf<'route.pickUp'>>, Given, string]>([
    ['what is not planned there', { batch: '2' }, { batches: [usual, batch('2')] }, 'unknown_reference'],
    [
      'twice',
      {},
      { routes: [route({ stops: pickedUp })], batches: [onRoad('1', { route: 'route' })] },
      'nothing_to_change',
    ],
    [
      'after the stop was left',
      {},
      {
        routes: [route({ stops: { a: stop(home, { pickUp: ['1'], skipped: { ...by(), why: 'W' } }) } })],
        batches: [batch('1')],
      },
      'illegal_step',
    ],
    ['what has gone on by other ways', {}, { batches: [onRoad('1', { route: 'route' })] }, 'illegal_step'],
  ])('refuses %s', (_what, args, given, code) => {
    expect(codeOf(decide('route.pickUp', { id, stop: 'a', batch: '1', count: 2, ...args }, given))).toBe(code);
  });

  it('hands nothing over that was not picked up', () => {
    expect(codeOf(decide('route.handOver', { id, stop: 'b', batch: '1', count: 2 }))).toBe('illegal_step');
  });

  it('proof: what is required is asked for, what is off is not kept, a desk gives its reason', () => {
    const proof = { receiver: 'required', signature: 'off', photo: 'required' };
    const more = { 'organization/org': { ...directory['organization/org'], proof } };
    const given = { routes: [route({ stops: pickedUp })], batches: [onRoad('1', { route: 'route' })], more };
    const args = { id, stop: 'b', batch: '1', count: 2, signature: 's' };
    expect(decide('route.handOver', args, given)).toMatchObject({
      ok: false,
      error: { code: 'proof_required', field: 'receiver', details: { missing: ['receiver', 'photo'] } },
    });
    expect(codeOf(decide('route.handOver', { ...args, reason: 'R' }, given)), 'a driver has no such way').toBe(
      'proof_required',
    );
    const made = after('route.handOver', { ...args, receiver: 'M. Devries', photo: 'p' }, given);
    expect(made.route.receivers).toEqual({ 'b/1': 'M. Devries' });
    expect(made.route.stops['b']!.done!['1']).toMatchObject({ photo: 'p' });
    expect(made.route.stops['b']!.done!['1']).not.toHaveProperty('signature');
    expect(codeOf(decide('route.handOver', { ...args, reason: 'The phone has died' }, { ...given, at: desk }))).toBe(
      'ok',
    );
  });
});

describe('by hand, what is on a route', () => {
  it.each<[CommandName, object, Batch, string]>([
    ['batch.depart', {}, usual, 'on_route'],
    ['batch.arrive', {}, onRoad('1', { route: 'route' }), 'on_route'],
    ['batch.departBack', {}, batch('1', { status: 'at_center', route: 'route' }), 'on_route'],
    ['batch.complete', { count: 2 }, batch('1', { status: 'in_transit_back', route: 'route' }), 'on_route'],
    ['batch.assignDriver', { rev: 4, driver: 'other' }, usual, 'on_route'],
    ['batch.takeBack', { from: 'sealed', reason: 'R' }, usual, 'on_route'],
    ['batch.handOver', { driver: 'other', count: 2 }, usual, 'on_route'],
    ['batch.handOver', { count: 2 }, usual, 'ok'],
  ])('%s', (name, args, held, code) => {
    const decision = decide(name, { id: '1', ...args } as never, { batches: [held] });
    expect(codeOf(decision)).toBe(code);
    if (!decision.ok) expect(decision.error.message).toContain('R-1');
  });

  const taken = onRoad('1', {
    route: 'route',
    handover: { at: now - minute, by: 'driver', to: 'driver' },
    steps: { ...usual.steps, in_transit_to_center: { at: now - minute, by: 'driver', count: 2, route: 'route' } },
  });
  const back = { id: '1', from: 'in_transit_to_center', reason: 'Wrong box' } as const;

  it('a step taken back while the driver is there is to be done again', () => {
    const decision = decide('batch.takeBack', back, {
      routes: [route({ stops: pickedUp })],
      batches: [taken],
      at: desk,
    });
    expect(decision).toMatchObject({
      ok: true,
      changes: [
        { kind: 'batch', set: { status: 'sealed', route: 'route' }, unset: expect.arrayContaining(['handover']) },
        { kind: 'route', unset: ['stops.a.done.1'] },
      ],
    });
  });

  it('what an earlier driver of the route had taken over goes back too', () => {
    const handover = { at: now - 30 * minute, by: 'driver', to: 'driver' };
    const decision = decide('batch.takeBack', back, {
      routes: [route({ stops: pickedUp, driver: 'other' })],
      batches: [{ ...taken, handover, driver: 'other' }],
      at: desk,
    });
    expect(decision).toMatchObject({
      ok: true,
      changes: [{ kind: 'batch', unset: expect.arrayContaining(['handover']) }, { kind: 'route' }],
    });
  });

  it('later the stop says so, and what was to follow does not', () => {
    const stops = { ...pickedUp, a: { ...pickedUp.a, departed: by() } };
    const decision = decide('batch.takeBack', back, { routes: [route({ stops })], batches: [taken], at: desk });
    expect(decision).toMatchObject({
      ok: true,
      changes: [
        { kind: 'batch', unset: expect.arrayContaining(['route', 'handover']) },
        {
          kind: 'route',
          set: {
            'stops.a.done.1.takenBack': { at: now, by: 'desk', why: 'Wrong box' },
            'stops.b.handOver': [],
            plan: 3,
          },
        },
      ],
    });
  });
});

describe('[C6] a clock that was put back between two steps', () => {
  it.each([
    ['route.arrive', { id, stop: 'a' }, { routes: [route()] }],
    ['route.skip', { id, stop: 'a', reason: 'Closed' }, { routes: [route()] }],
    ['route.pickUp', { id, stop: 'a', batch: '1', count: 2 }, { routes: [route({ stops: arrived })] }],
  ] as const)('%s is not before the step before it, at the stop and at the batch', (name, args, { routes }) => {
    const made = after(name, args as never, { routes: [...routes], at: { done: now - 5 * 60 * minute } });
    const { arrived: there, skipped, done } = made.route.stops['a']!;
    const at = done?.['1']?.at ?? there?.at ?? skipped!.at;
    expect(at).toBe(name === 'route.pickUp' ? Math.max(arrived.a.arrived!.at, usual.since) : now - 30 * minute);
    if (done) expect(made.batch).toMatchObject({ since: at, steps: { in_transit_to_center: { at } } });
  });
});

describe('a hand-over that was in time and is told late', () => {
  const dueAt = now - 10 * minute;
  const stops = { a: stop(home, { handOver: ['1'] }) };
  const late = (more: Partial<Batch> = {}) =>
    batch('1', {
      status: 'in_transit_back',
      since: now - 30 * minute,
      route: 'route',
      dueAt,
      breachOf: dueAt,
      ...more,
    });
  const told = (held: Batch, done: number, more: object = {}) =>
    after(
      'route.handOver',
      { id, stop: 'a', batch: '1', count: 2, ...more },
      { routes: [route({ stops })], batches: [held], at: { done } },
    );

  it('has no breach, and its history says why', () => {
    const made = told(late({ response: { breachOf: dueAt, openedAt: dueAt } }), dueAt);
    expect(made.batch).toMatchObject({ status: 'completed', since: dueAt, breachWithdrawn: { of: dueAt, at: now } });
    expect(made.batch).not.toHaveProperty('breachOf');
    expect(made.batch).not.toHaveProperty('response');
    expect(made.changes.find(({ kind }) => kind === 'batch')!.why).toContain('withdrawn');
    const counted = told(late(), dueAt, { count: 1, reason: 'One box is with the other driver' });
    expect(counted.changes.find(({ kind }) => kind === 'batch')!.why).toMatch(/^One box .*withdrawn/);
  });

  it('keeps what was done about it', () => {
    const called = { ...by(), note: 'N' };
    const made = told(late({ response: { breachOf: dueAt, openedAt: dueAt, called } }), dueAt);
    expect(made.batch.response).toMatchObject({ called });
  });

  it.each([
    ['after the date', late(), dueAt + 1],
    ['the breach of another date', late({ breachOf: dueAt - 5 }), dueAt],
    ['nothing on record', late({ breachOf: undefined } as never), dueAt],
  ])('%s: nothing is withdrawn', (_what, held, done) => {
    const made = told(held, done);
    expect(made.batch).not.toHaveProperty('breachWithdrawn');
    expect(made.batch.breachOf).toBe(held.breachOf);
  });
});

describe('the directory', () => {
  it('a place of an open route is in use, and a merge turns its stops', () => {
    const one = route({ stops: { a: stop(home), c: stop({ kind: 'customer', id: 'customer' }) } });
    expect(pointsAt('route', one, 'customer', 'customer')).toBe(true);
    expect(pointsAt('route', one, 'customer', 'other')).toBe(false);
    expect(isInUse('route', one)).toBe(true);
    expect(isInUse('route', route({ status: 'finished' }))).toBe(false);
    expect(turned('route', one, 'customer', 'customer', 'into')).toEqual({ 'stops.c.place.id': 'into' });
    expect(turned('route', one, 'branch', 'north', 'into')).toEqual({ branch: 'into', 'stops.a.place.id': 'into' });
  });

  it('erasing a customer’s contacts reaches its stops, and who received there', () => {
    const stops = { a: stop({ kind: 'customer', id: 'customer' }), b: stop(center) };
    const places = { a: { name: 'Vantor', phone: '1234', address: 'A' }, b: { name: 'Precisia', phone: '5678' } };
    const one = route({ stops, places, receivers: { 'a/1': 'M. Devries', 'b/1': 'Counter' } });
    const decision = decide(
      'customer.eraseContacts',
      { id: 'customer', rev: 1 },
      {
        routes: [one],
        more: { 'customer/customer': { ...directory['customer/customer'], rev: 1 } },
      },
    );
    expect(decision).toMatchObject({
      ok: true,
      changes: [
        { kind: 'customer', unset: ['contactPhone'] },
        { kind: 'route', set: { 'places.a': { name: 'Vantor' } }, unset: ['receivers.a/1'] },
      ],
    });
  });
});

describe('problems and plans', () => {
  it('a problem is open until it is solved, also on a route that is over', () => {
    const given = { routes: [route({ status: 'finished', stops: {} })] };
    const made = after('route.report', { id, problem: 'p', reason: 'road', text: 'T' }, given);
    expect(made.route.problems!['p']).toEqual({ at: now, by: 'driver', reason: 'road', text: 'T' });
    const routes = [{ ...made.route, rev: 8 }];
    expect(codeOf(decide('route.report', { id, problem: 'p', reason: 'road' }, { routes }))).toBe('already_exists');
    const solved = after('route.resolve', { id, problem: 'p', how: 'H' }, { routes, at: desk });
    expect(solved.route.problems!['p']!.resolved).toEqual({ at: now, by: 'desk', how: 'H' });
    expect(codeOf(decide('route.resolve', { id, problem: 'p' }, { routes: [solved.route] }))).toBe('nothing_to_change');
    expect(codeOf(decide('route.resolve', { id, problem: '?' }, { routes }))).toBe('not_found');
  });

  it('what was not accepted may be of a stop that is gone', () => {
    const args = { id, problem: 'p', stop: 'gone' };
    expect(codeOf(decide('route.report', { ...args, reason: 'closed' }))).toBe('unknown_reference');
    expect(codeOf(decide('route.report', { ...args, reason: 'not_accepted' }))).toBe('ok');
  });

  it.each([
    [1, undefined, 'ok'],
    [2, { plan: 1, at: now }, 'ok'],
    [2, { plan: 2, at: now }, 'nothing_to_change'],
    [3, undefined, 'bad_request'],
  ])('plan %i after %j is acknowledged: %s', (number, acknowledged, code) => {
    const routes = [route(acknowledged ? { acknowledged } : {})];
    expect(codeOf(decide('route.acknowledge', { id, plan: number }, { routes }))).toBe(code);
  });

  it('is archived when it is over, without what its driver had to know of the places', () => {
    expect(codeOf(decide('route.archive', { id }))).toBe('illegal_step');
    const made = after('route.archive', { id }, { routes: [route({ status: 'finished', stops: {} })] });
    expect(made.route.archivedAt).toBe(now);
    expect(made.route).not.toHaveProperty('places');
  });
});
