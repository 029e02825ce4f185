import { createHash, randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Connection } from 'mongoose';
import type { Principal } from '@opsboard/shared/protocol/actors';
import type { Ack, Command } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';
import type { Person } from '@opsboard/shared/people/schema';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock } from '../platform/clock.ts';
import { readCookie, sessionCookieName } from '../platform/cookies.ts';
import { newId } from '../platform/ids.ts';
import type { Logger } from '../platform/log.ts';
import { hashPassword, inTurn, PasswordsBusyError, verifyPassword } from '../platform/passwords.ts';
import type { Limit, Throttle } from '../platform/throttle.ts';
import { tooMany } from '../ingress/error.ts';
import { createSessionCache } from './session-cache.ts';

/** Who is signed in: the principal as their record is now, with the session and when it ends (milliseconds). */
export type SignedIn = Extract<Principal, { type: 'person' }> & { session: string; expiresAt: number };

/** A sign-in that succeeded. `token` goes into the cookie and is kept nowhere else. */
export type Started = { token: string; expiresAt: number; signedIn: SignedIn; person: Person };

export type Sessions = {
  /** Checks e-mail and password and starts a session with a token of its own, whatever cookie came along. */
  signIn(asked: {
    email: string;
    password: string;
    device?: string | undefined;
    address: string;
  }): Promise<Started | WireError>;
  /** Starts a session for a person who has proved who they are. */
  start(org: string, person: string, device?: string): Promise<Started | WireError>;
  /** Who a `Cookie` header speaks for. No database is asked after the first time. */
  resolve(cookieHeader: string | undefined): Promise<SignedIn | undefined>;
  /** Ends this session. */
  signOut(who: SignedIn): Promise<WireError | undefined>;
  /** Ends every session of the person, or every other one. */
  signOutEverywhere(who: SignedIn, which?: 'all' | 'others'): Promise<WireError | undefined>;
  /** Sets one's own password after checking the present one, and ends the person's other sessions. */
  changePassword(who: SignedIn, current: string, next: string): Promise<WireError | undefined>;
  /** Sets somebody's password without the present one (an admin's right) and ends all their sessions. */
  setPassword(who: SignedIn, person: string, next: string): Promise<WireError | undefined>;
};

const minutes = 60_000;
/** A session token: 32 random bytes, base64url. */
const tokenShape = /^[A-Za-z0-9_-]{43}$/;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const wrongCredentials = (): WireError =>
  wireError('wrong_credentials', 'E-mail and password do not match. Check both, or ask your admin for a new password.');

/** One text for an address; the 64 bits that a home or office is given count as one. */
function network(address: string): string {
  const plain = address.replace(/^::ffff:/i, '').replace(/%.*$/, '');
  return isIPv6(plain)
    ? (new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::')[0] ?? '').split(':').slice(0, 4).join(':')
    : plain;
}

export function createSessions(options: {
  connection: Connection;
  journal: Journal;
  dispatcher: Dispatcher;
  throttle: Throttle;
  clock: Clock;
  log: Logger;
  /** Lifetime of a session, days. */
  days: number;
  /** Whether the cookie travels over https only. */
  secure: boolean;
}): Sessions {
  const { connection, journal, dispatcher, throttle, clock, log } = options;
  const cookieName = sessionCookieName(options.secure);
  const people = () => connection.collection<{ _id: string; org: string } & Omit<Person, 'id' | 'org'>>('people');
  const sessionRecords = () => connection.collection<{ _id: string; org: string; person: string }>('sessions');
  const cache = createSessionCache({ connection, journal });

  const command = (principal: Principal, name: Command['name'], args: object): Promise<Ack> =>
    dispatcher.dispatch(principal, { commandId: newId(clock.now()), name, args } as Command);

  /** The person as a principal, or undefined when they may not sign in (any more). */
  function signedIn(
    found: { org: string; session: string; person: string; expiresAt: number },
    person: Person | undefined,
  ) {
    if (!person || person.inactiveAt !== undefined || found.expiresAt <= clock.now()) return undefined;
    const who: SignedIn = {
      type: 'person',
      org: found.org,
      id: found.person,
      role: person.role,
      ...(person.branches === undefined ? {} : { branches: person.branches }),
      session: found.session,
      expiresAt: found.expiresAt,
    };
    return who;
  }

  async function start(org: string, person: string, device?: string): Promise<Started | WireError> {
    const token = randomBytes(32).toString('base64url');
    const session = newId(clock.now());
    const expiresAt = clock.now() + options.days * 86_400_000;
    const ack = await command({ type: 'system', org, id: 'sign-in' }, 'session.start', {
      id: session,
      person,
      tokenHash: sha256(token),
      ...(device ? { device: device.slice(0, 200) } : {}),
      expiresAt,
    });
    if (!ack.ok) return ack.error;
    const state = await journal.org(org);
    const record = state.get('person', person);
    const who = signedIn({ org, session, person, expiresAt }, record);
    return who && record ? { token, expiresAt, signedIn: who, person: record } : wrongCredentials();
  }

  /** Runs a password check under the limits; failures are counted, and a success forgets those of `own`. */
  async function checked(
    limits: readonly Limit[],
    own: string,
    check: () => Promise<boolean>,
  ): Promise<WireError | undefined> {
    const early = await throttle.wait(limits);
    if (early > 0) return tooMany(early);
    try {
      return await inTurn(async () => {
        // Asked again when it is this one's turn: a flood of guesses sent at once must not all pass on the count before.
        const wait = await throttle.wait(limits);
        if (wait > 0) return tooMany(wait);
        if (await check()) {
          await throttle.clear(own);
          return undefined;
        }
        await throttle.fail(limits);
        return wrongCredentials();
      });
    } catch (error) {
      if (error instanceof PasswordsBusyError) return tooMany(5_000);
      throw error;
    }
  }

  /** Failures counted against one person's e-mail: from one place a few, from everywhere some more. */
  function limitsFor(email: string, address: string): { own: string; limits: Limit[] } {
    const who = sha256(email).slice(0, 32);
    const from = network(address);
    const own = `pair:${who}:${from}`;
    return {
      own,
      limits: [
        { key: own, count: 10, windowMs: 5 * minutes },
        // Higher than one place's: a stranger who guesses must not lock the person out at once.
        { key: `email:${who}`, count: 50, windowMs: 15 * minutes },
        { key: `address:${from}`, count: 100, windowMs: 15 * minutes },
      ],
    };
  }

  /** Ids of the person's sessions that have not ended, at most 500 at a time. */
  async function openSessions(org: string, person: string, except?: string): Promise<string[]> {
    const filter = { org, person, endedAt: { $exists: false }, expiresAt: { $gt: clock.now() } };
    const found = await sessionRecords()
      .find(filter, { projection: { _id: 1 } })
      .limit(501)
      .toArray();
    return found
      .map((record) => record._id)
      .filter((id) => id !== except)
      .slice(0, 500);
  }

  async function endAll(who: SignedIn, person: string, except?: string): Promise<WireError | undefined> {
    for (;;) {
      const sessions = await openSessions(who.org, person, except);
      if (sessions.length === 0) return undefined;
      const ack = await command(who, 'session.endAll', { person, sessions });
      if (!ack.ok && ack.error.code !== 'nothing_to_change') return ack.error;
      if (sessions.length < 500) return undefined;
    }
  }

  return {
    signIn: async ({ email, password, device, address }) => {
      const { own, limits } = limitsFor(email, address);
      let found: { org: string; id: string } | undefined;
      const refusal = await checked(limits, own, async () => {
        const record = await people().findOne({ email });
        const usable =
          record && record.inactiveAt === undefined && record.archivedAt === undefined ? record : undefined;
        if (!(await verifyPassword(usable?.passwordHash, password)) || !usable) return false;
        found = { org: usable.org, id: usable._id };
        return true;
      });
      if (refusal || !found) {
        log.info({ code: refusal?.code, address }, 'sign-in refused');
        return refusal ?? wrongCredentials();
      }
      return start(found.org, found.id, device);
    },
    start,
    resolve: async (cookieHeader) => {
      const token = readCookie(cookieHeader, cookieName);
      if (token === undefined || !tokenShape.test(token)) return undefined;
      const found = await cache.find(sha256(token));
      return found && signedIn(found, found.state.get('person', found.person));
    },
    signOut: async (who) => {
      const ack = await command(who, 'session.end', { id: who.session });
      return ack.ok || ack.error.code === 'nothing_to_change' || ack.error.code === 'not_found' ? undefined : ack.error;
    },
    signOutEverywhere: async (who, which = 'all') => {
      // The own session goes last: the lane no longer listens to a session that has ended.
      const refusal = await endAll(who, who.id, who.session);
      if (refusal || which === 'others') return refusal;
      const ack = await command(who, 'session.end', { id: who.session });
      return ack.ok || ack.error.code === 'nothing_to_change' ? undefined : ack.error;
    },
    changePassword: async (who, current, next) => {
      const own = `password:${who.id}`;
      const refusal = await checked([{ key: own, count: 10, windowMs: 5 * minutes }], own, async () => {
        const record = await people().findOne({ _id: who.id, org: who.org });
        return verifyPassword(record?.passwordHash, current);
      });
      if (refusal?.code === 'wrong_credentials') {
        return wireError('wrong_credentials', 'The present password is not right. Type it again.', {
          field: 'current',
        });
      }
      if (refusal) return refusal;
      const ack = await command(who, 'person.setPassword', {
        id: who.id,
        passwordHash: await inTurn(() => hashPassword(next)),
      });
      return ack.ok ? endAll(who, who.id, who.session) : ack.error;
    },
    setPassword: async (who, person, next) => {
      const ack = await command(who, 'person.setPassword', {
        id: person,
        passwordHash: await inTurn(() => hashPassword(next)),
      });
      return ack.ok ? endAll(who, person, person === who.id ? who.session : undefined) : ack.error;
    },
  };
}
