import { describe, expect, it } from 'vitest';
import { columnNames, columnsFrom, columnsText, gridOf, movedColumn, toggledColumn, usualColumns } from './columns.ts';

describe('columns in the address', () => {
  it.each([
    ['reference,sla,customer', ['reference', 'sla', 'customer']],
    ['sla,reference', ['reference', 'sla']],
    ['sla,sla,colour', ['reference', 'sla']],
    ['', undefined],
    [null, undefined],
    ['colour', undefined],
    ['reference', undefined],
  ])('%j', (text, columns) => expect(columnsFrom(text)).toEqual(columns));
  it('come back as they went', () => {
    expect(columnsFrom(columnsText(usualColumns))).toEqual(usualColumns);
    expect(columnsFrom(columnsText(columnNames))).toEqual(columnNames);
  });
});

describe('choosing columns', () => {
  it('a new one takes its usual place', () => {
    expect(toggledColumn(['reference', 'customer', 'sla'], 'branch')).toEqual([
      'reference',
      'customer',
      'branch',
      'sla',
    ]);
    expect(toggledColumn(['reference', 'customer'], 'sla')).toEqual(['reference', 'customer', 'sla']);
  });
  it('one that is there goes, but never the reference', () => {
    expect(toggledColumn(['reference', 'sla'], 'sla')).toEqual(['reference']);
    expect(toggledColumn(['reference', 'sla'], 'reference')).toEqual(['reference', 'sla']);
  });
  it.each([
    ['sla', -1, ['reference', 'sla', 'customer']],
    ['sla', 1, ['reference', 'customer', 'sla']],
    ['customer', 1, ['reference', 'sla', 'customer']],
    ['customer', -1, ['reference', 'customer', 'sla']],
    ['reference', 1, ['reference', 'customer', 'sla']],
  ] as const)('%s by %i', (name, by, columns) => {
    expect(movedColumn(['reference', 'customer', 'sla'], name, by)).toEqual(columns);
  });
});

it('the usual columns fit beside the navigation on a screen of 1440', () => {
  expect(gridOf(usualColumns, 20).width).toBeLessThanOrEqual(1440 - 208 - 2 * 24);
});
