import { expect, it } from 'vitest';
import { decideImport, type Import } from '../protocol/import.ts';
import type { DecideContext, StateView } from '../protocol/decision.ts';
import { placesFollow } from './places.ts';

const at = (kind: string, id: string, more: object = {}) => ({
  place: { kind, id },
  pickUp: [],
  handOver: [],
  ...more,
});
const route = {
  ...{ id: 'r', rev: 1, status: 'under_way', order: ['past', 'one', 'two'], places: {} },
  stops: { past: at('customer', 'a', { departed: { at: 1 } }), one: at('customer', 'a'), two: at('center', 'c') },
};
const records: { [key: string]: object } = {
  'customer/a': { id: 'a', rev: 1, name: 'A', contactPhone: '1' },
  'center/c': { id: 'c', rev: 1, name: 'C', phone: '2' },
  'route/r': route,
};
const stateOf = (own = route): StateView =>
  ({
    get: (kind: string, id: string) => records[`${kind}/${id}`],
    all: (kind: string) => (kind === 'route' ? [own] : []),
    openBatchOf: () => undefined,
    entriesOf: () => [],
    pointingAt: () => undefined,
  }) as unknown as StateView;

it.each([
  ['a stop that is ahead', 'customer', 'a', route, ['places.one']],
  ['nobody at another place', 'customer', 'b', route, []],
  ['nobody where only the id is the same', 'branch', 'a', route, []],
  ['nobody of what is no place', 'team', 'a', route, []],
  ['nobody once the route is over', 'customer', 'a', { ...route, status: 'finished' }, []],
])('another number reaches %s', (_, kind, id, own, paths) => {
  const changes = placesFollow(stateOf(own as never), kind, id, { name: 'A', contactPhone: '9', phone: '9' });
  expect(changes.flatMap(({ set }) => Object.keys(set))).toEqual(paths);
});

it('an import that changes several places of a route changes the route once', () => {
  const commands = [
    { name: 'customer.edit', args: { id: 'a', rev: 1, contactPhone: '8' } },
    { name: 'center.edit', args: { id: 'c', rev: 1, phone: '9' } },
  ] as unknown as Import['commands'];
  const decision = decideImport(stateOf(), { commands }, {
    principal: { org: 'o' },
    now: 1,
  } as unknown as DecideContext);
  const own = decision.ok ? decision.changes.filter(({ kind }) => kind === 'route') : [];
  expect(own.map(({ set }) => set)).toEqual([
    { 'places.one': { name: 'A', phone: '8' }, 'places.two': { name: 'C', phone: '9' } },
  ]);
});
