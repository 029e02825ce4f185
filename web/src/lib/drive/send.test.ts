import { describe, expect, it } from 'vitest';
import type { KeptAction } from './kept/action.ts';
import type { Actions } from './kept/actions.ts';
import { heldActions, waits } from './kept/actions.ts';
import { sendAll, type Sending } from './send.ts';

const person = '01900000-0000-7000-8000-00000000000a';
const route = '01900000-0000-7000-8000-00000000000b';
const doneAt = 1_800_000_000_000;

type Asked = { path: string; body: { [name: string]: unknown } | undefined; person: string | null };
type Answer = { status?: number; body: unknown } | 'no network';
const done = { body: { ok: true, first: 1, seq: 7 } };
const refusal = (status: number, code: string): Answer => ({ status, body: { code, message: 'Because.' } });

/** A phone with some actions, before a server that answers commands in turn; the last answer goes on. */
async function phone(answers: Answer[], actions: Partial<KeptAction>[] = [{}], signedIn: string | undefined = person) {
  const kept: Actions = heldActions();
  for (const [i, given] of actions.entries()) {
    await kept.add({
      person,
      commandId: `command-${i}`,
      name: 'route.arrive',
      args: { id: route, stop: `stop-${i}` },
      said: `Arrived at ${i}`,
      doneAt: doneAt + i,
      stamp: { wall: doneAt + i, offset: 0, after: doneAt - 1000 },
      files: [],
      ...given,
    });
  }
  const asked: Asked[] = [];
  let made = 0;
  const sending: Sending = {
    actions: kept,
    person,
    newId: () => `new-${++made}`,
    changed: () => {},
    time: () => '14:20',
    fetch: (path, init) => {
      const body = typeof init?.body === 'string' ? (JSON.parse(init.body) as Asked['body']) : undefined;
      asked.push({ path: path as string, body, person: new Headers(init?.headers).get('x-person') });
      const answer: Answer =
        path === '/api/session'
          ? { body: { setUp: true, ...(signedIn ? { person: { id: signedIn } } : {}) } }
          : answers.length > 1
            ? answers.shift()!
            : answers[0]!;
      if (answer === 'no network') return Promise.reject(new TypeError('Failed to fetch'));
      return Promise.resolve(Response.json(answer.body, { status: answer.status ?? 200 }));
    },
  };
  const commands = () => asked.filter(({ path }) => path === '/api/commands').map(({ body }) => body!);
  return { sending, asked, commands, all: () => kept.all(person) };
}

describe('sending what waits', () => {
  it('goes one by one, in order, in the name of who did it', async () => {
    const { sending, asked, commands, all } = await phone([done], [{}, {}, {}]);
    expect(await sendAll(sending)).toBe('all');
    expect(commands().map(({ commandId }) => commandId)).toEqual(['command-0', 'command-1', 'command-2']);
    expect(commands()[0]).toEqual({
      commandId: 'command-0',
      name: 'route.arrive',
      args: { id: route, stop: 'stop-0' },
      doneAt,
    });
    expect(asked.every((one) => one.person === person)).toBe(true);
    expect((await all()).every(({ acked }) => acked?.seq === 7)).toBe(true);
  });

  it('asks nothing when nothing waits', async () => {
    const { sending, asked } = await phone([done], []);
    expect(await sendAll(sending)).toBe('all');
    expect(asked).toEqual([]);
  });

  it('stops without network, and sends the same again, with the same time, as a resend', async () => {
    const { sending, commands, all } = await phone([done, 'no network', done], [{}, {}]);
    expect(await sendAll(sending)).toBe('unreachable');
    expect((await all()).map(waits)).toEqual([false, true]);
    expect(await sendAll(sending)).toBe('all');
    const [, lost, again] = commands();
    expect(again).toEqual({ ...lost, resend: true });
  });

  it.each([
    ['is down', refusal(503, 'unavailable')],
    ['is asked too often', refusal(429, 'too_many_requests')],
    ['is a hotel that wants to be paid', { body: { welcome: true } } as Answer],
    ['answers with an error of another program', refusal(502, 'bad_gateway')],
  ])('keeps everything while the server %s', async (_what, answer) => {
    const { sending, all } = await phone([answer]);
    expect(await sendAll(sending)).toBe('unreachable');
    expect((await all()).map(waits)).toEqual([true]);
  });

  it.each([
    ['nobody is signed in', undefined],
    ['somebody else is signed in', 'somebody-else'],
  ])('sends nothing while %s', async (_who, signedIn) => {
    const { sending, commands, all } = await phone([done], [{}], signedIn ?? '');
    expect(await sendAll(sending)).toBe('not_signed_in');
    expect(commands()).toEqual([]);
    expect((await all()).map(waits)).toEqual([true]);
  });

  it('stops where the session ends in the middle', async () => {
    const { sending, commands, all } = await phone([done, refusal(401, 'not_signed_in')], [{}, {}, {}]);
    expect(await sendAll(sending)).toBe('not_signed_in');
    expect(commands()).toHaveLength(2);
    expect((await all()).filter(waits)).toHaveLength(2);
  });

  it('puts a refusal aside, goes on with the rest, and tells the desk', async () => {
    const { sending, commands, all } = await phone([refusal(422, 'illegal_step'), done], [{}, {}]);
    expect(await sendAll(sending)).toBe('all');
    expect((await all()).filter(({ refused }) => refused)).toMatchObject([
      { commandId: 'command-0', refused: { error: { code: 'illegal_step', message: 'Because.' } } },
    ]);
    expect(commands().map(({ name }) => name)).toEqual(['route.arrive', 'route.arrive', 'route.report']);
    expect(commands()[2]!['args']).toMatchObject({
      id: route,
      reason: 'not_accepted',
      stop: 'stop-0',
      text: 'Arrived at 0, done at 14:20, was not accepted: Because.',
    });
  });

  it('does not report that a report was refused', async () => {
    const { sending, commands, all } = await phone([refusal(404, 'not_found')]);
    expect(await sendAll(sending)).toBe('all');
    expect(commands().map(({ name }) => name)).toEqual(['route.arrive', 'route.report']);
    expect((await all()).filter(({ refused }) => refused)).toHaveLength(2);
  });

  it('tries an action five times over which the server fails, then goes on', async () => {
    const fails = refusal(500, 'internal');
    const { sending, all } = await phone([fails, fails, fails, fails, fails, done], [{}, {}]);
    for (let i = 0; i < 4; i++) expect(await sendAll(sending)).toBe('unreachable');
    expect(await sendAll(sending)).toBe('all');
    expect((await all())[0]!.refused?.error.code).toBe('internal');
    expect((await all())[1]!.acked).toBeDefined();
  });

  it('sends pictures before the action that names them, and forgets them when it is done', async () => {
    const blob = new Blob([new Uint8Array([1, 2, 3])]);
    const { sending, asked, all } = await phone([done], [{ files: [{ id: 'file-1', blob }] }]);
    expect(await sendAll(sending)).toBe('all');
    expect(asked.map(({ path }) => path)).toEqual(['/api/session', '/api/files', '/api/commands']);
    expect(asked[1]!.body).toEqual({ id: 'file-1', data: 'AQID' });
    expect((await all())[0]!.files).toEqual([]);
  });
});
