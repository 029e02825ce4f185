import type { BatchInView } from '@opsboard/shared/batches/schema';
import type { Route, Stop } from '@opsboard/shared/routes/schema';
import { describe, expect, it } from 'vitest';
import { byLatest, driversToday, inMotion } from './today.ts';

const minute = 60_000;
const now = Date.UTC(2026, 9, 15, 9);
const today = '2026-10-15';

const batchOf = (id: string, more: Partial<BatchInView> = {}): BatchInView =>
  ({ id, status: 'in_transit_back', driver: 'd', dueAt: now + minute, steps: {}, ...more }) as BatchInView;
const routeOf = (id: string, more: Partial<Route> = {}, stop: Partial<Stop> = {}): Route =>
  ({
    ...{ id, branch: 'home', day: today, driver: 'd', status: 'under_way', startedAt: now, order: ['a'] },
    stops: { a: { place: { kind: 'customer', id: 'c' }, pickUp: [], handOver: [], ...stop } },
    ...more,
  }) as Route;
const given = { now, today, positionOf: () => undefined, startOf: () => undefined };
const lines = (routes: Route[], batches: BatchInView[] = []) => driversToday(routes, inMotion(batches).by, given);

describe('who drives today', () => {
  it('one line for each driver: the route that is under way, else the next of today', () => {
    const routes = [
      routeOf('later', { status: 'planned', startAt: now + 2 * minute }),
      routeOf('now'),
      routeOf('e2', { driver: 'e', status: 'planned', startAt: now + 9 * minute }),
      routeOf('e1', { driver: 'e', status: 'planned', startAt: now + minute }),
      routeOf('tomorrow', { driver: 'f', status: 'planned', day: '2026-10-16' }),
      routeOf('over', { driver: 'g', status: 'finished' }),
    ];
    expect(lines(routes).map(({ driver, route }) => [driver, route.id])).toEqual([
      ['d', 'now'],
      ['e', 'e1'],
    ]);
  });

  it('with what they carry, the nearest date first, and the worst of it', () => {
    const batches = [batchOf('x'), batchOf('late', { dueAt: now - 1 }), batchOf('home', { status: 'completed' })];
    const [line] = lines([routeOf('r')], batches);
    expect(line!.carries.map(({ id }) => id)).toEqual(['late', 'x']);
    expect([line!.sla, line!.due!.id]).toEqual(['breached', 'late']);
  });

  it.each<[string, Partial<Stop>, number | undefined]>([
    ['nothing was planned', {}, undefined],
    ['in its window', { from: now - minute, to: now + minute, plannedAt: now - 30 * minute }, 0],
    ['after its window', { from: now - 30 * minute, to: now - 5 * minute }, 5 * minute],
    ['before its window', { from: now + 7 * minute, to: now + 30 * minute }, -7 * minute],
    ['a little after its planned time, which nobody calls late', { plannedAt: now - 9 * minute }, 0],
    ['long after it', { plannedAt: now - 25 * minute }, 15 * minute],
    ['before it', { plannedAt: now + 4 * minute }, -4 * minute],
  ])('late by: %s', (_, stop, late) => expect(lines([routeOf('r', {}, stop)])[0]!.late).toBe(late));

  it('latest first, and last those of whom nothing was planned', () => {
    const routes = [
      routeOf('none', { driver: '1' }),
      routeOf('fine', { driver: '2' }, { to: now + minute }),
      routeOf('late', { driver: '3' }, { to: now - minute }),
    ];
    expect(lines(routes).toSorted(byLatest).map(({ route }) => route.id)).toEqual(['late', 'fine', 'none']); // prettier-ignore
  });
});
