import { z } from 'zod';
import { time } from '@opsboard/shared/protocol/scalars';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint, isError, noContent, ok } from '../ingress/endpoint.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock } from '../platform/clock.ts';
import { cookieNote, createEntrance, mine } from './entrance.ts';
import { givenPassword } from './http.ts';
import type { SecondFactor } from './second-factor.ts';

/** Six digits of an authenticator app, or a recovery code; spaces and dashes do not matter. */
const code = z.string().trim().min(1).max(60).meta({ description: 'A code of the app, or a recovery code.' });
const recoveryCodes = z.object({
  recoveryCodes: z.array(z.string()).meta({ description: 'Each is good for once. They are shown this once.' }),
});

/** The second step of a sign-in, and what is one's own of it. */
export function secondFactorEndpoints(options: {
  journal: Journal;
  clock: Clock;
  secondFactor: SecondFactor;
  secure: boolean;
}): Endpoint[] {
  const { secondFactor } = options;
  const { begin } = createEntrance(options);
  return [
    endpoint({
      method: 'post',
      path: '/api/session/second-factor',
      told: { what: 'signed_in' },
      tag: 'Session',
      summary: 'Sign in, second step',
      description: `After \`second_factor_required\`, whose \`details.challenge\` comes back with a code. ${cookieNote}`,
      access: 'anyone',
      body: z.strictObject({ challenge: z.string().min(1).max(2_000), code }),
      answer: { status: 200, description: 'Signed in.', schema: mine },
      errors: ['wrong_code', 'challenge_expired', 'too_many_requests'],
      handle: async ({ body, address, device }) => {
        const started = await secondFactor.signIn({ ...body, address, device });
        return isError(started) ? started : begin(started, 200);
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/second-factor',
      tag: 'Session',
      summary: 'Ask whether you have a second factor',
      access: 'signed_in',
      answer: {
        status: 200,
        description: 'Whether, since when, and how many recovery codes are left.',
        schema: z.object({
          on: z.boolean(),
          since: time.optional(),
          recoveryCodesLeft: z.int(),
          password: z
            .boolean()
            .meta({ description: 'Whether you have a password, which the second step is added to.' }),
        }),
      },
      handle: async ({ who }) => ok(await secondFactor.state(who)),
    }),
    endpoint({
      method: 'post',
      path: '/api/second-factor/offer',
      tag: 'Session',
      summary: 'Begin to set up a second factor',
      description: 'Nothing is stored yet: `offer` comes back with a first code.',
      access: 'signed_in',
      body: z.strictObject({ password: givenPassword }),
      answer: {
        status: 200,
        description: 'What an authenticator app needs.',
        schema: z.object({
          offer: z.string(),
          expiresAt: time,
          secret: z.string().meta({ description: 'In base32, to be typed where no camera is.' }),
          address: z.string().meta({ description: 'The same as an `otpauth:` address.' }),
          qr: z.string().meta({ description: 'The address as a QR code: an image as a data URL.' }),
        }),
      },
      errors: ['wrong_credentials', 'already_exists', 'challenge_expired', 'too_many_requests'],
      handle: async ({ who, body }) => {
        const offer = await secondFactor.offer(who, body.password);
        return isError(offer) ? offer : ok(offer);
      },
    }),
    endpoint({
      method: 'post',
      path: '/api/second-factor',
      tag: 'Session',
      summary: 'Set up the second factor with a first code',
      access: 'signed_in',
      body: z.strictObject({ offer: z.string().min(1).max(2_000), code }),
      answer: { status: 201, description: 'It is asked for from now on.', schema: recoveryCodes },
      errors: ['wrong_code', 'challenge_expired', 'already_exists', 'too_many_requests', 'forbidden'],
      handle: async ({ who, body }) => {
        const done = await secondFactor.confirm(who, body.offer, body.code);
        return isError(done) ? done : { status: 201, body: done };
      },
    }),
    endpoint({
      method: 'post',
      path: '/api/second-factor/recovery-codes',
      tag: 'Session',
      summary: 'Replace your recovery codes',
      access: 'signed_in',
      body: z.strictObject({ password: givenPassword, code }),
      answer: { status: 200, description: 'The earlier ones are no good any more.', schema: recoveryCodes },
      errors: ['wrong_credentials', 'wrong_code', 'nothing_to_change', 'too_many_requests'],
      handle: async ({ who, body }) => {
        const done = await secondFactor.renewRecoveryCodes(who, body.password, body.code);
        return isError(done) ? done : ok(done);
      },
    }),
    endpoint({
      method: 'post',
      path: '/api/second-factor/off',
      tag: 'Session',
      summary: 'Turn your second factor off',
      access: 'signed_in',
      body: z.strictObject({ password: givenPassword, code }),
      answer: { status: 204, description: 'Your password alone signs you in again.' },
      errors: ['wrong_credentials', 'wrong_code', 'nothing_to_change', 'too_many_requests'],
      handle: async ({ who, body }) => (await secondFactor.turnOff(who, body.password, body.code)) ?? noContent(),
    }),
  ];
}
