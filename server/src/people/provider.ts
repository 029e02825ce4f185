import type { Connection } from 'mongoose';
import { z } from 'zod';
import type { Principal } from '@opsboard/shared/protocol/actors';
import type { Ack, Command } from '@opsboard/shared/protocol/envelope';
import { email as emailShape } from '@opsboard/shared/protocol/scalars';
import type { Role } from '@opsboard/shared/people/roles';
import type { ProviderRefusal } from '@opsboard/shared/people/provider';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import { isError } from '../ingress/endpoint.ts';
import { collectionOf } from '../journal/stored.ts';
import type { Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { cookie, providerCookieName, readCookie } from '../platform/cookies.ts';
import { newId } from '../platform/ids.ts';
import type { Logger } from '../platform/log.ts';
import type { Claims, OpenIdFault } from '../platform/openid.ts';
import { createOpenId, OpenIdError } from '../platform/openid.ts';
import type { Limit, Throttle } from '../platform/throttle.ts';
import { network } from './guesses.ts';
import { readRoles, roleBy, valuesOf } from './provider-roles.ts';
import { returnTo } from './return-to.ts';
import type { Sessions, Started, StoredPerson } from './sessions.ts';

/** The path that the provider sends people back to; it is registered there. */
export const providerReturnPath = '/api/session/provider/callback';

/** Where a browser goes next, and what it keeps. */
export type Onward = { to: string; cookies: string[] };

/** The sign-in provider of this deployment, an organization's own accounts. */
export type Provider = {
  /** What the button says; undefined where none is set up. */
  readonly name: string | undefined;
  /** Sends a browser to the provider. `to`: the page that it wants in the end. */
  begin(to: string | undefined): Promise<Onward>;
  /** Takes back a browser that was there, and signs its person in. */
  finish(asked: {
    answer: URLSearchParams;
    cookies: string | undefined;
    address: string;
    device?: string | undefined;
  }): Promise<{ refused: Onward } | { started: Started; onward: Onward }>;
};

const minutes = 60_000;
/** How long somebody may take at the provider: passwords, phones, a new account. */
const errandLifetime = 10 * minutes;
const errandShape = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  to: z.string(),
  until: z.number(),
});

const faults: { readonly [F in OpenIdFault]: ProviderRefusal } = {
  away: 'away',
  declined: 'declined',
  broken: 'interrupted',
};

export function createProvider(options: {
  config: Config;
  connection: Connection;
  dispatcher: Dispatcher;
  sessions: Sessions;
  throttle: Throttle;
  clock: Clock;
  log: Logger;
  secure: boolean;
  /** Where people find the board: origin, without a slash at its end. Never taken from a request. */
  origin(): string;
}): Provider {
  const { config, connection, dispatcher, sessions, throttle, clock, log, secure, origin } = options;
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_ROLE_CLAIM, OIDC_ROLES } = config;
  const cookieName = providerCookieName(secure);
  const clear = cookie(cookieName, '', 0, secure);
  const refused = (why: ProviderRefusal, to?: string): Onward => ({
    to: `/sign-in?refused=${why}${to === undefined ? '' : `&to=${encodeURIComponent(to)}`}`,
    cookies: [clear],
  });
  if (OIDC_ISSUER === undefined || OIDC_CLIENT_ID === undefined) {
    return {
      name: undefined,
      begin: () => Promise.resolve(refused('off')),
      finish: () => Promise.resolve({ refused: refused('off') }),
    };
  }
  const roles = OIDC_ROLES === undefined ? [] : readRoles(OIDC_ROLES);
  const openId = createOpenId(
    {
      issuer: OIDC_ISSUER,
      clientId: OIDC_CLIENT_ID,
      clientSecret: config.OIDC_CLIENT_SECRET,
      scope: config.OIDC_SCOPE,
    },
    () => clock.monotonic(),
  );
  const people = () => connection.collection<StoredPerson>(collectionOf.person);

  const command = (org: string, name: Command['name'], args: object): Promise<Ack> => {
    const signIn: Principal = { type: 'system', org, id: 'sign-in' };
    return dispatcher.dispatch(signIn, { commandId: newId(clock.now()), name, args } as Command);
  };

  const roleOf = ({ all }: Claims): Role | undefined =>
    OIDC_ROLE_CLAIM === undefined ? undefined : roleBy(roles, valuesOf(all, OIDC_ROLE_CLAIM));

  /** Who this is here: by the account once it is known, before that by an e-mail address that the provider vouches for. */
  async function personOf(claims: Claims, role: Role | undefined): Promise<StoredPerson | ProviderRefusal> {
    const { issuer, subject, all } = claims;
    const known = await people().findOne({ 'external.issuer': issuer, 'external.subject': subject } as object);
    if (known) return known;
    const email = emailShape.safeParse(all['email']).data;
    const vouched = all['email_verified'] === true || all['email_verified'] === 'true';
    if (email === undefined || !vouched) return 'email_unverified';
    const person = (await people().findOne({ email })) ?? (await created(email, all, role));
    if (!person) return 'unknown';
    // The address was given to somebody else there: who had it before keeps their place here.
    return person.external?.issuer === issuer ? 'unknown' : person;
  }

  /** Makes a person of who is not known yet, where that can only mean one organization and one role. */
  async function created(email: string, all: Claims['all'], role: Role | undefined): Promise<StoredPerson | null> {
    const organizations = await connection
      .collection<{ _id: string }>(collectionOf.organization)
      .find({}, { projection: { _id: 1 } })
      .limit(2)
      .toArray();
    const [only] = organizations;
    if (role === undefined || !only || organizations.length > 1) return null;
    const ack = await command(only._id, 'person.create', {
      id: newId(clock.now()),
      name: nameOf(all, email),
      email,
      role,
    });
    // Two browsers at once: the other one made the person.
    return ack.ok || ack.error.code === 'email_taken' ? people().findOne({ email }, { readConcern: 'majority' }) : null;
  }

  async function signIn(claims: Claims, device: string | undefined): Promise<Started | ProviderRefusal> {
    const role = roleOf(claims);
    const person = await personOf(claims, role);
    if (typeof person === 'string') return person;
    if (person.inactiveAt !== undefined || person.archivedAt !== undefined) return 'unknown';
    if (OIDC_ROLE_CLAIM !== undefined && role === undefined) return 'no_role';
    const ack = await command(person.org, 'person.followProvider', {
      id: person._id,
      external: { issuer: claims.issuer, subject: claims.subject },
      ...(role === undefined ? {} : { role }),
    });
    if (!ack.ok && ack.error.code !== 'nothing_to_change') return ack.error.code === 'not_found' ? 'unknown' : 'failed';
    const started = await sessions.start(person.org, person._id, device);
    return isError(started) ? (started.code === 'unavailable' ? 'failed' : 'unknown') : started;
  }

  function errandOf(cookies: string | undefined): z.infer<typeof errandShape> | undefined {
    try {
      const text = Buffer.from(readCookie(cookies, cookieName) ?? '', 'base64url').toString('utf8');
      const errand = errandShape.safeParse(JSON.parse(text)).data;
      return errand && errand.until > clock.now() ? errand : undefined;
    } catch {
      return undefined;
    }
  }

  return {
    name: config.OIDC_NAME ?? new URL(OIDC_ISSUER).host,
    begin: async (asked) => {
      const to = returnTo(asked);
      try {
        const { address, errand } = await openId.begin(origin() + providerReturnPath);
        const kept = { ...errand, to, until: clock.now() + errandLifetime };
        const value = Buffer.from(JSON.stringify(kept)).toString('base64url');
        return { to: address, cookies: [cookie(cookieName, value, errandLifetime, secure)] };
      } catch (error) {
        if (!(error instanceof OpenIdError)) throw error;
        log.warn({ code: error.message }, 'the sign-in provider does not answer');
        return refused(faults[error.fault], to);
      }
    },
    finish: async ({ answer, cookies, address, device }) => {
      const limits: Limit[] = [{ key: `provider:${network(address)}`, count: 30, windowMs: 15 * minutes }];
      const no = async (why: ProviderRefusal, to: string | undefined, code?: string) => {
        if (why !== 'away' && why !== 'failed') await throttle.fail(limits);
        log.info({ why, ...(code === undefined ? {} : { code }), address }, 'sign-in by the provider refused');
        return { refused: refused(why, to) };
      };
      const errand = errandOf(cookies);
      const to = errand && returnTo(errand.to);
      if ((await throttle.wait(limits)) > 0) return { refused: refused('too_many', to) };
      // Without the cookie of the browser that was sent there, this is somebody else's answer, or a used one.
      if (!errand || to === undefined || answer.get('state') !== errand.state) return no('interrupted', to);
      try {
        const url = new URL(`${origin()}${providerReturnPath}?${answer.toString()}`);
        const missing = (all: Claims['all']) =>
          all['email'] === undefined || (OIDC_ROLE_CLAIM !== undefined && valuesOf(all, OIDC_ROLE_CLAIM).length === 0);
        const started = await signIn(await openId.finish(url, errand, missing), device);
        if (typeof started === 'string') return await no(started, to);
        return { started, onward: { to, cookies: [clear] } };
      } catch (error) {
        if (!(error instanceof OpenIdError)) throw error;
        return no(faults[error.fault], to, error.message);
      }
    },
  };
}

/** What somebody is called, fit for a record: one line, not long. */
function nameOf(all: Claims['all'], email: string): string {
  const said = [all['name'], all['preferred_username'], email.slice(0, email.indexOf('@'))];
  const lines = said.map((name) => (typeof name === 'string' ? oneLine(name) : ''));
  return lines.find((name) => name !== '') ?? email.slice(0, 80);
}

// A provider may say anything.
const oneLine = (text: string): string =>
  text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 80)
    .trim();
