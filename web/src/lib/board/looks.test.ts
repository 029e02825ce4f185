import { describe, expect, it } from 'vitest';
import { addressWith } from '#lib/filters/address.ts';
import { looksFrom, looksIn } from './looks.ts';

describe('the looks of a board in its address', () => {
  it.each([
    ['', undefined, 'comfortable'],
    ['lanes=center&density=compact', 'center', 'compact'],
    ['lanes=sla', 'sla', 'comfortable'],
    ['lanes=none', undefined, 'comfortable'],
    ['lanes=mood&density=huge', undefined, 'comfortable'],
  ])('%s', (query, lanes, density) => {
    expect(looksFrom(new URLSearchParams(query))).toEqual({ lanes, density });
  });

  it('are written next to the rest of the address', () => {
    const url = new URL('http://board.test/board?center=a&center=b&lanes=driver');
    expect(addressWith(url, { own: looksIn({ density: 'compact' }) })).toBe(
      '/board?center=a&center=b&lanes=driver&density=compact',
    );
    expect(addressWith(url, { own: looksIn({ lanes: undefined }) })).toBe('/board?center=a&center=b');
  });
});
