import { describe, expect, it } from 'vitest';
import { clockOf, minutesOf } from '#lib/time/week.ts';
import { Draft } from './draft.svelte.ts';
import { pointFrom, read, shown, type FieldDef, type FieldType, type FormValue } from './fields.ts';

const zones = new Set(['Europe/Berlin', 'UTC']);
const field = (type: FieldType, more: Partial<FieldDef> = {}): FieldDef => ({ key: 'k', label: 'It', type, ...more });
const readOf = (type: FieldType, form: FormValue, more: Partial<FieldDef> = {}) => read(field(type, more), form, zones);

describe('fields', () => {
  it.each<[FieldType, unknown]>([
    ['text', 'Harbour'],
    ['sla', 72],
    ['email', 'a@b.test'],
    ['position', [9.993, -53.551]],
    ['hours', { mon: [480, 1020], sun: [0, 1440] }],
    ['hours', {}],
    ['holidays', [{ date: '2026-12-25', name: 'Christmas' }]],
    ['branches', ['a', 'b']],
    ['people', []],
    ['zone', 'Europe/Berlin'],
  ])('%s: what is shown is read as it was', (type, value) => {
    expect(readOf(type, shown(type, value))).toEqual({ value });
  });

  it.each<[FieldType]>([['text'], ['position'], ['hours'], ['holidays'], ['branches'], ['tel']])(
    '%s: nothing is shown as nothing, and takes the field off',
    (type) => {
      expect(readOf(type, shown(type, undefined))).toEqual({ value: null });
    },
  );

  it.each<[FieldType, FormValue]>([
    ['sla', '0'],
    ['sla', '2.5'],
    ['sla', ''],
    ['email', 'desk'],
    ['tel', 'call us'],
    ['language', 'English'],
    ['zone', 'Berlin'],
    ['position', { lat: '91', lng: '9' }],
    ['position', { lat: '53', lng: '' }],
    ['holidays', [{ date: '2026-12-25', name: '' }]],
    [
      'holidays',
      [
        { date: '2026-12-25', name: 'A' },
        { date: '2026-12-25', name: 'B' },
      ],
    ],
  ])('%s: %j is refused with a sentence', (type, form) => {
    expect(readOf(type, form)).toMatchObject({ wrong: expect.stringMatching(/^[A-Z0-9].*\.$/) });
  });

  it('a needed field must hold something', () => {
    expect(readOf('text', '  ', { needed: true })).toEqual({ wrong: 'It is needed.' });
  });

  it('a week refuses times that are none, and those that are the same', () => {
    const week = shown('hours', { mon: [480, 1020] }) as Record<string, object>;
    expect(readOf('hours', { ...week, mon: { open: true, from: '25:00', to: '9' } } as never)).toHaveProperty('wrong');
    expect(readOf('hours', { ...week, mon: { open: true, from: '9', to: '09:00' } } as never)).toHaveProperty('wrong');
    expect(readOf('hours', { ...week, mon: { open: true, from: '8', to: '24:00' } } as never)).toEqual({
      value: { mon: [480, 1440] },
    });
  });

  it.each([
    ['8', 480],
    ['08:30', 510],
    ['8.30', 510],
    ['0830', 510],
    ['24:00', 1440],
    ['24:01', undefined],
    ['8:75', undefined],
    ['noon', undefined],
  ])('%s is %s minutes after midnight', (text, minutes) => {
    expect(minutesOf(text)).toBe(minutes);
    if (minutes !== undefined) expect(minutesOf(clockOf(minutes))).toBe(minutes);
  });

  it.each([
    ['53.551, 9.993', { lat: '53.551', lng: '9.993' }],
    ['(-33.9, 151.2)', { lat: '-33.9', lng: '151.2' }],
    ['53.551 9.993', { lat: '53.551', lng: '9.993' }],
    ['53.551', undefined],
    ['Hamburg, 20457', undefined],
  ])('pasted %s', (text, point) => {
    expect(pointFrom(text)).toEqual(point);
  });
});

describe('a draft', () => {
  const fields = [
    field('text', { key: 'name', label: 'Name', needed: true }),
    field('tel', { key: 'phone', label: 'Phone' }),
  ];
  const look = { nameOf: () => '' };

  it('tells what differs, and null for what was emptied', () => {
    const draft = new Draft(fields, { rev: 3, name: 'A', phone: '1234' });
    expect(draft.dirty).toBe(false);
    expect(draft.read()).toEqual({});
    draft.values['phone'] = '';
    expect(draft.dirty).toBe(true);
    expect(draft.read()).toEqual({ phone: null });
  });

  it('a new one holds what was filled in', () => {
    const draft = new Draft(fields);
    expect(draft.read()).toBeUndefined();
    expect(draft.wrong).toEqual({ name: 'Name is needed.' });
    draft.values['name'] = ' A ';
    expect(draft.read()).toEqual({ name: 'A' });
  });

  it('follows the record where it was left alone, and keeps what was typed', () => {
    const draft = new Draft(fields, { rev: 3, name: 'A', phone: '1234' });
    draft.values['name'] = 'Mine';
    draft.rebase({ rev: 4, name: 'Theirs', phone: '5678' }, look);
    expect(draft.values).toEqual({ name: 'Mine', phone: '5678' });
    expect(draft.rev).toBe(4);
    expect(draft.theirs).toMatchObject([
      { key: 'name', words: 'Theirs', mine: true },
      { key: 'phone', words: '5678', mine: false },
    ]);
    expect(draft.read()).toEqual({ name: 'Mine' });
    draft.take(draft.theirs[0]!);
    expect(draft.read()).toEqual({});
  });
});
