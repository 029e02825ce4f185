import type { Connection } from 'mongoose';
import type { CommandName } from '@opsboard/shared/protocol/deciders';
import type { Command } from '@opsboard/shared/protocol/envelope';
import { createOrganization } from '@opsboard/shared/organization/schema';
import { linkLifetime, linkPage } from '@opsboard/shared/people/links';
import { z } from 'zod';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import type { StoredRecord } from '../journal/stored.ts';
import { collectionOf } from '../journal/stored.ts';
import type { Clock } from '../platform/clock.ts';
import { newId } from '../platform/ids.ts';
import { hashPassword } from '../platform/passwords.ts';
import { newToken, sha256 } from '../platform/tokens.ts';

/** What was asked at the terminal cannot be done; the message says why, and what to do. */
export class TerminalError extends Error {
  override name = 'TerminalError';
}

/** The page that a link leads to, with the token behind the `#`, and until when it opens something (milliseconds). */
export type TerminalLink = { path: string; expiresAt: number };

/**
 * What whoever may run programs on the machine of the board can do without being signed in: found another organization,
 * and let somebody in again who is locked out. All of it through the dispatcher, so that it is on record.
 */
export function createTerminal(options: { connection: Connection; dispatcher: Dispatcher; clock: Clock }) {
  const { connection, dispatcher, clock } = options;

  async function send(org: string, actor: 'setup' | 'terminal', name: CommandName, args: object): Promise<void> {
    const command = { commandId: newId(clock.now()), name, args } as Command;
    const ack = await dispatcher.dispatch({ type: 'system', org, id: actor }, command);
    if (!ack.ok) throw new TerminalError(ack.error.message);
  }

  async function linkTo(org: string, person: string): Promise<TerminalLink> {
    const token = newToken();
    const expiresAt = clock.now() + linkLifetime.password;
    const link = { id: newId(clock.now()), purpose: 'password', person, tokenHash: sha256(token), expiresAt };
    await send(org, 'terminal', 'link.create', { ...link, mail: false, replaces: [] });
    return { path: `${linkPage.password}#${token}`, expiresAt };
  }

  async function personAt(email: string): Promise<{ org: string; id: string; name: string }> {
    const found = await connection
      .collection<StoredRecord & { name: string }>(collectionOf.person)
      .findOne({ email: email.trim().toLowerCase() } as object);
    if (!found) throw new TerminalError(`Nobody here has the e-mail address ${email}.`);
    return { org: found.org, id: found._id, name: found.name };
  }

  return {
    /**
     * Founds an organization beside those that are there; its admin chooses a password by the link.
     *
     * @throws {TerminalError} naming what is wrong with the names, the time zone or the address
     */
    async found(given: { name: string; timeZone: string; adminName: string; adminEmail: string }) {
      const org = newId(clock.now());
      const admin = {
        id: newId(clock.now()),
        name: given.adminName,
        email: given.adminEmail,
        // Nobody knows this one: the link sets the first that somebody does.
        passwordHash: await hashPassword(newToken()),
      };
      const parsed = createOrganization.safeParse({ id: org, name: given.name, timeZone: given.timeZone, admin });
      if (!parsed.success) throw new TerminalError(z.prettifyError(parsed.error));
      await send(org, 'setup', 'organization.create', parsed.data);
      return { org, link: await linkTo(org, admin.id) };
    },
    /** A link by which somebody chooses a new password. @throws {TerminalError} when there is nobody, or they are deactivated */
    async newPassword(email: string) {
      const { org, id, name } = await personAt(email);
      return { name, link: await linkTo(org, id) };
    },
    /** Takes a second factor off that is lost. @throws {TerminalError} when there is nobody, or they have none */
    async withoutSecondFactor(email: string) {
      const { org, id, name } = await personAt(email);
      await send(org, 'terminal', 'person.removeSecondFactor', { id, why: 'Taken off at the terminal of the board' });
      return { name };
    },
  };
}
