import type { Connection } from 'mongoose';
import type { Kind, Records } from '@opsboard/shared/protocol/kinds';
import type { OrgState } from './org-state.ts';
import type { StoredRecord } from './stored.ts';
import { collectionOf, recordOf } from './stored.ts';

/** A record by its id, in the live set or archived; undefined: the organization has none. */
export async function readRecord<K extends Kind>(
  connection: Connection,
  state: Pick<OrgState, 'org' | 'get'>,
  kind: K,
  id: string,
): Promise<Records[K] | undefined> {
  const live = state.get(kind, id);
  if (live) return live;
  const stored = await connection.collection<StoredRecord>(collectionOf[kind]).findOne({ _id: id, org: state.org });
  return stored ? recordOf(kind, stored as StoredRecord) : undefined;
}
