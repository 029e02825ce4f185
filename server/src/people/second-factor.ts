import { createHash } from 'node:crypto';
import type { Connection } from 'mongoose';
import { renderSVG } from 'uqr';
import type { Principal } from '@opsboard/shared/protocol/actors';
import type { Ack, Command } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock } from '../platform/clock.ts';
import { newId } from '../platform/ids.ts';
import type { Logger } from '../platform/log.ts';
import type { Seal } from '../platform/sealed.ts';
import { SealError } from '../platform/sealed.ts';
import type { Limit, Throttle } from '../platform/throttle.ts';
import { newSecret, secretAddress, stepOf } from '../platform/totp.ts';
import { addressLimit, checked, codeLimits } from './guesses.ts';
import { challengeKey, makeProof, readProof } from './proofs.ts';
import { newRecoveryCodes, recoveryHash } from './recovery-codes.ts';
import type { Sessions, SignedIn, Started, StoredPerson } from './sessions.ts';

/** What an authenticator app needs: as a picture, as an address for apps on this device, and as text to type. */
export type Offer = {
  /** Comes back with the first code. */
  offer: string;
  expiresAt: number;
  secret: string;
  address: string;
  /** An image as a data URL: dark on white, as cameras like it. */
  qr: string;
};

export type SecondFactorState = {
  on: boolean;
  since?: number;
  recoveryCodesLeft: number;
  /** Whether the person has a password at all: without one there is nothing to add a second step to. */
  password: boolean;
};

export type SecondFactor = {
  /** The second step of a sign-in: a code of the app, or a recovery code. */
  signIn(asked: {
    challenge: string;
    code: string;
    device?: string | undefined;
    address: string;
  }): Promise<Started | WireError>;
  state(who: SignedIn): Promise<SecondFactorState>;
  /** Begins to set one up. Nothing is stored before the first code. */
  offer(who: SignedIn, password: string): Promise<Offer | WireError>;
  /** Sets it up. @returns the recovery codes, for this once */
  confirm(who: SignedIn, offer: string, code: string): Promise<{ recoveryCodes: string[] } | WireError>;
  turnOff(who: SignedIn, password: string, code: string): Promise<WireError | undefined>;
  /** Replaces the recovery codes. @returns them, for this once */
  renewRecoveryCodes(who: SignedIn, password: string, code: string): Promise<{ recoveryCodes: string[] } | WireError>;
};

const minutes = 60_000;
/** Setting up means finding the phone, and perhaps an app for it. */
const offerLifetime = 15 * minutes;
/** Used codes are remembered for longer than any clock that we believe is wrong. */
const usedLifetime = 24 * 60 * minutes;

const wrongCode = (): WireError =>
  wireError('wrong_code', 'This code is not right, or it was used before. Type the one that is shown now.', {
    field: 'code',
  });
const expired = (): WireError =>
  wireError('challenge_expired', 'This took too long, or your password has changed. Begin again with your password.');
const setUpAlready = (): WireError =>
  wireError('already_exists', 'A second factor is set up already. Turn it off first, then set up the new one.');
const notSetUp = (): WireError => wireError('nothing_to_change', 'No second factor is set up. Set one up first.');

export function createSecondFactor(options: {
  connection: Connection;
  journal: Journal;
  dispatcher: Dispatcher;
  sessions: Sessions;
  throttle: Throttle;
  clock: Clock;
  log: Logger;
  seal: Seal;
  secretsKey: string;
  /** Told of a second step that was refused. */
  onRefused?: (org: string, person: string, address: string) => void;
}): SecondFactor {
  const { connection, journal, dispatcher, sessions, throttle, clock, log, seal, secretsKey } = options;
  const people = () => connection.collection<StoredPerson>('people');
  const usedCodes = () => connection.collection<{ _id: string; expiresAt: Date }>('usedCodes');

  const command = (principal: Principal, name: Command['name'], args: object): Promise<Ack> =>
    dispatcher.dispatch(principal, { commandId: newId(clock.now()), name, args } as Command);

  /** The person as they are now, if they may sign in. */
  async function active(id: string): Promise<StoredPerson | undefined> {
    const record = await people().findOne({ _id: id });
    return record && record.inactiveAt === undefined && record.archivedAt === undefined ? record : undefined;
  }

  /** Remembers that a code was used; false when it was used before, also on another process at this moment. */
  async function useOnce(person: string, secret: string, step: number): Promise<boolean> {
    const which = createHash('sha256').update(`${person}:${secret}:${step}`).digest('base64url');
    try {
      await usedCodes().insertOne({ _id: which, expiresAt: new Date(clock.now() + usedLifetime) });
      return true;
    } catch (error) {
      if ((error as { code?: number }).code === 11000) return false;
      throw error;
    }
  }

  async function isCode(person: string, secret: string, code: string): Promise<boolean> {
    const step = stepOf(secret, code, clock.now());
    return step !== undefined && (await useOnce(person, secret, step));
  }

  /** A code of the app or a recovery code, each good for once. */
  async function accept(person: StoredPerson, typed: string): Promise<boolean> {
    if (!person.totp) return false;
    const digits = typed.replace(/\s/g, '');
    if (/^\d{6}$/.test(digits)) {
      try {
        return await isCode(person._id, seal.open(person.totp.secret, person._id), digits);
      } catch (error) {
        if (!(error instanceof SealError)) throw error;
        // A recovery code still works: its hash needs no key.
        log.error({ err: error, person: person._id }, 'a second factor cannot be read');
        return false;
      }
    }
    const hash = recoveryHash(person._id, typed);
    if (hash === undefined || !person.recoveryHashes?.includes(hash)) return false;
    // The lane lets one through, however many processes were asked at once.
    const ack = await command({ type: 'system', org: person.org, id: 'sign-in' }, 'person.spendRecoveryCode', {
      id: person._id,
      recoveryHashes: [hash],
    });
    return ack.ok;
  }

  const guarded = (
    person: string,
    more: readonly Limit[],
    check: () => Promise<boolean>,
  ): Promise<WireError | undefined> => {
    const { own, limits } = codeLimits(person);
    return checked(throttle, [...limits, ...more], own, wrongCode, check);
  };

  /** Password, then code: what changing an existing second factor asks for. */
  async function confirmed(who: SignedIn, password: string, code: string): Promise<WireError | undefined> {
    const person = await active(who.id);
    if (!person?.totp) return notSetUp();
    return (
      (await sessions.confirmPassword(who, password, 'password')) ??
      (await guarded(who.id, [], () => accept(person, code)))
    );
  }

  const offerKey = (who: SignedIn, person: StoredPerson): string =>
    JSON.stringify([challengeKey(secretsKey, person), who.session]);

  return {
    signIn: async ({ challenge, code, device, address }) => {
      const read = await readProof('second factor', challenge, clock.now(), async (id) => {
        const person = await active(id);
        return person?.totp && { key: challengeKey(secretsKey, person), found: person };
      });
      if (!read) return expired();
      const person = read.found;
      const refusal = await guarded(person._id, [addressLimit(address)], () => accept(person, code));
      if (refusal) {
        options.onRefused?.(person.org, person._id, address);
        log.info({ code: refusal.code, address }, 'second step refused');
        return refusal;
      }
      return sessions.start(person.org, person._id, device);
    },
    state: async (who) => {
      const person = await active(who.id);
      return {
        on: person?.totp !== undefined,
        ...(person?.totp ? { since: person.totp.since } : {}),
        recoveryCodesLeft: person?.recoveryHashes?.length ?? 0,
        password: person?.passwordHash !== undefined,
      };
    },
    offer: async (who, password) => {
      const refusal = await sessions.confirmPassword(who, password, 'password');
      if (refusal) return refusal;
      const person = await active(who.id);
      if (!person) return expired();
      if (person.totp) return setUpAlready();
      const secret = newSecret();
      const expiresAt = clock.now() + offerLifetime;
      const organization = (await journal.org(who.org)).get('organization', who.org);
      const address = secretAddress(secret, organization?.name ?? 'Opsboard', person.email);
      return {
        offer: makeProof('enrolment', offerKey(who, person), { person: who.id, expiresAt, secret }),
        expiresAt,
        secret,
        address,
        qr: `data:image/svg+xml;base64,${Buffer.from(renderSVG(address, { border: 4 })).toString('base64')}`,
      };
    },
    confirm: async (who, offer, code) => {
      const read = await readProof('enrolment', offer, clock.now(), async (id) => {
        const person = id === who.id ? await active(id) : undefined;
        return person && { key: offerKey(who, person), found: person };
      });
      const secret = read?.said.secret;
      if (secret === undefined) return expired();
      const refusal = await guarded(who.id, [], () => isCode(who.id, secret, code.replace(/\s/g, '')));
      if (refusal) return refusal;
      const { codes, hashes } = newRecoveryCodes(who.id);
      const ack = await command(who, 'person.enrolSecondFactor', {
        id: who.id,
        totp: { secret: seal.seal(secret, who.id) },
        recoveryHashes: hashes,
      });
      return ack.ok ? { recoveryCodes: codes } : ack.error;
    },
    turnOff: async (who, password, code) => {
      const refusal = await confirmed(who, password, code);
      if (refusal) return refusal;
      const ack = await command(who, 'person.dropSecondFactor', { id: who.id });
      return ack.ok ? undefined : ack.error;
    },
    renewRecoveryCodes: async (who, password, code) => {
      const refusal = await confirmed(who, password, code);
      if (refusal) return refusal;
      const { codes, hashes } = newRecoveryCodes(who.id);
      const ack = await command(who, 'person.renewRecoveryCodes', { id: who.id, recoveryHashes: hashes });
      return ack.ok ? { recoveryCodes: codes } : ack.error;
    },
  };
}
