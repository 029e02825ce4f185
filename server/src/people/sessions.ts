import type { Connection } from 'mongoose';
import type { Principal } from '@opsboard/shared/protocol/actors';
import type { Ack, Command } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';
import type { Person, Session } from '@opsboard/shared/people/schema';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock } from '../platform/clock.ts';
import { readCookie, sessionCookieName } from '../platform/cookies.ts';
import { newId } from '../platform/ids.ts';
import type { Logger } from '../platform/log.ts';
import { hashPassword, inTurn, verifyPassword } from '../platform/passwords.ts';
import type { Limit, Throttle } from '../platform/throttle.ts';
import { newToken, sha256, tokenShape } from '../platform/tokens.ts';
import { addressLimit, checked, network } from './guesses.ts';
import { challengeKey, makeProof } from './proofs.ts';
import { createSessionCache } from './session-cache.ts';

/** A person as stored, with what is secret. */
export type StoredPerson = { _id: string } & Omit<Person, 'id'>;

/** Who is signed in: the principal as their record is now, with the session and when it ends (milliseconds). */
export type SignedIn = Extract<Principal, { type: 'person' }> & { session: string; expiresAt: number };

/**
 * A sign-in that succeeded. `token` goes into the cookie and is kept nowhere else. `cookieMs`: how long the browser keeps
 * it, milliseconds; longer than the session where use prolongs that.
 */
export type Started = { token: string; expiresAt: number; cookieMs: number; signedIn: SignedIn; person: Person };

/** A session as its person, and who looks after people, sees it. */
export type ShownSession = Pick<Session, 'id' | 'device' | 'createdAt' | 'renewedAt' | 'expiresAt'> & {
  /** The one that asks. */
  current: boolean;
};

export type Sessions = {
  /**
   * Checks e-mail and password and starts a session with a token of its own, whatever cookie came along. Who has a
   * second factor is answered `second_factor_required` with a challenge instead.
   */
  signIn(asked: {
    email: string;
    password: string;
    device?: string | undefined;
    address: string;
  }): Promise<Started | WireError>;
  /**
   * Goes on after somebody has proved that the password is theirs: a session, or `second_factor_required` with a
   * challenge for who has a second factor.
   */
  enter(person: string, device?: string): Promise<Started | WireError>;
  /** Starts a session for a person who has proved who they are, with everything that this takes. */
  start(org: string, person: string, device?: string): Promise<Started | WireError>;
  /** Who a `Cookie` header speaks for. No database is asked after the first time. */
  resolve(cookieHeader: string | undefined): Promise<SignedIn | undefined>;
  /** The sessions of a person that have not ended, those begun last first. */
  list(who: SignedIn, person: string): Promise<ShownSession[]>;
  /** Ids of a person's sessions that have not ended, at most 500. */
  open(org: string, person: string): Promise<string[]>;
  /** Ends this session. */
  signOut(who: SignedIn): Promise<WireError | undefined>;
  /** Ends every session of the person, or every other one. */
  signOutEverywhere(who: SignedIn, which?: 'all' | 'others'): Promise<WireError | undefined>;
  /** Asks for one's own password before something that a screen left alone must not allow; `field` is blamed. */
  confirmPassword(who: SignedIn, password: string, field: string): Promise<WireError | undefined>;
  /** Sets one's own password after checking the present one, and ends the person's other sessions. */
  changePassword(who: SignedIn, current: string, next: string): Promise<WireError | undefined>;
  /** Sets somebody's password without the present one (an admin's right) and ends all their sessions. */
  setPassword(who: SignedIn, person: string, next: string): Promise<WireError | undefined>;
};

const minutes = 60_000;
const day = 86_400_000;
/** Browsers keep no cookie for longer. */
const longestCookie = 400 * day;
/** A renewal that did not succeed is tried again by the next use after this time, milliseconds. */
const renewalPause = 60_000;
/** How long a code may be typed after the password was right. */
const challengeLifetime = 5 * minutes;
const wrongCredentials = (): WireError =>
  wireError('wrong_credentials', 'E-mail and password do not match. Check both, or ask your admin for a new password.');

export function createSessions(options: {
  connection: Connection;
  journal: Journal;
  dispatcher: Dispatcher;
  throttle: Throttle;
  clock: Clock;
  log: Logger;
  /** Lifetime of a session, days. */
  days: number;
  /** Days without use after which a driver's session ends. */
  driverDays: number;
  /** SECRETS_KEY, or nothing: part of what challenges are signed with. */
  secretsKey: string;
  /** Whether the cookie travels over https only. */
  secure: boolean;
}): Sessions {
  const { connection, journal, dispatcher, throttle, clock, log } = options;
  const cookieName = sessionCookieName(options.secure);
  const people = () => connection.collection<StoredPerson>('people');
  const sessionRecords = () => connection.collection<{ _id: string; org: string; person: string }>('sessions');
  const cache = createSessionCache({ connection, journal });

  const command = (principal: Principal, name: Command['name'], args: object): Promise<Ack> =>
    dispatcher.dispatch(principal, { commandId: newId(clock.now()), name, args } as Command);

  /** The person as a principal, or undefined when they may not sign in (any more). */
  function signedIn(
    found: { org: string; session: string; person: string; since: number; expiresAt: number },
    person: Person | undefined,
  ) {
    if (!person || person.inactiveAt !== undefined) return undefined;
    const expiresAt = endOf(found, person);
    if (expiresAt <= clock.now()) return undefined;
    const who: SignedIn = {
      type: 'person',
      org: found.org,
      id: found.person,
      role: person.role,
      ...(person.branches === undefined ? {} : { branches: person.branches }),
      session: found.session,
      expiresAt,
    };
    return who;
  }

  /** When a session ends: one that was a driver's does not outlast those of the role that they have now. */
  function endOf(found: { since: number; expiresAt: number }, person: Person): number {
    return person.role === 'driver' ? found.expiresAt : Math.min(found.expiresAt, found.since + options.days * day);
  }

  /** Sessions whose renewal is under way, or was a moment ago: when it may be tried again, by the monotonic clock. */
  const renewals = new Map<string, number>();

  /** A driver's session ends so long after it was last used; each day of use is put on record once. */
  function renew(who: SignedIn): void {
    const expiresAt = clock.now() + options.driverDays * day;
    if (who.role !== 'driver' || expiresAt - who.expiresAt < day) return;
    if ((renewals.get(who.session) ?? 0) > clock.monotonic()) return;
    renewals.set(who.session, clock.monotonic() + renewalPause);
    const renewed = command({ type: 'system', org: who.org, id: 'sign-in' }, 'session.renew', {
      id: who.session,
      expiresAt,
    });
    void renewed.then((ack) => {
      if (ack.ok || ack.error.code === 'nothing_to_change') renewals.delete(who.session);
    });
  }

  async function start(org: string, person: string, device?: string): Promise<Started | WireError> {
    const token = newToken();
    const session = newId(clock.now());
    const since = clock.now();
    const drives = (await journal.org(org)).get('person', person)?.role === 'driver';
    const expiresAt = since + (drives ? options.driverDays : options.days) * day;
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
    const who = signedIn({ org, session, person, since, expiresAt }, record);
    const cookieMs = drives ? longestCookie : expiresAt - since;
    return who && record ? { token, expiresAt, cookieMs, signedIn: who, person: record } : wrongCredentials();
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
        addressLimit(address),
      ],
    };
  }

  function secondFactorRequired(person: StoredPerson): WireError {
    const expiresAt = clock.now() + challengeLifetime;
    const key = challengeKey(options.secretsKey, person);
    const challenge = makeProof('second factor', key, { person: person._id, expiresAt });
    return wireError('second_factor_required', 'Type the code that your authenticator app shows now.', {
      details: { challenge, expiresAt },
    });
  }

  function confirmPassword(who: SignedIn, password: string, field: string): Promise<WireError | undefined> {
    const own = `password:${who.id}`;
    const wrong = () => wireError('wrong_credentials', 'The present password is not right. Type it again.', { field });
    return checked(throttle, [{ key: own, count: 10, windowMs: 5 * minutes }], own, wrong, async () => {
      const record = await people().findOne({ _id: who.id, org: who.org });
      return verifyPassword(record?.passwordHash, password);
    });
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
      let found: StoredPerson | undefined;
      const refusal = await checked(throttle, limits, own, wrongCredentials, async () => {
        const record = await people().findOne({ email });
        const usable =
          record && record.inactiveAt === undefined && record.archivedAt === undefined ? record : undefined;
        if (!(await verifyPassword(usable?.passwordHash, password)) || !usable) return false;
        found = usable;
        return true;
      });
      if (refusal || !found) {
        log.info({ code: refusal?.code, address }, 'sign-in refused');
        return refusal ?? wrongCredentials();
      }
      return found.totp ? secondFactorRequired(found) : start(found.org, found._id, device);
    },
    enter: async (id, device) => {
      const person = await people().findOne({ _id: id }, { readConcern: 'majority' });
      if (!person) return wrongCredentials();
      return person.totp ? secondFactorRequired(person) : start(person.org, id, device);
    },
    start,
    resolve: async (cookieHeader) => {
      const token = readCookie(cookieHeader, cookieName);
      if (token === undefined || !tokenShape.test(token)) return undefined;
      const found = await cache.find(sha256(token));
      const who = found && signedIn(found, found.state.get('person', found.person));
      if (who) renew(who);
      return who;
    },
    list: async (who, asked) => {
      const state = await journal.org(who.org);
      const person = state.get('person', asked);
      if (!person) return [];
      const shown: ShownSession[] = [];
      for (const session of state.all('session')) {
        if (session.person !== asked || session.endedAt !== undefined) continue;
        const { id, device, createdAt, renewedAt } = session;
        const expiresAt = endOf({ since: renewedAt ?? createdAt, expiresAt: session.expiresAt }, person);
        if (expiresAt <= clock.now()) continue;
        shown.push({
          id,
          ...(device === undefined ? {} : { device }),
          createdAt,
          ...(renewedAt === undefined ? {} : { renewedAt }),
          expiresAt,
          current: id === who.session,
        });
      }
      return shown.sort((a, b) => b.createdAt - a.createdAt);
    },
    open: (org, person) => openSessions(org, person),
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
    confirmPassword,
    changePassword: async (who, current, next) => {
      const refusal = await confirmPassword(who, current, 'current');
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
