import { describe, expect, it } from 'vitest';
import type { BatchFilter } from './filter.ts';
import { filterFrom, matcher, narrowing, noFilter, queryOf } from './filter.ts';
import type { Batch } from './schema.ts';

const hour = 3_600_000;
/** Noon in Berlin, on Friday 20 November. */
const now = Date.UTC(2026, 10, 20, 11);
const id = (n: number) => `0190a0a0-0000-7000-8000-${String(n).padStart(12, '0')}`;

const batch = (fields: Partial<Batch> = {}): Batch => ({
  id: id(1),
  org: id(0),
  rev: 1,
  reference: 'B-2001',
  branch: id(901),
  customer: id(902),
  center: id(903),
  status: 'at_center',
  since: now,
  steps: {},
  parts: { 'PMP-7': { addedAt: now } },
  partCount: 1,
  dueAt: now + 24 * hour,
  promisedAt: now + 24 * hour,
  createdAt: now,
  createdBy: id(904),
  ...fields,
});

const names: { [id: string]: string } = { [id(902)]: 'Zoë Medical', [id(903)]: 'Kestrel Repair' };
const context = { now, zone: 'Europe/Berlin', nameOf: (_kind: string, of: string) => names[of] ?? '–' };
const yes = true;
const no = false;

describe('filters', () => {
  it('what was merged since is asked for as what it is now, and as what it was', () => {
    const standsFor = (_kind: string, of: string): string => (of === id(900) ? id(902) : of);
    const passes = matcher({ ...noFilter, customer: [id(900)] }, { ...context, standsFor });
    const found = [id(902), id(900), id(901)].map((customer) => passes(batch({ customer })));
    expect(found).toEqual([yes, yes, no]);
  });

  it.each<[string, Partial<Batch>, Partial<BatchFilter>, boolean]>([
    ['nothing asked', {}, {}, yes],
    ['status in the list', {}, { status: ['draft', 'at_center'] }, yes],
    ['status not in the list', {}, { status: ['draft'] }, no],
    ['its branch', {}, { branch: [id(1), id(901)] }, yes],
    ['another branch', {}, { branch: [id(1)] }, no],
    ['no driver', {}, { driver: [id(1)] }, no],
    ['no driver, and none is asked for', {}, { driver: ['none', id(1)] }, yes],
    ['its driver', { driver: id(1) }, { driver: [id(1)] }, yes],
    ['a driver, and none is asked for', { driver: id(1) }, { driver: ['none'] }, no],
    ['two, one fails', {}, { customer: [id(902)], center: [id(1)] }, no],
    ['not yet breached at the very millisecond', { dueAt: now }, { sla: ['breached'] }, no],
    ['breached one millisecond later', { dueAt: now - 1 }, { sla: ['breached'] }, yes],
    ['breached is not on track', { dueAt: now - 1 }, { sla: ['on_track'] }, no],
    ['completed has no SLA status', { status: 'completed' }, { sla: ['on_track'] }, no],
    ['due today', { dueAt: now + hour }, { due: 'today' }, yes],
    ['breached today is not due any more', { dueAt: now - hour }, { due: 'today' }, no],
    ['due at the next midnight', { dueAt: now + 12 * hour }, { due: 'today' }, no],
    ['due a millisecond before', { dueAt: now + 12 * hour - 1 }, { due: 'today' }, yes],
    ['completed is not due', { dueAt: now + hour, status: 'completed' }, { due: 'today' }, no],
    ['due soon', { dueAt: now + 72 * hour }, { due: 'soon' }, yes],
    ['due later', { dueAt: now + 72 * hour + 1 }, { due: 'soon' }, no],
    ['from its day', {}, { from: '2026-11-21' }, yes],
    ['from the day after', {}, { from: '2026-11-22' }, no],
    ['to its day', {}, { to: '2026-11-21' }, yes],
    ['to the day before', {}, { to: '2026-11-20' }, no],
    ['the first moment of the day', { dueAt: now + 12 * hour }, { from: '2026-11-21', to: '2026-11-21' }, yes],
    ['the moment before', { dueAt: now + 12 * hour - 1 }, { from: '2026-11-21', to: '2026-11-21' }, no],
    ['completed today', { status: 'completed', since: now - 12 * hour }, {}, yes],
    ['completed yesterday', { status: 'completed', since: now - 12 * hour - 1 }, {}, no],
    ['completed yesterday, all', { status: 'completed', since: now - 30 * hour }, { completed: 'all' }, yes],
    ['its part', {}, { part: 'PMP-7' }, yes],
    ['the beginning of a part is not the part', {}, { part: 'PMP' }, no],
    ['what every object has is not a part', {}, { part: 'constructor' }, no],
    ['a piece of the reference', {}, { q: 'b-20' }, yes],
    ['another reference', {}, { q: 'b-21' }, no],
    ['a piece of the customer', {}, { q: ' ZOË ' }, yes],
    ['a piece of the center', {}, { q: 'kestrel r' }, yes],
    ['a whole part', {}, { q: 'pmp-7' }, yes],
    ['a piece of a part', {}, { q: 'pmp' }, no],
  ])('%s', (_what, fields, filter, verdict) => {
    expect(matcher({ ...noFilter, ...filter }, context)(batch(fields))).toBe(verdict);
  });

  it('asks the holders where batches carry no parts', () => {
    const { parts: _parts, ...bare } = batch();
    const passes = (filter: Partial<BatchFilter>, holders: { part?: Set<string>; q?: Set<string> }) =>
      matcher({ ...noFilter, ...filter }, { ...context, holders })(bare);
    expect(passes({ part: 'PMP-7' }, { part: new Set([id(1)]) })).toBe(yes);
    expect(passes({ part: 'PMP-7' }, { part: new Set() })).toBe(no);
    expect(passes({ q: 'pmp-7' }, { q: new Set([id(1)]) })).toBe(yes);
    expect(passes({ q: 'pmp-7' }, { q: new Set() })).toBe(no);
    expect(passes({ q: '2001' }, { q: new Set() })).toBe(yes);
  });
});

describe('the address', () => {
  const filters: Partial<BatchFilter>[] = [
    {},
    { status: ['draft', 'completed'], sla: ['breached'] },
    { branch: [id(1), id(2)], customer: [id(3)], center: [id(4)], driver: ['none', id(5)] },
    { due: 'soon', completed: 'all' },
    { from: '2026-11-01', to: '2026-11-30', q: 'Zoë & Söhne', part: 'PMP-7/B' },
  ];
  it.each(filters)('comes back as it went: %j', (filter) => {
    const whole = { ...noFilter, ...filter };
    expect(filterFrom(new URLSearchParams(queryOf(whole)))).toEqual(whole);
  });

  it('leaves out what it does not know', () => {
    const params = new URLSearchParams('status=lost&sla=fine&due=never&from=2026-13-01&to=yesterday&completed=some');
    expect(filterFrom(params)).toEqual(noFilter);
  });

  it('counts a range of dates as one filter', () => {
    expect(narrowing({ ...noFilter, from: '2026-11-01', to: '2026-11-02', q: ' ' })).toBe(1);
  });
});
