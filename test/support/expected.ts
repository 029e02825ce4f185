import type { Audience } from '@opsboard/shared/protocol/audiences';
import { viewOf } from '@opsboard/shared/protocol/audiences';
import type { AnyRecord, Kind } from '@opsboard/shared/protocol/kinds';
import type { Held } from './check-journal.ts';
import type { World, PersonName } from './world.ts';

/**
 * What a person must hold: the records as they stand in the database, through the person's eyes, by `kind/id`. Read from
 * storage and not from any process, so that no process can be wrong together with its clients.
 */
export function expectedOf(world: World, who: PersonName, held: Held): Map<string, unknown> {
  const person = held.records.get(`person/${world.people[who].id}`) as Extract<AnyRecord, { role: unknown }>;
  const { role, branches, id } = person;
  const audience: Audience = {
    org: world.org,
    role,
    ...(branches ? { branches } : {}),
    ...(role === 'driver' ? { person: id } : {}),
  };
  const records = new Map<string, unknown>();
  for (const [key, record] of held.records) {
    const view = viewOf(audience, key.slice(0, key.indexOf('/')) as Kind, record as never);
    if (view) records.set(key, view);
  }
  return records;
}
