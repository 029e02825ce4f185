import { expect, it } from 'vitest';
import { Sightings } from './sightings.ts';

it('a code is new once, stays the same while it is in sight, and is met again after three seconds', () => {
  const sightings = new Sightings();
  const seen = ([at, text]: [number, string]) => sightings.see(text, at);
  expect(
    (
      [
        [0, 'P-1'],
        [150, 'P-1'],
        [150, 'P-2'],
        [3_100, 'P-1'],
        [6_200, 'P-1'],
        [6_200, 'P-2'],
        [6_300, 'P-2'],
      ] as [number, string][]
    ).map(seen),
  ).toEqual(['first', 'still', 'first', 'still', 'again', 'again', 'still']);
});
