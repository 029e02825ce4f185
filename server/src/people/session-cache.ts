import type { Connection } from 'mongoose';
import type { Journal } from '../journal/journal.ts';
import type { OrgState } from '../journal/org-state.ts';

/** An open session. Role and branches are not in it: they are read from the person's record, as it is now. */
export type CachedSession = {
  org: string;
  session: string;
  person: string;
  /** When it began, or was last renewed. */
  since: number;
  expiresAt: number;
  state: OrgState;
};

type Stored = {
  _id: string;
  org: string;
  person: string;
  createdAt: number;
  renewedAt?: number;
  expiresAt: number;
  endedAt?: number;
};

/** About 300 bytes each; beyond this the ones not used for longest go, and are read again when they come back. */
const mostSessions = 50_000;

/**
 * Open sessions by the hash of their token. A session is read from the database once; the journal's entries take it out
 * of here the moment it ends.
 */
export function createSessionCache(options: { connection: Connection; journal: Journal }): {
  find(tokenHash: string): Promise<CachedSession | undefined>;
} {
  const { connection, journal } = options;
  const byToken = new Map<string, CachedSession>();
  const tokenOf = new Map<string, string>();
  const reading = new Map<string, Promise<CachedSession | undefined>>();
  const watched = new Set<string>();
  /** Grows whenever any session changed: what was read before that is read again. */
  let generation = 0;

  function watch(state: OrgState): void {
    if (watched.has(state.org)) return;
    watched.add(state.org);
    generation++;
    state.onApplied((batch) => {
      for (const { entry } of batch) {
        if (entry.kind !== 'session' || entry.rev === 1) continue;
        generation++;
        const token = tokenOf.get(entry.id);
        if (token !== undefined) forget(token, entry.id);
      }
    });
  }

  function forget(token: string, session: string): void {
    byToken.delete(token);
    tokenOf.delete(session);
  }

  async function read(tokenHash: string): Promise<CachedSession | undefined> {
    for (;;) {
      const before = generation;
      const record = await connection.collection<Stored>('sessions').findOne({ tokenHash });
      if (!record || record.endedAt !== undefined) return undefined;
      const state = await journal.org(record.org);
      watch(state);
      // An end that was applied while we read would be missed by what is kept from here on.
      if (generation !== before) continue;
      const { org, _id: session, person, createdAt, renewedAt, expiresAt } = record;
      const found = { org, session, person, since: renewedAt ?? createdAt, expiresAt, state };
      byToken.set(tokenHash, found);
      tokenOf.set(found.session, tokenHash);
      if (byToken.size > mostSessions) {
        const [oldest, { session }] = byToken.entries().next().value!;
        forget(oldest, session);
      }
      return found;
    }
  }

  return {
    find: (tokenHash) => {
      const known = byToken.get(tokenHash);
      if (known) {
        // Moved to the end: the map is in order of last use.
        byToken.delete(tokenHash);
        byToken.set(tokenHash, known);
        return Promise.resolve(known);
      }
      let asked = reading.get(tokenHash);
      if (!asked) {
        asked = read(tokenHash).finally(() => reading.delete(tokenHash));
        reading.set(tokenHash, asked);
      }
      return asked;
    },
  };
}
