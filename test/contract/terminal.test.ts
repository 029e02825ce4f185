import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

const root = join(import.meta.dirname, '../..');
let app: TestApp;
let world: World;

beforeAll(async () => {
  app = await startTestApp();
  world = await buildWorld(app);
}, 60_000);
afterAll(() => app?.[Symbol.asyncDispose]());

/** What `scripts/admin` prints, on the database of the running board. */
async function admin(...args: string[]): Promise<{ out: string; err: string }> {
  const env = { ...process.env, MONGODB_URI: app.config.MONGODB_URI, PUBLIC_URL: app.url };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(root, 'scripts/admin.ts'), ...args], {
      env,
    });
    return { out: stdout, err: stderr };
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return { out: stdout, err: stderr };
  }
}

const ask = (path: string, body: object): Promise<Response> =>
  fetch(new URL(path, app.url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: app.url },
    body: JSON.stringify(body),
  });
const tokenIn = (out: string): string => /\/reset#(\S+)/.exec(out)![1]!;

describe('the terminal of the board', () => {
  it('founds one more organization, whose admin comes by the link and sees nothing of the first one', async () => {
    const names = ['--name', 'Second Works', '--admin', 'Sal Admin', '--email', 'sal@second.test'];
    const { out, err } = await admin('organization', ...names, '--time-zone', 'Asia/Tokyo');
    expect(err).toBe('');
    const used = await ask('/api/links/use', { token: tokenIn(out), password: 'a new password of sal' });
    expect(used.status).toBe(200);
    const body = (await used.json()) as { person: { role: string }; organization: { name: string; timeZone: string } };
    expect(body.organization).toMatchObject({ name: 'Second Works', timeZone: 'Asia/Tokyo' });
    expect(body.person.role).toBe('admin');
    const cookie = used.headers.get('set-cookie')!.split(';')[0]!;
    const seen = await fetch(new URL('/api/batches', app.url), { headers: { cookie } });
    expect(await seen.json()).toMatchObject({ batches: [] });
    // The same link opens nothing a second time.
    expect((await ask('/api/links/use', { token: tokenIn(out), password: 'another password' })).status).toBe(410);
  });

  it('lets somebody in again who has lost the password', async () => {
    const ops = await world.as('ops');
    const { body } = await ops.get<{ person: { email: string; name: string } }>('/api/session');
    const { out } = await admin('password', body.person.email);
    expect(out).toContain(body.person.name);
    expect((await ask('/api/links/use', { token: tokenIn(out), password: 'quite another one' })).status).toBe(200);
    const signIn = { email: body.person.email, password: 'quite another one' };
    expect((await ask('/api/session', signIn)).status).toBe(200);
  });

  it.each([
    [['password', 'nobody@nowhere.test'], /Nobody here has the e-mail address/],
    [['organization', '--name', 'X'], /Say --name, --admin and --email/],
    [
      ['organization', '--name', 'X', '--admin', 'A', '--email', 'a@x.test', '--time-zone', 'Mars/Olympus'],
      /time zone/i,
    ],
    [['organization', '--name', 'X', '--admin', 'A', '--email', 'sal@second.test'], /already/],
    [['second-factor-off', 'sal@second.test'], /second factor/i],
    [['dance'], /scripts\/admin --help/],
  ])('refuses %j with a sentence', async (args, words) => {
    const { out, err } = await admin(...args);
    expect(err).toMatch(words);
    expect(err).not.toMatch(/ {4}at /);
    expect(out).not.toMatch(/#/);
  });
});
