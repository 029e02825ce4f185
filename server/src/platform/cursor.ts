/**
 * An opaque cursor: where a sorted list goes on. It names the last row's place, not its number, so that rows that come
 * or go meanwhile neither repeat nor hide others.
 */
export type Place = { value: number; id: string };

export function writeCursor(place: Place): string {
  return Buffer.from(`${place.value}:${place.id}`).toString('base64url');
}

/** The place that a cursor names, or undefined when it is none of ours. */
export function readCursor(cursor: string): Place | undefined {
  const match = /^(\d{1,15}):([0-9a-f-]{36})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  return match ? { value: Number(match[1]), id: match[2]! } : undefined;
}
