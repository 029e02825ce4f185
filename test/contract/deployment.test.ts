import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { readSettings, settings } from '../../server/src/platform/config.ts';
import { copyOf, ignored, parseDockerfile } from '../support/dockerfile.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const stages = parseDockerfile(read('Dockerfile'));

type Service = {
  image: string;
  build?: { context: string; target: string };
  command?: string[];
  user?: string;
  ports?: string[];
  volumes?: string[];
  networks: string[];
  environment?: { [name: string]: string };
  depends_on?: string[] | { [name: string]: unknown };
};
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: { [name: string]: Service };
  networks: { [name: string]: unknown };
  volumes: { [name: string]: unknown };
};
const services = Object.entries(compose.services);

/** The first of these that this machine has: Docker's own plugin, or the program before it. */
async function composeCommand(): Promise<[string, string[]] | undefined> {
  for (const [program, args] of [
    ['docker', ['compose']],
    ['docker-compose', []],
  ] as [string, string[]][]) {
    const answer = await promisify(execFile)(program, [...args, 'version']).catch(() => undefined);
    if (answer) return [program, args];
  }
  return undefined;
}

it('docker compose takes the file as it is, where it is installed', async ({ skip }) => {
  const command = await composeCommand();
  skip(command === undefined, 'neither docker compose nor docker-compose is on this machine: the file is only parsed');
  const [program, args] = command!;
  const { stdout } = await promisify(execFile)(program, [...args, '-f', 'docker-compose.yml', 'config'], { cwd: root });
  const shown = parse(stdout) as { services: object };
  expect(Object.keys(shown.services)).toEqual(expect.arrayContaining(['web', 'worker', 'proxy', 'mongo', 'redis']));
});

it('every image is pinned to an exact version, or built here', () => {
  for (const { base } of stages) expect(base).toMatch(/^[a-z]+:\d+\.\d+\.\d+(-[a-z]+)*$/);
  for (const [name, { image, build }] of services) {
    if (build) expect(stages.map((stage) => stage.name)).toContain(build.target);
    else expect(image, name).toMatch(/^[a-z]+:\d+\.\d+\.\d+(-[a-z]+)*$/);
  }
});

it('nothing runs as root', () => {
  const last = (target: string): string | undefined =>
    stages.find(({ name }) => name === target)?.steps.findLast(({ instruction }) => instruction === 'USER')?.rest;
  for (const [name, { build, user }] of services) {
    const account = user ?? last(build?.target ?? '');
    expect(account, name).toMatch(/^(node|mongodb|redis|1000:1000)$/);
  }
});

it('only the proxy has ports; what has no sign-in is on a network without a way out', () => {
  expect(services.filter(([, { ports }]) => ports).map(([name]) => name)).toEqual(['proxy']);
  expect(compose.networks['stores']).toEqual({ internal: true });
  for (const store of ['mongo', 'redis']) expect(compose.services[store]!.networks).toEqual(['stores']);
  expect(compose.services['proxy']!.networks).toEqual(['front']);
});

it('every name in the file is one of it', () => {
  for (const [, service] of services) {
    for (const network of service.networks) expect(Object.keys(compose.networks)).toContain(network);
    const plain = (service.volumes ?? []).map((volume) => volume.replace(/^\$\{\w+:-(\w+)\}/, '$1'));
    for (const volume of plain) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
    const needed = Array.isArray(service.depends_on) ? service.depends_on : Object.keys(service.depends_on ?? {});
    for (const one of needed) expect(Object.keys(compose.services)).toContain(one);
  }
  const { MONGODB_URI, REDIS_URL, TRUST_PROXY, PORT } = compose.services['web']!.environment!;
  expect(Object.keys(compose.services)).toEqual(
    expect.arrayContaining([new URL(MONGODB_URI!).hostname, new URL(REDIS_URL!).hostname]),
  );
  expect({ TRUST_PROXY, PORT }).toEqual({ TRUST_PROXY: '1', PORT: '3000' });
  expect(read('deploy/Caddyfile')).toContain(`{$WEB_HOST:web} {$WEB_PORT:${PORT}}`);
  // One connection may go here and the next one there: nothing asks for a sticky session.
  expect(read('deploy/Caddyfile')).not.toMatch(/lb_policy (cookie|ip_hash|header)/);
});

it('every file that an image takes is in the checkout, and comes through .dockerignore', () => {
  const keptAway = ignored(root);
  for (const { name, steps } of stages) {
    for (const { rest } of steps.filter(({ instruction }) => instruction === 'COPY')) {
      const { from, sources } = copyOf(rest);
      if (from !== undefined) {
        expect(stages.map((stage) => stage.name)).toContain(from);
        continue;
      }
      for (const source of sources) {
        expect(existsSync(join(root, source)), `${name}: ${source}`).toBe(true);
        expect(keptAway(source), `${name}: ${source}`).toBe(false);
      }
    }
  }
  for (const secret of ['.env', 'data/database', 'server/src/app.test.ts', 'x.backup', 'node_modules/zod'])
    expect(keptAway(secret), secret).toBe(true);
});

it('the example of settings names settings only, and is one that works', () => {
  const given = Object.fromEntries(
    read('deploy/example.env')
      .split('\n')
      .filter((line) => /^[A-Z]/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const forCompose = ['ENV_FILE', 'BACKUPS', 'HTTP_PORT', 'HTTPS_PORT'];
  for (const name of Object.keys(given))
    if (!forCompose.includes(name)) expect(Object.keys(settings.shape)).toContain(name);
  expect(readSettings(given).PUBLIC_URL).toBe('http://localhost:8080');
});
