import { z } from 'zod';
import type { Answer, Endpoint } from '../ingress/endpoint.ts';
import { endpoint } from '../ingress/endpoint.ts';
import { createEntrance } from './entrance.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock } from '../platform/clock.ts';
import type { Onward, Provider } from './provider.ts';
import { providerReturnPath } from './provider.ts';

const redirect = ({ to, cookies }: Onward, more: readonly string[] = []): Answer => ({
  status: 302,
  headers: { Location: to, 'Set-Cookie': [...cookies, ...more] },
});

/** The way through the organization's own accounts. Browsers go it; what happens is told on pages. */
export function providerEndpoints(options: {
  journal: Journal;
  clock: Clock;
  provider: Provider;
  secure: boolean;
}): Endpoint[] {
  const { provider } = options;
  const { cookieOf } = createEntrance(options);
  return [
    endpoint({
      method: 'get',
      path: '/api/session/provider',
      tag: 'Session',
      summary: 'Sign in through the organization’s provider (OpenID Connect)',
      description: 'For browsers: leads to the provider, and back to the page `to`. What fails is told on `/sign-in`.',
      access: 'anyone',
      query: z.strictObject({ to: z.string().max(1_000).optional().meta({ description: 'A path of this board.' }) }),
      answer: { status: 302, description: 'To the provider.' },
      handle: async ({ query }) => redirect(await provider.begin(query.to)),
    }),
    endpoint({
      method: 'get',
      path: providerReturnPath,
      told: { what: 'signed_in' },
      tag: 'Session',
      summary: 'Where the provider sends people back to',
      description: 'This address is registered at the provider. Works only in the browser that was sent there.',
      access: 'anyone',
      // Whatever else a provider adds.
      query: z.looseObject({ state: z.string().optional(), code: z.string().optional() }),
      answer: { status: 302, description: 'To the page that was wanted, signed in; or to `/sign-in`, with why not.' },
      handle: async ({ query, cookies, address, device }) => {
        const answer = new URLSearchParams();
        for (const [name, value] of Object.entries(query)) if (typeof value === 'string') answer.set(name, value);
        const done = await provider.finish({ answer, cookies, address, device });
        if ('refused' in done) return redirect(done.refused);
        return { ...redirect(done.onward, [cookieOf(done.started)]), entered: done.started.signedIn };
      },
    }),
  ];
}
