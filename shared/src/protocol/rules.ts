import type { Decision } from './decision.ts';
import { change, refuse } from './decision.ts';
import type { Kind } from './kinds.ts';
import { sameValue } from './patch.ts';

/**
 * An edit carries the `rev` it was made on. Another `rev` is a conflict, and comes back with the record as it is now
 * (`details.record`; ingress cuts it down to what the asker may see), so that nothing is overwritten in silence.
 */
export function checkRev(kind: Kind, record: { id: string; rev: number }, rev: number): Decision | undefined {
  if (record.rev === rev) return undefined;
  return refuse(
    'rev_conflict',
    'Somebody changed this in the meantime. Look at it as it is now, then change it again.',
    {
      details: { kind, id: record.id, rev: record.rev },
    },
  );
}

/**
 * The `set` and `unset` of an edit: given fields that differ from what is; `null` removes an optional field.
 * Undefined when nothing differs.
 */
export function editOf(
  record: object,
  fields: { readonly [name: string]: unknown },
): { set: { [name: string]: unknown }; unset: string[] } | undefined {
  const set: { [name: string]: unknown } = {};
  const unset: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    const now = (record as { [name: string]: unknown })[name];
    if (value === undefined) continue;
    if (value === null) {
      if (now !== undefined) unset.push(name);
    } else if (!sameValue(now, value)) set[name] = value;
  }
  return Object.keys(set).length + unset.length === 0 ? undefined : { set, unset };
}

/** Takes a record out of the live set, kept for whatever points at it. Undefined when it is not there any more. */
export function archiveRecord(
  kind: Kind,
  record: { id: string; archivedAt?: number | undefined } | undefined,
  now: number,
): Decision | undefined {
  return record && record.archivedAt === undefined
    ? change({ kind, id: record.id, set: { archivedAt: now } })
    : undefined;
}
