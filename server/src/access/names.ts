import type { Connection } from 'mongoose';
import type { AccessRow } from '@opsboard/shared/access/verbs';
import { keyTitle } from '@opsboard/shared/keys/words';
import type { Kind } from '@opsboard/shared/protocol/kinds';
import { allKinds } from '@opsboard/shared/protocol/kinds';
import type { OrgState } from '../journal/org-state.ts';
import { collectionOf } from '../journal/stored.ts';

type Named = { reference?: unknown; name?: unknown; partId?: unknown };

const isKind = (kind: string): kind is Kind => (allKinds as readonly string[]).includes(kind);
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const nameIn = (record: Named | undefined): string | undefined =>
  record && (text(record.reference) ?? text(record.name) ?? text(record.partId));

/** What actors and records of rows are called now; those outside memory are read together. */
export async function namesOf(
  connection: Connection,
  state: OrgState,
  rows: readonly AccessRow[],
): Promise<{
  actor(actor: NonNullable<AccessRow['actor']>): string;
  record(kind: string, id: string): string | undefined;
}> {
  const stored = new Map<string, string>();
  const missing = new Map<Kind, Set<string>>();
  const want = (kind: string, id: string): void => {
    if (!isKind(kind) || state.get(kind, id)) return;
    const ids = missing.get(kind);
    if (ids) ids.add(id);
    else missing.set(kind, new Set([id]));
  };
  for (const { actor, kind, record } of rows) {
    if (kind !== undefined && record !== undefined) want(kind, record);
    if (actor?.type === 'person') want('person', actor.id);
    if (actor?.type === 'key') want('apiKey', actor.id);
  }
  await Promise.all(
    [...missing].map(async ([kind, ids]) => {
      const found = await connection
        .collection<Named & { _id: string }>(collectionOf[kind])
        .find({ _id: { $in: [...ids] }, org: state.org } as object, {
          projection: { reference: 1, name: 1, partId: 1 },
        })
        .toArray();
      for (const record of found) {
        const name = nameIn(record);
        if (name !== undefined) stored.set(`${kind}/${record._id}`, name);
      }
    }),
  );
  const record = (kind: string, id: string): string | undefined =>
    isKind(kind) ? (nameIn(state.get(kind, id) as Named | undefined) ?? stored.get(`${kind}/${id}`)) : undefined;
  return {
    record,
    actor: ({ type, id }) => {
      switch (type) {
        case 'person':
          return record('person', id) ?? 'Somebody who was erased';
        case 'key': {
          const name = record('apiKey', id);
          return name === undefined ? 'A key' : keyTitle(name);
        }
        case 'system':
          return `The system (${id})`;
      }
    },
  };
}
