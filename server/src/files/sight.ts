import type { Connection } from 'mongoose';
import { audienceOf, seesAny } from '@opsboard/shared/protocol/audiences';
import type { Caller } from '../keys/keys.ts';
import type { Journal } from '../journal/journal.ts';
import { readRecord } from '../journal/read-record.ts';
import type { KeptFile } from './store.ts';

/**
 * Whether somebody may see a file: the logo everybody; what they sent themselves; and what belongs to a route, those who
 * see the route. A wall screen shows no signatures.
 */
export async function maySee(
  { journal, connection }: { journal: Journal; connection: Connection },
  who: Caller,
  id: string,
  file: KeptFile,
): Promise<boolean> {
  const state = await journal.org(who.org);
  if (state.get('organization', who.org)?.logo === id || file.by === who.id) return true;
  const audience = audienceOf(who);
  if (audience.role === 'display') return false;
  for (const one of file.routes) {
    const route = await readRecord(connection, state, 'route', one);
    if (route && seesAny(audience, 'route', route)) return true;
  }
  return false;
}
