import type { Connection } from 'mongoose';
import { actorKey } from '@opsboard/shared/protocol/actors';
import { collectionOf } from '../journal/stored.ts';
import type { Clock } from '../platform/clock.ts';
import { newId } from '../platform/ids.ts';
import type { Logger } from '../platform/log.ts';
import type { StoredAccess } from './model.ts';
import { accessLines } from './model.ts';

/** Something that was seen, as it is told to the recorder. */
export type Seen = Omit<StoredAccess, '_id' | 'at'>;

/**
 * Writes down who saw what, beside the answers and never in front of them: lines wait in memory and are written together.
 * What waits is bounded; beyond that lines are lost, and the log itself says how many.
 */
export type AccessRecorder = {
  record(seen: Seen): void;
  /** A sign-in with an address and a password that were refused. Of addresses that nobody has nothing is kept. */
  refused(email: string, address: string): void;
  /** Lines that were lost since the start. */
  readonly lost: number;
  /** Writes what waits, as far as the database takes it. */
  flush(): Promise<void>;
  /** Writes what waits and stops. */
  close(): Promise<void>;
};

const writeEvery = 1_000;
/** Lines written together. */
const atOnce = 1_000;
/** The same seen again within this time is not another line, milliseconds. */
const sameWithin = 60_000;
/** How long the words of a search may still grow, milliseconds. */
const typingFor = 3_000;
/** What is remembered to tell what is the same. */
const mostRemembered = 20_000;
const longest = { detail: 300, address: 60 } as const;

export function createAccessRecorder(options: {
  connection: Connection;
  clock: Clock;
  log: Logger;
  /** Lines that may wait. */
  room?: number;
}): AccessRecorder {
  const { connection, clock, log, room = 5_000 } = options;
  let waiting: StoredAccess[] = [];
  let unresolved: { email: string; at: number; address: string }[] = [];
  const typing = new Map<string, StoredAccess>();
  const recent = new Map<string, number>();
  const lostBy = new Map<string, number>();
  let lost = 0;
  let writing: Promise<void> | undefined;

  function lose(org: string, lines = 1): void {
    lost += lines;
    lostBy.set(org, (lostBy.get(org) ?? 0) + lines);
  }

  function push(line: StoredAccess): void {
    if (waiting.length < room) waiting.push(line);
    else lose(line.org);
  }

  function lineOf({ detail, address, ...seen }: Seen, at: number): StoredAccess {
    return {
      _id: newId(at),
      at,
      ...seen,
      ...(detail ? { detail: detail.slice(0, longest.detail) } : {}),
      ...(address ? { address: address.replace(/^::ffff:/i, '').slice(0, longest.address) } : {}),
    };
  }

  function isRepeated({ what, actor, kind, id, detail, address }: StoredAccess, at: number): boolean {
    if (what === 'signed_in' || what === 'sign_in_refused') return false;
    const key = JSON.stringify([actor && actorKey(actor), what, kind, id, detail, address]);
    const last = recent.get(key);
    if (last !== undefined && Math.abs(at - last) < sameWithin) return true;
    recent.delete(key);
    recent.set(key, at);
    if (recent.size > mostRemembered) recent.delete(recent.keys().next().value!);
    return false;
  }

  /** A search is one line, however many letters it was asked with. */
  function type(line: StoredAccess): void {
    const key = `${line.org}/${line.actor ? actorKey(line.actor) : ''}`;
    const before = typing.get(key);
    const [was, is] = [before?.detail ?? '', line.detail ?? ''];
    if (before && !is.startsWith(was) && !was.startsWith(is)) settle(before);
    typing.set(key, before && was.startsWith(is) && was !== is ? { ...line, detail: was } : line);
  }
  function settle(line: StoredAccess): void {
    if (!isRepeated(line, line.at)) push(line);
  }
  function settleTyped(all: boolean): void {
    for (const [key, line] of typing) {
      if (!all && clock.now() - line.at < typingFor) continue;
      typing.delete(key);
      settle(line);
    }
  }

  async function resolveRefused(): Promise<void> {
    const asked = unresolved;
    unresolved = [];
    if (asked.length === 0) return;
    const people = connection.collection<{ _id: string; org: string; email: string }>(collectionOf.person);
    const emails = [...new Set(asked.map(({ email }) => email))];
    const found = await people.find({ email: { $in: emails } }, { projection: { org: 1, email: 1 } }).toArray();
    const byEmail = new Map(found.map((person) => [person.email, person]));
    for (const { email, at, address } of asked) {
      const person = byEmail.get(email);
      if (!person) continue;
      const { org, _id: id } = person;
      push(lineOf({ org, what: 'sign_in_refused', kind: 'person', id, address }, at));
    }
  }

  async function write(): Promise<void> {
    await resolveRefused().catch((error: unknown) => log.debug({ err: error }, 'refused sign-ins could not be told'));
    for (const [org, lines] of lostBy) {
      if (waiting.length >= room) break;
      lostBy.delete(org);
      log.warn({ org, lines }, 'lines of the access log were lost: too many at once');
      waiting.push(lineOf({ org, what: 'lost', detail: String(lines) }, clock.now()));
    }
    while (waiting.length > 0) {
      const lines = waiting.slice(0, atOnce);
      waiting = waiting.slice(atOnce);
      try {
        await accessLines(connection).insertMany(lines, { ordered: false });
      } catch (error) {
        if ((error as { code?: number }).code === 11000) continue;
        // Tried again next time, as far as there is room by then.
        const kept = lines.slice(0, Math.max(0, room - waiting.length));
        for (const { org } of lines.slice(kept.length)) lose(org);
        waiting = [...kept, ...waiting];
        log.debug({ err: error }, 'the access log could not be written');
        return;
      }
    }
  }

  async function flush(all: boolean): Promise<void> {
    settleTyped(all);
    while (writing) await writing;
    writing = write().finally(() => (writing = undefined));
    await writing;
  }

  const timer = setInterval(() => {
    if (!writing) void flush(false);
  }, writeEvery).unref();

  return {
    record: (seen) => {
      const line = lineOf(seen, clock.now());
      if (seen.what === 'found') type(line);
      else if (!isRepeated(line, line.at)) push(line);
    },
    refused: (email, address) => {
      if (unresolved.length < room) unresolved.push({ email, address, at: clock.now() });
    },
    get lost() {
      return lost;
    },
    flush: () => flush(true),
    close: async () => {
      clearInterval(timer);
      await flush(true);
    },
  };
}
