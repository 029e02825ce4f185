import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Batch } from '@opsboard/shared/batches/schema';
import { batch as batchShape } from '@opsboard/shared/batches/schema';
import type { Status } from '@opsboard/shared/batches/steps';
import { expectedCount, statuses } from '@opsboard/shared/batches/steps';
import type { Principal } from '@opsboard/shared/protocol/actors';
import { commands } from '@opsboard/shared/protocol/commands';
import type { Command } from '@opsboard/shared/protocol/envelope';
import type { Kind } from '@opsboard/shared/protocol/kinds';
import { sameValue } from '@opsboard/shared/protocol/patch';
import { proposeStops } from '@opsboard/shared/routes/propose';
import type { PlannedStop, Route } from '@opsboard/shared/routes/schema';
import { route as routeShape } from '@opsboard/shared/routes/schema';
import { hasEnded, isDone, isReached, nextStop, undoneAt } from '@opsboard/shared/routes/stops';
import { onRouteFault, routeFault } from '@opsboard/shared/routes/whole';
import { PureBoard } from '../../../test/support/pure-board.ts';
import { newId } from '../platform/ids.ts';

const org = newId();
const ids = {
  branches: [newId(), newId()],
  customer: newId(),
  centers: [newId(), newId()],
  drivers: [newId(), newId()],
};
const me: Principal = { type: 'person', org, id: newId(), role: 'admin' };
const archiver: Principal = { type: 'system', org, id: 'archive' };
const batchIds = Array.from({ length: 4 }, () => newId());
const begun: readonly Status[] = ['sealed', 'sealed', 'at_center', 'in_transit_back'];
const routeIds = Array.from({ length: 3 }, () => newId());
const minute = 60_000;
const start = 1_760_000_000_000;
const reason = 'because';

/** Who sends it: an archive, the driver of the route where only a driver may, else somebody at a desk. */
function newBoard(): PureBoard {
  const made: PureBoard = new PureBoard(org, ({ name, args }) => {
    if (name.endsWith('.archive')) return archiver;
    const driver = name === 'route.acknowledge' ? made.get('route', (args as { id: string }).id)?.driver : undefined;
    return driver === undefined ? me : { type: 'person', org, id: driver, role: 'driver' };
  });
  const put = (kind: Kind, id: string, fields: object) => made.put(kind, id, { createdAt: start, ...fields });
  put('organization', org, { name: 'O', timeZone: 'UTC', undoSeconds: 36_000, archiveAfterDays: 3 });
  put('person', me.id, { name: 'A', email: 'a@x.test', role: 'admin', passwordHash: '' });
  for (const id of ids.drivers)
    put('person', id, { name: id, email: `${id}@x.test`, role: 'driver', passwordHash: '' });
  for (const id of ids.branches) put('branch', id, { name: 'Branch', address: 'Street 1' });
  put('customer', ids.customer, { name: 'C', slaHours: 48, contactPhone: '1234' });
  for (const id of ids.centers) put('center', id, { name: 'S', phone: '1234' });
  batchIds.forEach((id, i) =>
    put('batch', id, {
      reference: `B-${i}`,
      branch: ids.branches[i % 2],
      customer: ids.customer,
      center: ids.centers[i % 2],
      // Two to go out, one to come back, and one on its way home.
      ...(i >= 2 && { driver: ids.drivers[1] }),
      status: begun[i],
      since: start,
      steps: Object.fromEntries(
        statuses.slice(0, statuses.indexOf(begun[i]!) + 1).map((status) => [status, { at: start, by: me.id }]),
      ),
      parts: { [`P${i}A`]: { addedAt: start }, [`P${i}B`]: { addedAt: start } },
      partCount: 2,
      dueAt: start + 48 * 60 * minute,
      promisedAt: start + 48 * 60 * minute,
      createdBy: me.id,
    }),
  );
  return made;
}

const allOf = <K extends 'batch' | 'route'>(board: PureBoard, kind: K) =>
  [...board.records].flatMap(([key, record]) => (key.startsWith(`${kind}/`) ? [record] : [])) as (K extends 'batch'
    ? Batch
    : Route)[];

/** Everything that must be true of every route and of what is on it, whatever was done. */
function checkBoard(board: PureBoard): void {
  for (const route of allOf(board, 'route')) {
    routeShape.parse(route);
    expect(routeFault(route, board), route.reference).toBeUndefined();
    let last = 0;
    for (const { arrived, departed, done } of route.order.map((id) => route.stops[id]!)) {
      const times = [arrived?.at, ...Object.values(done ?? {}).map(({ at }) => at), departed?.at];
      const known = times.filter((at) => at !== undefined);
      expect(Math.min(last, ...known), 'stops in order of time').toBe(
        known.length === 0 ? last : Math.min(last, ...known),
      );
      for (const at of known) expect(at, 'no step before the one before').toBeGreaterThanOrEqual(arrived?.at ?? 0);
      if (arrived) expect(arrived.at).toBeGreaterThanOrEqual(last);
      last = Math.max(last, ...known);
    }
    const places = route.archivedAt === undefined ? Object.keys(route.stops) : [];
    expect(Object.keys(route.places ?? {}).sort(), 'places of the stops, and no others').toEqual(places.sort());
    if (route.acknowledged) expect(route.acknowledged.plan).toBeLessThanOrEqual(route.plan);
  }
  for (const batch of allOf(board, 'batch')) {
    batchShape.parse(batch);
    expect(onRouteFault(batch, board), batch.reference).toBeUndefined();
    const taken = statuses.filter((status) => batch.steps[status]);
    expect(taken).toEqual(statuses.slice(0, statuses.indexOf(batch.status) + 1));
    for (const [i, status] of taken.slice(1).entries())
      expect(batch.steps[status]!.at).toBeGreaterThanOrEqual(batch.steps[taken[i]!]!.at);
    expect(batch.since).toBe(batch.steps[batch.status]!.at);
    if (batch.status === 'sealed' && batch.handover) expect(batch.handover.to).toBe(batch.driver);
    checkSaid(board, batch);
  }
}

/** Each step that was made at a stop is said there, and nothing is said there that was not made. */
function checkSaid(board: PureBoard, batch: Batch): void {
  const made = statuses.flatMap((status) => {
    const step = batch.steps[status];
    return step?.route === undefined || board.get('route', step.route)?.archivedAt !== undefined
      ? []
      : [`${step.route} ${step.at} ${status === 'at_center' || status === 'completed' ? 'hand_over' : 'pick_up'}`];
  });
  const said = allOf(board, 'route').flatMap((route) =>
    route.archivedAt !== undefined
      ? []
      : Object.values(route.stops).flatMap((stop) =>
          isDone(stop, batch.id) ? [`${route.id} ${stop.done![batch.id]!.at} ${stop.done![batch.id]!.what}`] : [],
        ),
  );
  expect(said.sort(), `what stops say of ${batch.reference}`).toEqual(made.sort());
}

/** What a driver has done stays done, in the order in which it was done. */
function checkKept(before: Route | undefined, after: Route): void {
  if (!before) return;
  const reached = before.order.filter((id) => isReached(before.stops[id]!));
  expect(after.order.slice(0, reached.length), 'no stop that was reached is reordered').toEqual(reached);
  for (const id of reached) {
    const [was, is] = [before.stops[id]!, after.stops[id]!];
    expect(is.arrived).toEqual(was.arrived);
    if (hasEnded(was)) expect([is.departed, is.skipped]).toEqual([was.departed, was.skipped]);
    expect(is.place).toEqual(was.place);
  }
}

const names = [
  ...[
    'create',
    'create',
    'plan',
    'plan',
    'assign',
    'edit',
    'cancel',
    'start',
    'start',
    'report',
    'resolve',
    'acknowledge',
  ],
  ...['drive', 'drive', 'drive', 'drive', 'drive', 'drive', 'drive', 'drive', 'drive', 'drive'],
  ...['arrive', 'depart', 'skip', 'finish', 'archive'],
  ...['next', 'takeBack', 'takeBack', 'reopen', 'assignDriver', 'batchHandOver', 'split', 'undo', 'undo'],
];
type Deed = {
  name: string;
  route: number;
  batch: number;
  other: number;
  picked: number[];
  exact: boolean;
  late: number;
};
const deed: fc.Arbitrary<Deed> = fc.record({
  name: fc.constantFrom(...names),
  route: fc.nat(routeIds.length - 1),
  batch: fc.nat(batchIds.length - 1),
  other: fc.nat(5),
  picked: fc.uniqueArray(fc.nat(batchIds.length - 1), { minLength: 1, maxLength: 4 }),
  exact: fc.nat(9).map((n) => n < 8),
  late: fc.constantFrom(0, 0, 1, 5, 90),
});

/** Stops for some batches, as proposed; or with the last one first, which mostly cannot be. */
function stopsFor(board: PureBoard, { picked, exact, other }: Deed): PlannedStop[] {
  const batches = picked.flatMap((i) => board.get('batch', batchIds[i]!) ?? []);
  const stops = proposeStops(batches, newId);
  if (other === 5) stops.push({ id: newId(), place: { kind: 'customer', id: ids.customer }, pickUp: [], handOver: [] });
  return exact ? stops : stops.reverse();
}

const planned = (route: Route): PlannedStop[] =>
  route.order.flatMap((id) => {
    const { place, pickUp, handOver, note } = route.stops[id]!;
    return isReached(route.stops[id]!) ? [] : [{ id, place, pickUp, handOver, ...(note ? { note } : {}) }];
  });

/** What a driver would do next. */
function driven(board: PureBoard, route: Route | undefined, { other, exact }: Deed): [string, object] {
  const id = route?.id ?? routeIds[0]!;
  const stop = route && nextStop(route);
  if (!route || stop === undefined || route.status === 'planned') return ['route.start', { id }];
  const at = route.stops[stop]!;
  const [next] = undoneAt(at);
  if (!at.arrived && other < 3) return ['route.arrive', { id, stop }];
  if (!next) return at.arrived ? ['route.depart', { id, stop }] : ['route.arrive', { id, stop }];
  const batch = board.get('batch', next.batch)!;
  const parts = Object.keys(batch.parts).filter((part) => !batch.parts[part]!.out);
  const args = exact
    ? { count: expectedCount(batch), ...(other === 4 ? { scanned: parts } : {}) }
    : { count: 1, reason, ...(other === 4 ? { scanned: [...parts.slice(1), 'PX'] } : {}) };
  return [
    next.what === 'pick_up' ? 'route.pickUp' : 'route.handOver',
    { id, stop, batch: next.batch, ...args, ...(next.what === 'hand_over' ? { receiver: 'Somebody' } : {}) },
  ];
}

/** Deeds at a batch, whether there are routes or not. */
const ofBatches = new Set(['next', 'takeBack', 'reopen', 'assignDriver', 'batchHandOver', 'split', 'undo']);

/** The command that a deed comes to on the board as it is. */
function commandOf(board: PureBoard, one: Deed, last: string[]): [string, object] {
  const { other, exact } = one;
  const id = routeIds[one.route]!;
  const route = board.get('route', id);
  // Mostly something can be done: a route that is not there is made, and one that is over goes out of sight.
  const over = route?.status === 'finished' || route?.status === 'cancelled';
  const name =
    ofBatches.has(one.name) || !exact ? one.name : !route ? 'create' : over && other === 0 ? 'archive' : one.name;
  const batchId = batchIds[one.batch]!;
  const batch = board.get('batch', batchId)!;
  const driver = ids.drivers[other % 2]!;
  const anyStop = route?.order[other % Math.max(1, route.order.length)] ?? newId();
  switch (name) {
    case 'create': {
      const free = {
        ...one,
        picked: one.picked.filter((i) => !exact || board.get('batch', batchIds[i]!)?.route === undefined),
      };
      return [
        'route.create',
        {
          id,
          branch: ids.branches[other % 2],
          day: '2026-03-02',
          ...(other === 4 ? {} : { driver }),
          stops: stopsFor(board, free),
        },
      ];
    }
    case 'plan': {
      if (!route) return ['route.plan', { id, plan: 1, stops: [] }];
      const now = planned(route);
      const plans: PlannedStop[][] = [
        now.toReversed(),
        now.slice(1),
        [...now, ...stopsFor(board, one)],
        [...stopsFor(board, one), ...now],
        now.map((stop, i) => (i === 0 ? { ...stop, note: 'N' } : stop)),
        now.map((stop, i) => (i === 0 ? { ...stop, pickUp: [], handOver: [] } : stop)),
      ];
      return ['route.plan', { id, plan: route.plan - (exact ? 0 : 1) || 1, stops: plans[other]! }];
    }
    case 'assign':
      return ['route.assign', { id, plan: route?.plan ?? 1, driver: exact ? driver : null }];
    case 'edit':
      return ['route.edit', { id, rev: route?.rev ?? 1, vehicle: `V${other}` }];
    case 'cancel':
      return ['route.cancel', { id, reason }];
    case 'start':
    case 'finish':
      return [`route.${name}`, { id }];
    case 'archive':
      return other < 1 ? ['route.archive', { id }] : ['route.finish', { id }];
    case 'arrive':
    case 'depart':
      return [`route.${name}`, { id, stop: anyStop }];
    case 'skip':
      return ['route.skip', { id, stop: anyStop, reason }];
    case 'drive':
      return driven(board, route, one);
    case 'report':
      return ['route.report', { id, problem: batchId, reason: 'road' }];
    case 'resolve':
      return ['route.resolve', { id, problem: (exact && Object.keys(route?.problems ?? {})[0]) || batchId }];
    case 'acknowledge':
      return ['route.acknowledge', { id, plan: route?.plan ?? 1 }];
    case 'next': {
      const count = expectedCount(batch);
      const next: { readonly [S in Status]: [string, object] } = {
        draft: ['batch.seal', { id: batchId, count }],
        sealed: ['batch.depart', { id: batchId, driver }],
        in_transit_to_center: ['batch.arrive', { id: batchId }],
        at_center: ['batch.departBack', { id: batchId, driver }],
        in_transit_back: ['batch.complete', { id: batchId, count }],
        completed: ['batch.reopen', { id: batchId, reason }],
      };
      return next[batch.status];
    }
    case 'takeBack':
      return batch.status === 'completed'
        ? ['batch.reopen', { id: batchId, reason }]
        : ['batch.takeBack', { id: batchId, from: batch.status, reason }];
    case 'reopen':
      return ['batch.reopen', { id: batchId, reason }];
    case 'assignDriver':
      return ['batch.assignDriver', { id: batchId, rev: batch.rev, driver: exact ? driver : null }];
    case 'batchHandOver':
      return ['batch.handOver', { id: batchId, driver, count: expectedCount(batch) }];
    case 'split':
      return ['batch.settleParts', { id: batchId, parts: [Object.keys(batch.parts)[0]!], how: 'lost', reason }];
    default:
      return ['undo', { commandId: last[other % Math.max(1, last.length)] ?? newId() }];
  }
}

/** What only the desk may take back; a driver's step is put right by taking back the batch's. */
const undoable = new Set(['route.edit', 'route.assign', 'route.plan', 'route.cancel']);

describe('[D1] routes and what is on them under any sequence of commands', () => {
  it('never reach an illegal state, what was driven stays, and undo is the inverse', { timeout: 120_000 }, () => {
    const done = new Map<string, number>();
    const count = (name: string) => done.set(name, (done.get(name) ?? 0) + 1);
    fc.assert(
      fc.property(fc.array(deed, { minLength: 40, maxLength: 110 }), (deeds) => {
        const board = newBoard();
        const last: string[] = [];
        let at = start + 1e6;
        for (const one of deeds) {
          at += 2 * minute;
          const [name, args] = commandOf(board, one, last);
          const doneAt = one.late > 0 ? { doneAt: at - one.late * minute } : {};
          const command = { commandId: newId(), name, args, ...doneAt } as Command;
          commands[command.name].args.parse(command.args);
          const before = new Map(board.records);
          const [code] = board.send(at, command);
          if (code !== undefined) {
            expect(new Map(board.records), `${name} was refused`).toEqual(before);
            count(`refused ${code}`);
            continue;
          }
          count(name);
          last.unshift(command.commandId);
          checkBoard(board);
          for (const route of allOf(board, 'route'))
            checkKept(before.get(`route/${route.id}`) as Route | undefined, route);
          const undone = board.copy();
          const undo = { commandId: newId(), name: 'undo', args: { commandId: command.commandId } } as Command;
          const [refused] = undone.send(at, undo);
          if (refused !== undefined) {
            if (undoable.has(name)) throw new Error(`${name} could not be undone at once: ${refused}`);
            continue;
          }
          count(`undone ${name}`);
          checkBoard(undone);
          for (const [key, record] of undone.records) {
            const was = before.get(key);
            // Who had a route in between may still have a phone with what was done on it: that is never taken back.
            const had = (each: object | undefined): string[] => (each as Route | undefined)?.formerDrivers ?? [];
            expect(had(record), `${key} still knows who had it`).toEqual(expect.arrayContaining(had(was)));
            const [left, right] = [record, was].map((each) => {
              return { ...each, rev: 0, plan: 0, edited: 0, formerDrivers: [] };
            });
            expect(
              sameValue(left, right),
              `undo of ${name} on ${key}: ${JSON.stringify(left)} was ${JSON.stringify(right)}`,
            ).toBe(true);
          }
        }
      }),
      { numRuns: 150 },
    );
    // What was never done was not tried.
    for (const verb of Object.keys(commands).filter(
      (name) => name.startsWith('route.') && !name.startsWith('route.erase'),
    ))
      expect.soft(done.get(verb) ?? 0, verb).toBeGreaterThan(0);
    for (const verb of ['batch.takeBack', 'batch.reopen', 'undo'])
      expect.soft(done.get(verb) ?? 0, verb).toBeGreaterThan(0);
    for (const verb of undoable) expect.soft(done.get(`undone ${verb}`) ?? 0, verb).toBeGreaterThan(0);
    expect(done.get('refused on_route')).toBeGreaterThan(5);
    expect(done.get('route.handOver')).toBeGreaterThan(5);
  });

  it('a batch is on one route when several desks plan it in the same round', () => {
    fc.assert(
      fc.property(fc.array(fc.array(deed, { minLength: 2, maxLength: 8 }), { maxLength: 20 }), (rounds) => {
        const board = newBoard();
        for (const [i, round] of rounds.entries()) {
          const sent = round.map((one) => {
            const [name, args] = commandOf(board, { ...one, exact: true }, []);
            return { commandId: newId(), name, args } as Command;
          });
          board.send(start + 1e6 + i * 1_000, ...sent);
          checkBoard(board);
        }
      }),
      { numRuns: 60 },
    );
  });
});
