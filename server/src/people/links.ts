import { productName } from '@opsboard/shared/organization/settings';
import type { InvitePerson, Link } from '@opsboard/shared/people/link-schema';
import type { LinkPurpose } from '@opsboard/shared/people/links';
import { faultOfLink, linkLifetime, linkPage, voidLink } from '@opsboard/shared/people/links';
import type { Person } from '@opsboard/shared/people/schema';
import type { Principal } from '@opsboard/shared/protocol/actors';
import { withoutSecrets } from '@opsboard/shared/protocol/audiences';
import type { Ack, Command } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import type { Connection } from 'mongoose';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import { isError } from '../ingress/endpoint.ts';
import { tooMany } from '../ingress/error.ts';
import type { Journal } from '../journal/journal.ts';
import type { StoredRecord } from '../journal/stored.ts';
import { collectionOf, recordOf } from '../journal/stored.ts';
import type { Clock } from '../platform/clock.ts';
import { newId } from '../platform/ids.ts';
import type { Logger } from '../platform/log.ts';
import type { Mailer } from '../platform/mail.ts';
import { hashPassword, inTurn } from '../platform/passwords.ts';
import type { Limit, Throttle } from '../platform/throttle.ts';
import { newToken, sha256, tokenShape } from '../platform/tokens.ts';
import { createLinkMail, mailLifetime } from './link-mail.ts';
import type { Sessions, SignedIn, Started } from './sessions.ts';
import { network } from './guesses.ts';

/** A link as it is handed out: `path` leads there, token included, and is told this once. */
export type MadeLink = {
  id: string;
  purpose: LinkPurpose;
  path: string;
  expiresAt: number;
  /** Whether an e-mail with it is on its way. */
  mailed: boolean;
  /** The last entry that making it made. */
  seq: number;
};

/** What a link says of itself to who brings it. */
export type LookedAt = { purpose: LinkPurpose; organization: string; person: string; expiresAt: number };

export type Links = {
  /** Whether links can go out by e-mail. */
  readonly mails: boolean;
  invite(who: SignedIn, person: Omit<InvitePerson, 'link'>): Promise<MadeLink | WireError>;
  /** Makes a link for somebody who is there; the earlier ones open nothing from then on. */
  make(who: SignedIn, person: Person, purpose: LinkPurpose): Promise<MadeLink | WireError>;
  /** The links of a person, the newest first, without what is secret. */
  list(who: SignedIn, person: string): Promise<Omit<Link, 'tokenHash'>[]>;
  /**
   * Sends a link to whoever has this e-mail address. Answers before anything is looked up, so that nobody learns from
   * the answer or its time whether there is such a person.
   */
  forgotten(email: string, address: string): Promise<WireError | undefined>;
  look(token: string, address: string): Promise<LookedAt | WireError>;
  use(asked: {
    token: string;
    password: string;
    address: string;
    device?: string | undefined;
  }): Promise<Started | WireError>;
  /** Resolves when what is under way is done. */
  close(): Promise<void>;
};

const minutes = 60_000;
/** Requests for a new password that are worked on at once; more are an attack, and are dropped. */
const mostAsked = 50;
/** Earlier links that are looked through; more than that of one person is unheard of. */
const mostLinks = 100;

export function createLinks(options: {
  connection: Connection;
  journal: Journal;
  dispatcher: Dispatcher;
  sessions: Sessions;
  throttle: Throttle;
  clock: Clock;
  log: Logger;
  mailer: Mailer | undefined;
  /** Where people find the board: origin, without a slash at its end. Never taken from a request. */
  origin(): string;
}): Links {
  const { connection, journal, dispatcher, sessions, throttle, clock, log, origin } = options;
  const mail = createLinkMail(options);
  const underWay = new Set<Promise<void>>();
  const linkRecords = () => connection.collection<StoredRecord>(collectionOf.link);
  const peopleRecords = () => connection.collection<StoredRecord>(collectionOf.person);

  const command = (principal: Principal, name: Command['name'], args: object): Promise<Ack> =>
    dispatcher.dispatch(principal, { commandId: newId(clock.now()), name, args } as Command);
  const signIn = (org: string): Principal => ({ type: 'system', org, id: 'sign-in' });

  /** Ids of the person's links that may still open something. */
  async function openLinks(org: string, person: string): Promise<string[]> {
    const filter = { org, person, usedAt: { $exists: false }, revokedAt: { $exists: false } };
    const found = await linkRecords()
      .find({ ...filter, expiresAt: { $gt: clock.now() } } as object, { projection: { _id: 1 } })
      .limit(mostLinks)
      .toArray();
    return found.map(({ _id }) => _id);
  }

  /** A new link, as commands take it and as its person gets it. */
  function draft(purpose: LinkPurpose) {
    const token = newToken();
    const expiresAt = clock.now() + linkLifetime[purpose];
    const id = newId(clock.now());
    return { fields: { id, tokenHash: sha256(token), expiresAt }, path: `${linkPage[purpose]}#${token}` };
  }

  /** Hands a committed link to the mail, and to who asked for it. */
  async function handOut(
    org: string,
    purpose: LinkPurpose,
    made: ReturnType<typeof draft>,
    to: string | undefined,
    by: string | undefined,
    seq: number,
  ): Promise<MadeLink> {
    const { id, expiresAt } = made.fields;
    if (to !== undefined) {
      const organization = (await journal.org(org)).get('organization', org);
      mail.send(org, { id, at: clock.now() }, to, {
        purpose,
        address: origin() + made.path,
        organization: organization?.name ?? '',
        product: productName(organization),
        by,
        until: expiresAt,
        timeZone: organization?.timeZone ?? 'UTC',
      });
    }
    return { id, purpose, path: made.path, expiresAt, mailed: to !== undefined, seq };
  }

  async function nameOf(who: SignedIn): Promise<string | undefined> {
    return (await journal.org(who.org)).get('person', who.id)?.name;
  }

  /** The link that a token opens, with its person; or why it opens nothing. */
  async function open(token: string, address: string): Promise<{ link: Link; person: Person } | WireError> {
    const limits: Limit[] = [{ key: `link:${network(address)}`, count: 60, windowMs: 15 * minutes }];
    const wait = await throttle.wait(limits);
    if (wait > 0) return tooMany(wait);
    const stored = tokenShape.test(token)
      ? await linkRecords().findOne({ tokenHash: sha256(token) } as object, { readConcern: 'majority' })
      : null;
    if (!stored) {
      await throttle.fail(limits);
      return voidLink('unknown');
    }
    const link = recordOf('link', stored as StoredRecord);
    // From storage, as the link is: this process may not have heard of the person yet.
    const found = await peopleRecords().findOne({ _id: link.person, org: link.org }, { readConcern: 'majority' });
    const person = found ? recordOf('person', found as StoredRecord) : undefined;
    const fault = faultOfLink(link, person, clock.now());
    return fault !== undefined || !person ? voidLink(fault ?? 'revoked') : { link, person };
  }

  async function sendForgotten(email: string): Promise<void> {
    const found = await peopleRecords().findOne({ email } as object, { readConcern: 'majority' });
    const person = found ? recordOf('person', found as StoredRecord) : undefined;
    if (!person || person.inactiveAt !== undefined || person.archivedAt !== undefined) return;
    const made = draft('password');
    const args = { ...made.fields, purpose: 'password', person: person.id, mail: true, replaces: [] };
    const ack = await command(signIn(person.org), 'link.create', args);
    if (ack.ok) await handOut(person.org, 'password', made, person.email, undefined, ack.seq);
    else log.info({ org: person.org, code: ack.error.code }, 'no link was made for a forgotten password');
  }

  return {
    mails: mail.ready,
    invite: async (who, person) => {
      const made = draft('invitation');
      const ack = await command(who, 'person.invite', { ...person, link: { ...made.fields, mail: mail.ready } });
      if (!ack.ok) return ack.error;
      return handOut(who.org, 'invitation', made, mail.ready ? person.email : undefined, await nameOf(who), ack.seq);
    },
    make: async (who, person, purpose) => {
      const made = draft(purpose);
      const replaces = await openLinks(who.org, person.id);
      const args = { ...made.fields, purpose, person: person.id, mail: mail.ready, replaces };
      const ack = await command(who, 'link.create', args);
      if (!ack.ok) return ack.error;
      return handOut(who.org, purpose, made, mail.ready ? person.email : undefined, await nameOf(who), ack.seq);
    },
    list: async (who, person) => {
      const found = await linkRecords()
        .find({ org: who.org, person } as object, { readConcern: 'majority' })
        .sort({ createdAt: -1 })
        .limit(20)
        .toArray();
      return found.map((stored) => {
        const link = withoutSecrets('link', recordOf('link', stored as StoredRecord)) as Omit<Link, 'tokenHash'>;
        const lost = link.mail?.state === 'sending' && link.mail.at + mailLifetime < clock.now();
        return lost
          ? {
              ...link,
              mail: {
                state: 'unknown' as const,
                at: link.mail!.at,
                why: 'The server stopped while it was on its way: it may or may not have arrived.',
              },
            }
          : link;
      });
    },
    forgotten: async (email, address) => {
      const limits: Limit[] = [
        { key: `forgotten:${sha256(email).slice(0, 32)}`, count: 3, windowMs: 15 * minutes },
        { key: `forgotten-from:${network(address)}`, count: 30, windowMs: 15 * minutes },
      ];
      const wait = await throttle.wait(limits);
      if (wait > 0) return tooMany(wait);
      await throttle.fail(limits);
      if (!mail.ready) return undefined;
      if (underWay.size >= mostAsked) {
        log.warn('too many ask for a new password at once');
        return undefined;
      }
      const work = sendForgotten(email)
        .catch((err: unknown) => log.error({ err }, 'a link for a forgotten password was not made'))
        .finally(() => underWay.delete(work));
      underWay.add(work);
      return undefined;
    },
    look: async (token, address) => {
      const opened = await open(token, address);
      if (isError(opened)) return opened;
      const { link, person } = opened;
      const organization = (await journal.org(link.org)).get('organization', link.org)?.name ?? '';
      return { purpose: link.purpose, organization, person: person.name, expiresAt: link.expiresAt };
    },
    use: async ({ token, password, address, device }) => {
      const opened = await open(token, address);
      if (isError(opened)) return opened;
      const { org, id } = opened.link;
      const person = opened.person.id;
      const passwordHash = await inTurn(() => hashPassword(password));
      const ends = await sessions.open(org, person);
      const ack = await command(signIn(org), 'link.use', { id, passwordHash, sessions: ends });
      if (!ack.ok) return ack.error;
      // One that began with the old password between the look and the change.
      const expiry: Principal = { type: 'system', org, id: 'expiry' };
      for (const left of await sessions.open(org, person)) await command(expiry, 'session.end', { id: left });
      // A link proves who reads the mail, not who holds the authenticator.
      return sessions.enter(person, device);
    },
    close: async () => {
      await Promise.all(underWay);
      await mail.close();
    },
  };
}
