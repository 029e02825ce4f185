import { expect, test } from 'vitest';
import { settingsFor, settingsPageOf, settingsPages } from './nav.ts';

test('everybody has their own pages; what needs a right is listed for those who have it', () => {
  const bare = settingsFor(() => false);
  expect(bare.map(({ group }) => group)).toEqual(['You']);
  expect(bare[0]!.pages.every(({ right }) => right === undefined)).toBe(true);
  const all = settingsFor(() => true).flatMap(({ pages }) => pages);
  expect(all.map(({ href }) => href).toSorted()).toEqual(settingsPages.map(({ href }) => href).toSorted());
});

test('an address below a page belongs to it, one that only begins alike does not', () => {
  expect(settingsPageOf('/settings/people')?.label).toBe('People');
  expect(settingsPageOf('/settings/people/42')?.label).toBe('People');
  expect(settingsPageOf('/settings/peoples')).toBeUndefined();
});
