/**
 * An opaque cursor: where a sorted list goes on. It names the last row's place, not its number, so that rows that come
 * or go meanwhile neither repeat nor hide others. `value` is what the list is sorted by.
 */
export type Place = { value: number | string; id: string };

export function writeCursor(place: Place): string {
  return Buffer.from(JSON.stringify([place.value, place.id])).toString('base64url');
}

/** The place that a cursor names, or undefined when it is none of ours. */
export function readCursor(cursor: string): Place | undefined {
  let given: unknown;
  try {
    given = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  if (!Array.isArray(given) || given.length !== 2) return undefined;
  const [value, id] = given as unknown[];
  if (typeof id !== 'string' || !/^[0-9a-f-]{36}$/.test(id)) return undefined;
  const known = typeof value === 'string' ? value.length <= 200 : Number.isSafeInteger(value);
  return known ? { value: value as number | string, id } : undefined;
}
