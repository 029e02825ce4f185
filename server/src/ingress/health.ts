import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { Express, Request } from 'express';
import type { Connection } from 'mongoose';
import type { Redis } from 'ioredis';
import type { Journal } from '../journal/journal.ts';
import type { Metrics } from '../platform/metrics.ts';

/** What this process needs to serve, and how it is. */
export type Readiness = { ready: boolean; database: boolean; journal: boolean; redis: boolean; draining: boolean };

/** Beyond this the database counts as silent, milliseconds. */
const patience = 2_000;

/**
 * `/healthz`: the process lives. `/readyz`: it can serve; Redis is named, but the board works without it. `/metrics`: for
 * this machine, and for those that hold the token.
 */
export function mountHealth(
  app: Express,
  options: {
    connection: Connection;
    journal: Journal;
    redis: Redis;
    metrics: Metrics;
    metricsToken: string | undefined;
    draining(): boolean;
  },
): void {
  const { connection, journal, redis, metrics } = options;
  const bearer = options.metricsToken === undefined ? undefined : digest(`Bearer ${options.metricsToken}`);
  const mayMeasure = (req: Request): boolean =>
    fromHere(req) || (bearer !== undefined && timingSafeEqual(bearer, digest(req.headers.authorization ?? '')));

  async function readiness(): Promise<Readiness> {
    const database = await within(patience, () => connection.db!.admin().ping());
    const parts = {
      database,
      journal: !journal.health.stale,
      redis: redis.status === 'ready',
      draining: options.draining(),
    };
    return { ready: parts.database && parts.journal && !parts.draining, ...parts };
  }

  app.get('/healthz', (_req, res) => {
    res.setHeader('Cache-Control', 'no-store');
    res.type('text/plain').send('ok');
  });
  app.get('/readyz', async (_req, res) => {
    const state = await readiness();
    res.setHeader('Cache-Control', 'no-store');
    res.status(state.ready ? 200 : 503).json(state);
  });
  app.get('/metrics', async (req, res) => {
    if (!mayMeasure(req)) {
      res.status(404).type('text/plain').send('There is no such file.');
      return;
    }
    const { type, body } = await metrics.text();
    res.setHeader('Cache-Control', 'no-store');
    res.type(type).send(body);
  });
}

/** Of one length, so that comparing tells nothing. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether a request comes from this machine itself, and not through a proxy on it. */
function fromHere(req: Request): boolean {
  const forwarded = req.headers['x-forwarded-for'] !== undefined || req.headers['forwarded'] !== undefined;
  const address = (req.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  return !forwarded && (address === '::1' || (isIP(address) === 4 && address.startsWith('127.')));
}

async function within(ms: number, work: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, ms, false)));
  const done = work().then(
    () => true,
    () => false,
  );
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}
