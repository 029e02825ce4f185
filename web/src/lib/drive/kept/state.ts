import type { AnyInView, LiveState } from '@opsboard/shared/protocol/fold';
import { emptyLiveSet } from '@opsboard/shared/protocol/fold';
import { allKinds } from '@opsboard/shared/protocol/kinds';
import type { Me } from '#lib/session/session.svelte.ts';
import { database } from './database.ts';

/** What a phone knows of a person's work, as it was when the server was last heard. */
export type KeptState = { me: Me; at: number | undefined; live: LiveState | undefined };

type Head = { me: Me; at: number | undefined; release: string; epoch: string; audience: string; seq: number };

const headOf = (person: string): string => `${person}/head`;
const recordsOf = (person: string, kind: string): string => `${person}/records/${kind}`;
/** Who used this phone last. */
const last = 'person';

/** The records that are in the store, to write only the kinds that changed: records are replaced, never changed. */
let written: { person: string; records: Map<string, readonly AnyInView[]> } | undefined;

/**
 * Keeps a person's state, in one transaction.
 *
 * @param release of this page: another one may know more kinds of records
 * @throws {Error} when the phone does not keep it
 */
export async function keepState(me: Me, at: number | undefined, live: LiveState, release: string): Promise<void> {
  const transaction = (await database()).transaction('kept', 'readwrite');
  const before = written?.person === me.id ? written.records : new Map<string, readonly AnyInView[]>();
  const now = new Map<string, readonly AnyInView[]>();
  const { epoch, audience, seq } = live;
  const head: Head = { me, at, release, epoch, audience, seq };
  const writes: Promise<unknown>[] = [transaction.store.put(head, headOf(me.id)), transaction.store.put(me.id, last)];
  for (const kind of allKinds) {
    const records: AnyInView[] = [...live.records[kind].values()];
    const was = before.get(kind);
    now.set(kind, records);
    if (was?.length === records.length && records.every((record, i) => record === was[i])) continue;
    writes.push(transaction.store.put(records, recordsOf(me.id, kind)));
  }
  written = undefined;
  await Promise.all([...writes, transaction.done]);
  written = { person: me.id, records: now };
}

/** What was kept of whoever used this phone last; undefined: nothing. */
export async function keptState(release: string): Promise<KeptState | undefined> {
  try {
    const db = await database();
    const person = (await db.get('kept', last)) as string | undefined;
    const head = person === undefined ? undefined : ((await db.get('kept', headOf(person))) as Head | undefined);
    if (person === undefined || head === undefined) return undefined;
    const records = emptyLiveSet();
    for (const kind of allKinds) {
      const kept = ((await db.get('kept', recordsOf(person, kind))) ?? []) as AnyInView[];
      for (const record of kept) (records[kind] as Map<string, AnyInView>).set(record.id, record);
    }
    const { me, at, audience, seq } = head;
    // Another release may have been told of less: it shows what there is, and starts afresh with the server.
    const epoch = head.release === release ? head.epoch : '';
    return { me, at, live: { epoch, audience, seq, records } };
  } catch {
    return undefined;
  }
}

/** Leaves nothing of a person's records on this phone. Their actions that wait are kept: see the queue. */
export async function forgetState(person: string): Promise<void> {
  written = undefined;
  const db = await database();
  const transaction = db.transaction('kept', 'readwrite');
  await transaction.store.delete(IDBKeyRange.bound(`${person}/`, `${person}/\uffff`));
  if ((await transaction.store.get(last)) === person) await transaction.store.delete(last);
  await transaction.done;
}
