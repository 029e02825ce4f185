import type { Connection } from 'mongoose';
import { z } from 'zod';
import type { Command } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';
import { email, id, line, time, timeZone } from '@opsboard/shared/protocol/scalars';
import { passwordLength } from '@opsboard/shared/people/password';
import { createPerson, session } from '@opsboard/shared/people/schema';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint, isError, noContent, ok } from '../ingress/endpoint.ts';
import { ackShape } from '../ingress/shapes.ts';
import type { Journal } from '../journal/journal.ts';
import { collectionOf } from '../journal/stored.ts';
import type { Clock } from '../platform/clock.ts';
import { sessionCookie } from '../platform/cookies.ts';
import { newId } from '../platform/ids.ts';
import { hashPassword, inTurn } from '../platform/passwords.ts';
import { readPerson } from './queries.ts';
import { cookieNote, createEntrance, mine } from './entrance.ts';
import type { Provider } from './provider.ts';
import type { Sessions } from './sessions.ts';

/** A new password. */
export const newPassword = z
  .string()
  .min(passwordLength.min)
  .max(passwordLength.max)
  .meta({ format: 'password', description: `${passwordLength.min} to ${passwordLength.max} characters.` });
/** A password that was set earlier, under whatever rule. */
export const givenPassword = z.string().min(1).max(1_000).meta({ format: 'password' });

/** Sessions as they are listed. */
const sessionList = z.object({
  sessions: z.array(
    session
      .pick({ id: true, device: true, createdAt: true, renewedAt: true, expiresAt: true })
      .extend({ current: z.boolean().meta({ description: 'The one that asks.' }) }),
  ),
});

/** The first start, signing in and out, and what is one's own. */
export function peopleEndpoints(options: {
  connection: Connection;
  journal: Journal;
  dispatcher: Dispatcher;
  sessions: Sessions;
  clock: Clock;
  provider: Provider;
  secure: boolean;
}): Endpoint[] {
  const { connection, journal, dispatcher, sessions, clock, provider, secure } = options;

  const isSetUp = async (): Promise<boolean> =>
    (await connection.collection(collectionOf.organization).findOne({}, { projection: { _id: 1 } })) !== null;

  const { me, begin } = createEntrance({ journal, clock, secure });

  const clear = { 'Set-Cookie': sessionCookie('', 0, secure) };

  return [
    endpoint({
      method: 'get',
      path: '/api/setup',
      tag: 'Session',
      summary: 'Ask whether the first start is still to be done',
      access: 'anyone',
      answer: {
        status: 200,
        description: 'Whether there is an organization.',
        schema: z.object({ setUp: z.boolean() }),
      },
      handle: async () => ok({ setUp: await isSetUp() }),
    }),
    endpoint({
      method: 'post',
      path: '/api/setup',
      told: { what: 'signed_in' },
      tag: 'Session',
      summary: 'First start: create the organization and its admin, and sign in',
      description: `Only while there is no organization. ${cookieNote}`,
      access: 'anyone',
      body: z.strictObject({
        organization: z.strictObject({ name: line(80), timeZone }),
        admin: z.strictObject({ name: line(80), email, password: newPassword }),
      }),
      answer: { status: 201, description: 'Signed in as the admin.', schema: mine },
      errors: ['already_set_up', 'too_many_requests'],
      handle: async ({ body: { organization, admin }, device }) => {
        const done = wireError('already_set_up', 'This board is set up already. Sign in.');
        if (await isSetUp()) return done;
        const passwordHash = await inTurn(() => hashPassword(admin.password));
        const org = await claimedOrg(connection, clock);
        const person = newId(clock.now());
        // Whoever comes second, on whichever process, meets the first one's organization in its lane.
        const ack = await dispatcher.dispatch({ type: 'system', org, id: 'setup' }, {
          commandId: newId(clock.now()),
          name: 'organization.create',
          args: { id: org, ...organization, admin: { id: person, name: admin.name, email: admin.email, passwordHash } },
        } satisfies Command<'organization.create'>);
        if (!ack.ok) return ack.error.code === 'already_exists' ? done : ack.error;
        const started = await sessions.start(org, person, device);
        return isError(started) ? started : begin(started, 201);
      },
    }),
    endpoint({
      method: 'post',
      path: '/api/session',
      told: { what: 'signed_in' },
      tag: 'Session',
      summary: 'Sign in',
      description: cookieNote,
      access: 'anyone',
      body: z.strictObject({ email: z.string().trim().toLowerCase().min(1).max(254), password: givenPassword }),
      answer: { status: 200, description: 'Signed in.', schema: mine },
      errors: ['wrong_credentials', 'second_factor_required', 'too_many_requests'],
      handle: async ({ body, address, device }) => {
        const started = await sessions.signIn({ ...body, address, device });
        return isError(started) ? started : begin(started, 200);
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/session',
      tag: 'Session',
      summary: 'Ask who is signed in',
      description:
        'Answered for everybody: without `person` nobody is signed in; `setUp` tells whether there is an organization.',
      access: 'anyone',
      answer: {
        status: 200,
        description: 'Who is signed in, if anybody.',
        schema: mine.partial().extend({
          setUp: z.boolean(),
          now: time,
          provider: z.object({ name: z.string() }).optional().meta({
            description: 'The sign-in provider, where there is one: `GET /api/session/provider` leads there.',
          }),
        }),
      },
      handle: async ({ who }) => {
        const person = who && (await journal.org(who.org)).get('person', who.id);
        const said = who && person ? await me(who, person) : { setUp: await isSetUp(), now: clock.now() };
        return ok(provider.name === undefined ? said : { ...said, provider: { name: provider.name } });
      },
    }),
    endpoint({
      method: 'delete',
      path: '/api/session',
      tag: 'Session',
      summary: 'Sign out here',
      access: 'anyone',
      answer: { status: 204, description: 'Signed out, as is everybody who was not signed in.' },
      handle: async ({ who }) => (who && (await sessions.signOut(who))) ?? noContent(clear),
    }),
    endpoint({
      method: 'delete',
      path: '/api/sessions',
      tag: 'Session',
      summary: 'Sign out everywhere',
      access: 'signed_in',
      query: z.strictObject({
        which: z.enum(['all', 'others']).default('all').meta({ description: '`others`: this session goes on.' }),
      }),
      answer: { status: 204, description: 'Every session of yours, or every other one, has ended.' },
      handle: async ({ who, query: { which } }) =>
        (await sessions.signOutEverywhere(who, which)) ?? noContent(which === 'all' ? clear : undefined),
    }),
    endpoint({
      method: 'get',
      path: '/api/sessions',
      tag: 'Session',
      summary: 'List your sessions',
      description: 'One of them is ended by the command `session.end`.',
      access: 'signed_in',
      answer: { status: 200, description: 'Where you are signed in, the latest first.', schema: sessionList },
      handle: async ({ who }) => ok({ sessions: await sessions.list(who, who.id) }),
    }),
    endpoint({
      method: 'get',
      path: '/api/people/:id/sessions',
      tag: 'Directory',
      summary: 'List somebody’s sessions',
      description: 'They are ended by the commands `session.end` and `session.endAll`.',
      access: 'people.manage',
      params: z.strictObject({ id }),
      answer: { status: 200, description: 'Where they are signed in, the latest first.', schema: sessionList },
      errors: ['not_found'],
      handle: async ({ who, params }) => {
        const person = readPerson(await journal.org(who.org), who, params.id);
        return person ? ok({ sessions: await sessions.list(who, person.id) }) : noPerson();
      },
    }),
    endpoint({
      method: 'post',
      path: '/api/password',
      tag: 'Session',
      summary: 'Change your password; your other sessions end',
      access: 'signed_in',
      body: z.strictObject({ current: givenPassword, next: newPassword }),
      answer: { status: 204, description: 'Changed.' },
      errors: ['wrong_credentials', 'too_many_requests'],
      handle: async ({ who, body }) => (await sessions.changePassword(who, body.current, body.next)) ?? noContent(),
    }),
    endpoint({
      method: 'post',
      path: '/api/people',
      tag: 'Directory',
      summary: 'Add a person who can sign in with a password',
      description: 'As the command `person.create`, with the password beside it.',
      access: 'signed_in',
      body: createPerson.omit({ passwordHash: true }).extend({ commandId: id, password: newPassword }),
      answer: { status: 201, description: 'Added.', schema: ackShape },
      errors: ['forbidden', 'already_exists', 'email_taken', 'unknown_reference', 'command_id_reused'],
      handle: async ({ who, body: { commandId, password, ...fields } }) => {
        const refusal = who.role === 'admin' ? undefined : forbidden();
        if (refusal) return refusal;
        const args = { ...fields, passwordHash: await inTurn(() => hashPassword(password, commandId)) };
        const ack = await dispatcher.dispatch(who, {
          commandId,
          name: 'person.create',
          args,
        } satisfies Command<'person.create'>);
        return ack.ok ? { status: 201, body: ack } : ack.error;
      },
    }),
    endpoint({
      method: 'post',
      path: '/api/people/:id/password',
      tag: 'Directory',
      summary: 'Set somebody’s password; all their sessions end',
      access: 'signed_in',
      params: z.strictObject({ id }),
      body: z.strictObject({ password: newPassword }),
      answer: { status: 204, description: 'Set.' },
      errors: ['forbidden', 'not_found'],
      handle: async ({ who, params, body }) => {
        // One's own needs the present one.
        if (who.role !== 'admin' || params.id === who.id) return forbidden();
        return (await sessions.setPassword(who, params.id, body.password)) ?? noContent();
      },
    }),
  ];
}

const noPerson = (): WireError => wireError('not_found', 'There is no such person among those you can see.');
const forbidden = (): WireError => wireError('forbidden', 'You may not do this. Ask your admin.');

/**
 * The id of the one organization to be. Written once per database: attempts that come at the same moment, also on other
 * processes, agree on the id, and then the first one creates it.
 */
async function claimedOrg(connection: Connection, clock: Clock): Promise<string> {
  const meta = connection.collection<{ _id: string; org: string }>('meta');
  await meta
    .updateOne({ _id: 'setup' }, { $setOnInsert: { org: newId(clock.now()) } }, { upsert: true })
    .catch((error: unknown) => {
      if ((error as { code?: number }).code !== 11000) throw error;
    });
  return (await meta.findOne({ _id: 'setup' }))!.org;
}
