import type { Place, Whereabouts } from '@opsboard/shared/presence/schema';
import { mostPlaces } from '@opsboard/shared/presence/times';

/**
 * Where a person is by what their tabs have said: the latest place first, none twice, at most {@link mostPlaces}; and the
 * batch taken in hand last. `since` in milliseconds since the epoch, by the clock of the process that was told.
 */
export type Said = { at: { place: Place; since: number }[]; moving?: { batch: string; since: number } };

/** What one tab says, as the word of a person; undefined when it is nowhere. */
export function saidOf({ place, moving }: Whereabouts, since: number): Said | undefined {
  if (!place) return undefined;
  return { at: [{ place, since }], ...(moving === undefined ? {} : { moving: { batch: moving, since } }) };
}

/**
 * One person out of several words of them: of tabs, or of processes. The order in which they are given, and what was
 * merged before, make no difference.
 */
export function mergeSaid(words: readonly Said[]): Said | undefined {
  const [only] = words;
  if (words.length < 2) return only;
  const places = new Map<string, Said['at'][number]>();
  let moving: Said['moving'];
  for (const word of words) {
    for (const one of word.at) {
      const key = placeKey(one.place);
      if ((places.get(key)?.since ?? -Infinity) < one.since) places.set(key, one);
    }
    if (word.moving && (!moving || isLater(word.moving, moving))) moving = word.moving;
  }
  const latest = [...places].sort(([a, one], [b, other]) => other.since - one.since || (a < b ? -1 : 1));
  return { at: latest.slice(0, mostPlaces).map(([, one]) => one), ...(moving ? { moving } : {}) };
}

/** One text per place, equal for equal ones. */
export const placeKey = (place: Place): string => ('batch' in place ? place.batch : place.page);

const isLater = (one: { batch: string; since: number }, other: { batch: string; since: number }): boolean =>
  one.since > other.since || (one.since === other.since && one.batch > other.batch);

/** Every batch that a word names. */
export function batchesIn(said: Said | undefined): string[] {
  const places = said?.at.flatMap(({ place }) => ('batch' in place ? [place.batch] : [])) ?? [];
  return said?.moving ? [...places, said.moving.batch] : places;
}
