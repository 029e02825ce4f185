import { audienceKey, audienceOf, withoutSecrets } from '@opsboard/shared/protocol/audiences';
import { time } from '@opsboard/shared/protocol/scalars';
import type { Person } from '@opsboard/shared/people/schema';
import { z } from 'zod';
import type { Answer } from '../ingress/endpoint.ts';
import { meShape, organizationShape } from '../ingress/shapes.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock } from '../platform/clock.ts';
import { sessionCookie } from '../platform/cookies.ts';
import type { SignedIn, Started } from './sessions.ts';

/** What somebody who is signed in is told of themselves. */
export const mine = z.object({
  person: meShape,
  organization: organizationShape,
  audience: z.string().meta({ description: 'Names the set of clients that see the same.' }),
  now: time.meta({ description: 'The server’s clock.' }),
});

export const cookieNote = 'The session is in an HttpOnly cookie.';

/** The answers to those who come in, whichever way they came. */
export type Entrance = {
  me(who: SignedIn, person: Person): Promise<object>;
  /** The cookie of a session that has just begun. */
  cookieOf(started: Started): string;
  /** Hands over the cookie. */
  begin(started: Started, status: number): Promise<Answer>;
};

export function createEntrance(options: { journal: Journal; clock: Clock; secure: boolean }): Entrance {
  const { journal, clock, secure } = options;

  /** One's own record, without what is secret. */
  async function me(who: SignedIn, person: Person): Promise<object> {
    const organization = (await journal.org(who.org)).get('organization', who.org);
    return {
      setUp: true,
      person: withoutSecrets('person', person),
      organization,
      audience: audienceKey(audienceOf(who)),
      now: clock.now(),
    };
  }

  const cookieOf = (started: Started): string => sessionCookie(started.token, started.cookieMs, secure);

  return {
    me,
    cookieOf,
    begin: async (started, status) => {
      const body = await me(started.signedIn, started.person);
      return { status, body, headers: { 'Set-Cookie': cookieOf(started) }, entered: started.signedIn };
    },
  };
}
