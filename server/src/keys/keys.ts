import type { Connection } from 'mongoose';
import type { Principal } from '@opsboard/shared/protocol/actors';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { currentKey, keyRefused } from '../dispatch/authorize.ts';
import { tooMany } from '../ingress/error.ts';
import type { Bucket, Rate } from '../ingress/rate-limit.ts';
import { createBucket } from '../ingress/rate-limit.ts';
import type { Journal } from '../journal/journal.ts';
import type { OrgState } from '../journal/org-state.ts';
import type { StoredRecord } from '../journal/stored.ts';
import { collectionOf, recordOf } from '../journal/stored.ts';
import type { SignedIn } from '../people/sessions.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/log.ts';
import { network } from '../people/guesses.ts';
import type { Throttle } from '../platform/throttle.ts';
import { sha256 } from '../platform/tokens.ts';
import { keyUses } from './model.ts';
import { isKey } from './token.ts';

/** A key that asks: the principal as its record is now, and until when it lasts (milliseconds). */
export type KeyCaller = Extract<Principal, { type: 'key' }> & { expiresAt?: number };
/** Who asks over HTTP: a person, or another system by its key. */
export type Caller = SignedIn | KeyCaller;

export type Keys = {
  /**
   * Whom a token speaks for. The database is asked for a token once; from then on the journal tells what becomes of it.
   *
   * @returns the refusal of an unknown, revoked or expired key, or of one that asks too often
   */
  resolve(token: string, address: string): Promise<KeyCaller | WireError>;
  /** When each key of an organization was last used, to the minute. */
  lastUsed(org: string): Promise<Map<string, number>>;
};

/** What a key may ask on one process: a sync that reads everything in one go, and then keeps up. */
const usualRate: Rate = { burst: 600, perSecond: 20 };
/** Keys that are remembered; the longest silent ones go, and are read again when they come back. */
const mostKept = 10_000;
/** Wrong keys from one place: more is guessing, or a program that nobody looks after. */
const wrongKeys = { count: 20, windowMs: 5 * 60_000 };
/** A key's last use is written this often at most, milliseconds. */
const writeEvery = 60_000;

export function createKeys(options: {
  connection: Connection;
  journal: Journal;
  throttle: Throttle;
  clock: Clock;
  log: Logger;
  rate?: Rate;
}): Keys {
  const { connection, journal, throttle, clock, log, rate = usualRate } = options;
  type Known = { id: string; state: OrgState; bucket: Bucket; written: number };
  const byHash = new Map<string, Known>();

  const callerOf = (record: Parameters<typeof currentKey>[0], org: string): KeyCaller | undefined => {
    const key = currentKey(record, org, clock.now());
    return key && { ...key, ...(record?.expiresAt === undefined ? {} : { expiresAt: record.expiresAt }) };
  };

  async function find(token: string, address: string): Promise<{ known: Known; caller: KeyCaller } | WireError> {
    const limits = [{ key: `key:${network(address)}`, ...wrongKeys }];
    const wait = await throttle.wait(limits);
    if (wait > 0) return tooMany(wait);
    const tokenHash = sha256(token);
    const stored = isKey(token)
      ? await connection.collection<StoredRecord>(collectionOf.apiKey).findOne({ tokenHash } as object)
      : null;
    if (!stored) {
      await throttle.fail(limits);
      return keyRefused();
    }
    const state = await journal.org(stored.org);
    const known: Known = {
      id: stored._id,
      state,
      bucket: createBucket(rate, clock),
      written: Number.NEGATIVE_INFINITY,
    };
    const record = state.get('apiKey', stored._id);
    // Just made by another process: this one will have heard of it a moment later, and only then relies on that.
    const caller = callerOf(record ?? recordOf('apiKey', stored as StoredRecord), stored.org);
    if (record) {
      byHash.set(tokenHash, known);
      if (byHash.size > mostKept) byHash.delete(byHash.keys().next().value!);
    }
    return caller ? { known, caller } : keyRefused();
  }

  function used(known: Known): void {
    const now = clock.now();
    if (Math.abs(now - known.written) < writeEvery) return;
    known.written = now;
    keyUses(connection)
      .updateOne({ _id: known.id }, { $set: { org: known.state.org, at: now } }, { upsert: true })
      .catch((error: unknown) => log.debug({ err: error }, 'a key’s last use could not be written'));
  }

  return {
    resolve: async (token, address) => {
      const tokenHash = sha256(token);
      let known = byHash.get(tokenHash);
      let caller: KeyCaller | undefined;
      if (known) {
        // Moved to the end: the map is in order of last use.
        byHash.delete(tokenHash);
        byHash.set(tokenHash, known);
        caller = callerOf(known.state.get('apiKey', known.id), known.state.org);
        if (!caller) return keyRefused();
      } else {
        const found = await find(token, address);
        if ('code' in found) return found;
        ({ known, caller } = found);
      }
      const wait = known.bucket.take();
      if (wait > 0) return tooMany(wait);
      used(known);
      return caller;
    },
    lastUsed: async (org) =>
      new Map((await keyUses(connection).find({ org }).toArray()).map(({ _id, at }): [string, number] => [_id, at])),
  };
}
