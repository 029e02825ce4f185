import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BatchInView } from './schema.ts';
import type { BatchSort } from './sort.ts';
import { orderOf, sortBatches, sortFields, sortFrom, sortText, usualSort } from './sort.ts';
import { statuses } from './steps.ts';

const now = 1_790_000_000_000;
const hour = 3_600_000;
const id = (n: number) => `0190a0a0-0000-7000-8000-${String(n).padStart(12, '0')}`;
const names: { [id: string]: string } = { [id(1)]: 'alpha', [id(2)]: 'Beta', [id(3)]: 'ÄLPHA', [id(4)]: 'Beta 10' };
const context = { now, nameOf: (_kind: string, of: string) => names[of] ?? '–' };

const batch = (n: number, fields: Partial<BatchInView> = {}): BatchInView => ({
  id: id(100 + n),
  org: id(0),
  rev: 1,
  reference: `B-${998 + n}`,
  branch: id(1),
  customer: id(1),
  center: id(1),
  status: 'draft',
  since: now,
  steps: {},
  partCount: 1,
  dueAt: now,
  promisedAt: now,
  createdAt: now,
  createdBy: id(9),
  ...fields,
});
const orderFor = (sort: BatchSort, batches: BatchInView[]) =>
  sortBatches(batches, sort, context).map((one) => Number(one.id.slice(-3)) - 100);

describe('orders', () => {
  it.each<[string, Partial<BatchInView>[], number[]]>([
    ['reference', [{ reference: 'B-1000' }, { reference: 'B-999' }, { reference: 'B-10000' }], [1, 0, 2]],
    ['customer', [{ customer: id(4) }, { customer: id(2) }, { customer: id(3) }, { customer: id(1) }], [2, 3, 1, 0]],
    ['driver', [{}, { driver: id(2) }, { driver: id(1) }], [2, 1, 0]],
    ['-driver', [{}, { driver: id(2) }, { driver: id(1) }], [0, 1, 2]],
    ['status', [{ status: 'completed' }, { status: 'sealed' }, { status: 'draft' }], [2, 1, 0]],
    ['parts', [{ partCount: 10 }, { partCount: 9 }], [1, 0]],
    ['-parts', [{ partCount: 9 }, { partCount: 10 }, { partCount: 10 }], [2, 1, 0]],
    ['sla', [{ dueAt: now + 1 }, { status: 'completed' }, { dueAt: now - 1 }], [2, 0, 1]],
    [
      'pressing',
      [
        { status: 'completed', since: now - hour },
        { dueAt: now + hour },
        { status: 'completed', since: now },
        { dueAt: now - hour },
      ],
      [3, 1, 2, 0],
    ],
  ])('%s', (sort, fields, expected) => {
    const batches = fields.map((one, n) => batch(n, one));
    expect(orderFor(sortFrom(sort)!, batches)).toEqual(expected);
  });

  it('the usual one is the pressing one', () => expect(sortText(usualSort)).toBe('pressing'));
  it.each(['', 'name', '--dueAt', undefined, null])('%j is no order', (text) => expect(sortFrom(text)).toBeUndefined());
  it('comes back as it was written', () => {
    for (const field of sortFields)
      for (const descending of [true, false])
        expect(sortFrom(sortText({ field, descending }))).toEqual({ field, descending });
  });
});

it('one list is in the same order whether it was sorted at once or place by place', () => {
  const batches = fc.array(
    fc.record({
      customer: fc.constantFrom(id(1), id(2), id(3), id(4), id(5)),
      driver: fc.constantFrom(undefined, id(1), id(2), id(3)),
      status: fc.constantFrom(...statuses),
      dueAt: fc.integer({ min: now - 3, max: now + 3 }),
      partCount: fc.integer({ min: 0, max: 3 }),
    }),
    { maxLength: 30 },
  );
  const sorts = fc.record({ field: fc.constantFrom(...sortFields), descending: fc.boolean() });
  fc.assert(
    fc.property(batches, sorts, (given, sort) => {
      const list = given.map(({ driver, ...rest }, n) => batch(n, { ...rest, ...(driver ? { driver } : {}) }));
      const { placeOf, compare } = orderOf(sort, context);
      const byPlace = list.toSorted((a, b) => compare(placeOf(a), placeOf(b)));
      expect(sortBatches(list, sort, context).map((one) => one.id)).toEqual(byPlace.map((one) => one.id));
    }),
  );
});
