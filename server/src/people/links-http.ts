import { link, invitePerson } from '@opsboard/shared/people/link-schema';
import { linkPurposes } from '@opsboard/shared/people/links';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';
import { id, line, time } from '@opsboard/shared/protocol/scalars';
import { z } from 'zod';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint, isError, ok } from '../ingress/endpoint.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock } from '../platform/clock.ts';
import { cookieNote, createEntrance, mine } from './entrance.ts';
import { newPassword } from './http.ts';
import type { Links, MadeLink } from './links.ts';
import type { Sessions } from './sessions.ts';
import { readPerson } from './queries.ts';

const made = z.object({
  id,
  purpose: z.enum(linkPurposes),
  path: z.string().meta({
    description: 'The page it leads to, with the token as its fragment. Told this once: only its hash is stored.',
  }),
  expiresAt: time,
  mailed: z.boolean().meta({ description: 'Whether an e-mail with it is on its way.' }),
  seq: z.int(),
});

/** What came after the `#` of a link. In the body: addresses are logged, bodies are not. */
const token = z.string().min(1).max(200).meta({ format: 'password', description: 'What stands after the `#`.' });

const noPerson = (): WireError => wireError('not_found', 'There is no such person among those you can see.');
const answered = (result: MadeLink | WireError) => (isError(result) ? result : { status: 201, body: result });

/** One-time links: invitations, new passwords, and those who come by them. */
export function linkEndpoints(options: {
  links: Links;
  sessions: Pick<Sessions, 'signOut'>;
  journal: Journal;
  clock: Clock;
  secure: boolean;
}): Endpoint[] {
  const { links, sessions, journal } = options;
  const { begin } = createEntrance(options);
  return [
    endpoint({
      method: 'post',
      path: '/api/people/invitations',
      tag: 'Directory',
      summary: 'Invite a person: they come by a one-time link and choose their password',
      description: 'The link is in the answer, once, and goes out by e-mail where a mail server is set up.',
      access: 'people.manage',
      body: invitePerson.omit({ link: true }),
      answer: { status: 201, description: 'Invited.', schema: made },
      errors: ['already_exists', 'email_taken', 'unknown_reference'],
      handle: async ({ who, body }) => answered(await links.invite(who, body)),
    }),
    endpoint({
      method: 'get',
      path: '/api/people/:id/links',
      tag: 'Directory',
      summary: 'List the one-time links of a person',
      description: 'Without their tokens. One that still opens something is withdrawn by the command `link.revoke`.',
      access: 'people.manage',
      params: z.strictObject({ id }),
      answer: {
        status: 200,
        description: 'The newest first, and what became of each.',
        schema: z.object({ links: z.array(link.omit({ tokenHash: true })), mails: z.boolean() }),
      },
      errors: ['not_found'],
      handle: async ({ who, params }) => {
        const person = readPerson(await journal.org(who.org), who, params.id);
        return person ? ok({ links: await links.list(who, person.id), mails: links.mails }) : noPerson();
      },
    }),
    endpoint({
      method: 'post',
      path: '/api/people/:id/links',
      tag: 'Directory',
      summary: 'Make a one-time link for a person: a new invitation, or a new password',
      description: 'Earlier links of theirs open nothing from then on.',
      access: 'people.manage',
      params: z.strictObject({ id }),
      body: z.strictObject({ purpose: z.enum(linkPurposes) }),
      answer: { status: 201, description: 'Made.', schema: made },
      errors: ['not_found', 'inactive', 'nothing_to_change'],
      handle: async ({ who, params, body }) => {
        const person = readPerson(await journal.org(who.org), who, params.id);
        return person ? answered(await links.make(who, person, body.purpose)) : noPerson();
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/password/forgotten',
      tag: 'Session',
      summary: 'Ask whether a link for a forgotten password can go out by e-mail',
      access: 'anyone',
      answer: { status: 200, description: 'Without it, an admin makes one.', schema: z.object({ mail: z.boolean() }) },
      handle: () => ok({ mail: links.mails }),
    }),
    endpoint({
      method: 'post',
      path: '/api/password/forgotten',
      tag: 'Session',
      summary: 'Have a link for a new password sent to an e-mail address',
      description: 'The answer is the same whether there is such a person or not.',
      access: 'anyone',
      body: z.strictObject({ email: z.string().trim().toLowerCase().pipe(line(254)) }),
      answer: {
        status: 200,
        description: 'If there is such a person, a link is on its way; `mail` false: this server sends none.',
        schema: z.object({ mail: z.boolean() }),
      },
      errors: ['too_many_requests'],
      handle: async ({ body, address }) => (await links.forgotten(body.email, address)) ?? ok({ mail: links.mails }),
    }),
    endpoint({
      method: 'post',
      path: '/api/links/look',
      tag: 'Session',
      summary: 'Ask what a one-time link is for',
      description: 'Looking does not use it up.',
      access: 'anyone',
      body: z.strictObject({ token }),
      answer: {
        status: 200,
        description: 'It opens.',
        schema: z.object({
          purpose: z.enum(linkPurposes),
          organization: z.string(),
          person: z.string(),
          expiresAt: time,
        }),
      },
      errors: ['link_void', 'too_many_requests'],
      handle: async ({ body, address }) => {
        const looked = await links.look(body.token, address);
        return isError(looked) ? looked : ok(looked);
      },
    }),
    endpoint({
      method: 'post',
      path: '/api/links/use',
      told: { what: 'signed_in' },
      tag: 'Session',
      summary: 'Choose a password by a one-time link, and sign in',
      description: `The link is used up, and every other session of the person ends. ${cookieNote}`,
      access: 'anyone',
      body: z.strictObject({ token, password: newPassword }),
      answer: { status: 200, description: 'Signed in.', schema: mine },
      errors: ['link_void', 'second_factor_required', 'too_many_requests'],
      handle: async ({ who, body, address, device }) => {
        const started = await links.use({ ...body, address, device });
        if (isError(started)) return started;
        // Whoever was signed in with this browser is no longer: nobody has that session's token from here on.
        if (who && who.id !== started.person.id) await sessions.signOut(who);
        return begin(started, 200);
      },
    }),
  ];
}
