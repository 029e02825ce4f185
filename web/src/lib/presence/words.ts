import type { Place } from '@opsboard/shared/presence/schema';

export const samePlace = (one: Place, other: Place): boolean =>
  'page' in one ? 'page' in other && one.page === other.page : 'batch' in other && one.batch === other.batch;

/** What people are called among each other: first names, unless two have the same. */
export function callNames(names: readonly string[]): string[] {
  const first = names.map((name) => name.split(/\s+/)[0] || name);
  return names.map((name, i) => (first.filter((other) => other === first[i]).length > 1 ? name : first[i]!));
}

/** `Noor and Kai are here`; of more than three the first two are named. */
export function hereWords(names: readonly string[]): string {
  const called = callNames(names);
  const named = called.length > 3 ? [...called.slice(0, 2), `${called.length - 2} others`] : called;
  const list = named.length < 2 ? named.join('') : `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`;
  return `${list} ${called.length === 1 ? 'is' : 'are'} here`;
}
