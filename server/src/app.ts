import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { socketPath } from '@opsboard/shared/protocol/events';
import { accessEndpoints } from './access/http.ts';
import { createAccessRecorder } from './access/recorder.ts';
import { createAccessKeeper } from './access/retention.ts';
import { batchEndpoints } from './batches/http.ts';
import { partEndpoints } from './batches/parts-http.ts';
import { directoryEndpoints } from './directory/http.ts';
import type { Dispatcher } from './dispatch/dispatch.ts';
import { createDispatcher } from './dispatch/dispatch.ts';
import { documentEndpoints } from './documents/http.ts';
import { fileEndpoints } from './files/http.ts';
import type { Files } from './files/store.ts';
import { createFiles } from './files/store.ts';
import { findEndpoints } from './find/http.ts';
import { historyEndpoints } from './history/http.ts';
import { commandEndpoints } from './ingress/commands.ts';
import { described } from './ingress/description.ts';
import type { Endpoint } from './ingress/endpoint.ts';
import { securityHeaders } from './ingress/headers.ts';
import { mountHealth } from './ingress/health.ts';
import { mountApi, requestLog } from './ingress/http.ts';
import { createHttpServer, stopServing } from './ingress/http-server.ts';
import { createOpenAnswers } from './ingress/open-answers.ts';
import { openSockets } from './ingress/socket.ts';
import { readWebApp } from './ingress/web-app.ts';
import { startJobs } from './jobs/jobs.ts';
import type { Journal } from './journal/journal.ts';
import { openJournal } from './journal/journal.ts';
import { keyEndpoints } from './keys/http.ts';
import type { Keys } from './keys/keys.ts';
import { createKeys } from './keys/keys.ts';
import { messageEndpoints } from './messages/http.ts';
import { channelsOf, startMessages } from './messages/messages.ts';
import { liveEndpoints } from './live/http.ts';
import type { Live } from './live/live.ts';
import { openLive } from './live/live.ts';
import type { MapGround } from './map/http.ts';
import { mapEndpoints } from './map/http.ts';
import { openTiles } from './map/tiles.ts';
import { partListEndpoints } from './parts/http.ts';
import { peopleEndpoints } from './people/http.ts';
import { linkEndpoints } from './people/links-http.ts';
import type { Links } from './people/links.ts';
import { createLinks } from './people/links.ts';
import type { Provider } from './people/provider.ts';
import { createProvider } from './people/provider.ts';
import { providerEndpoints } from './people/provider-http.ts';
import type { SecondFactor } from './people/second-factor.ts';
import { createSecondFactor } from './people/second-factor.ts';
import { secondFactorEndpoints } from './people/second-factor-http.ts';
import type { Sessions } from './people/sessions.ts';
import { createSessions } from './people/sessions.ts';
import type { Clock } from './platform/clock.ts';
import type { Config } from './platform/config.ts';
import type { Logger } from './platform/log.ts';
import { createLog } from './platform/log.ts';
import { createMetrics } from './platform/metrics.ts';
import { connectMongo } from './platform/mongo.ts';
import { openRedis } from './platform/redis.ts';
import { createSeal } from './platform/sealed.ts';
import { startSteadyClock } from './platform/steady-clock.ts';
import { createThrottle } from './platform/throttle.ts';
import { routeEndpoints } from './routes/http.ts';
import { retentionEndpoints } from './retention/http.ts';
import { startRetention } from './retention/start.ts';
import { transferEndpoints } from './transfer/http.ts';
import { openPresence } from './presence/presence.ts';
import { createTrailKeeper } from './positions/retention.ts';
import { positionEndpoints } from './positions/http.ts';
import { openPositions } from './positions/positions.ts';
import { openTrails } from './positions/trails.ts';

/** What a process does: `web` serves people and programs, `worker` does what is due by the clock. */
export type Role = 'web' | 'worker';

export type App = {
  /** The port it listens on; 0 for a worker, which does not. */
  port: number;
  /** Where it is reached on this machine; empty for a worker. */
  url: string;
  /** Takes nothing new, finishes what is under way, sends clients elsewhere, and lets go of everything. */
  close(): Promise<void>;
};

export type AppOptions = {
  config: Config;
  role: Role;
  /** The clock that counts; the machine's, guarded against jumps, unless a test brings one. */
  clock?: Clock;
  log?: Logger;
  /** Called once, when a restore has replaced the database: what is in memory is of no use any more, start anew. */
  onReplaced?: () => void;
};

/** The built web app, wherever the process was started from. */
const webBuild = fileURLToPath(new URL('../../web/build', import.meta.url));

/** What must be undone, last thing first. */
type Closing = (() => Promise<unknown> | unknown)[];

/**
 * Composes one process out of its parts and starts it. Several can live in one Node process.
 *
 * @throws when the database does not answer or the port cannot be had; nothing is left open then
 */
export async function startApp({
  config,
  role,
  clock: given,
  log = createLog(role, config.LOG_LEVEL),
  onReplaced,
}: AppOptions): Promise<App> {
  const closing: Closing = [];
  const steady = given ? undefined : startSteadyClock(log);
  const clock = given ?? steady!;
  closing.push(() => steady?.close());
  const close = async (): Promise<void> => {
    for (let undo = closing.pop(); undo; undo = closing.pop()) {
      await Promise.resolve(undo()).catch((err: unknown) => log.error({ err }, 'closing failed'));
    }
  };
  try {
    const connection = await connectMongo(config.MONGODB_URI, log);
    closing.push(() => connection.close());
    const journal = await openJournal({ connection, clock, log });
    closing.push(() => journal.close());
    journal.onHealth(({ replaced }) => {
      if (replaced) onReplaced?.();
    });
    const files = createFiles(connection, clock);
    const dispatcher = createDispatcher({ journal, clock, log, files });
    closing.push(() => dispatcher.drain());

    if (role === 'worker') {
      const messages = startMessages({ config, connection, journal, dispatcher, clock, log });
      closing.push(() => messages.close());
      const retention = startRetention({
        connection,
        journal,
        dispatcher,
        clock,
        log,
        access: createAccessKeeper(connection),
        trails: createTrailKeeper(connection),
      });
      closing.push(() => retention.close());
      const jobs = startJobs({
        ...{ config, journal, dispatcher, clock, log },
        sweepMessages: messages.sweep,
        retain: retention.run,
      });
      closing.push(() => jobs.close());
      await Promise.all([jobs.ready, messages.ready, retention.ready]);
      return { port: 0, url: '', close };
    }
    return await serve({ config, clock, log, connection, journal, dispatcher, files, closing, close });
  } catch (error) {
    await close();
    throw error;
  }
}

type Parts = {
  config: Config;
  clock: Clock;
  log: Logger;
  connection: Awaited<ReturnType<typeof connectMongo>>;
  journal: Journal;
  dispatcher: Dispatcher;
  files: Files;
  closing: Closing;
  close(): Promise<void>;
};

/** The endpoints of the API: the one list that is mounted, described and tested. */
export function apiEndpoints(
  parts: Pick<Parts, 'connection' | 'journal' | 'dispatcher' | 'clock' | 'files'> & {
    sessions: Sessions;
    links: Links;
    secondFactor: SecondFactor;
    keys: Keys;
    provider: Provider;
    live: Live;
    secure: boolean;
    release: string;
    channels: { email: boolean; sms: boolean };
    ground: MapGround;
  },
): Endpoint[] {
  return described(
    [
      ...peopleEndpoints(parts),
      ...linkEndpoints(parts),
      ...secondFactorEndpoints(parts),
      ...keyEndpoints(parts),
      ...providerEndpoints(parts),
      ...accessEndpoints(parts),
      ...commandEndpoints(parts),
      ...batchEndpoints(parts),
      ...routeEndpoints(parts),
      ...partEndpoints(parts),
      ...partListEndpoints(parts),
      ...documentEndpoints(parts),
      ...historyEndpoints(parts),
      ...messageEndpoints(parts),
      ...directoryEndpoints(parts),
      ...transferEndpoints(parts),
      ...findEndpoints(parts),
      ...fileEndpoints(parts),
      ...mapEndpoints(parts),
      ...retentionEndpoints({
        ...parts,
        access: createAccessKeeper(parts.connection),
        trails: createTrailKeeper(parts.connection),
      }),
      ...liveEndpoints(parts),
      ...positionEndpoints(parts),
    ],
    parts.release,
  );
}

async function serve(parts: Parts): Promise<App> {
  const { config, clock, log, connection, journal, dispatcher, files, closing, close } = parts;
  const secure = config.PUBLIC_URL?.startsWith('https:') ?? false;
  const publicUrl = config.PUBLIC_URL;
  const web = readWebApp(webBuild);
  const metrics = createMetrics();
  let draining = false;

  const redis = openRedis(config.REDIS_URL, log);
  closing.push(() => redis.disconnect());
  const throttle = createThrottle({ redis, prefix: config.REDIS_PREFIX, clock });
  const tiles = config.MAP_PMTILES === undefined ? undefined : await openTiles(config.MAP_PMTILES);
  closing.push(() => tiles?.close());
  const secretsKey = config.SECRETS_KEY ?? '';
  const access = createAccessRecorder({ connection, clock, log });
  closing.push(() => access.close());
  metrics.gauge('opsboard_access_log_lost', 'Lines of the access log that were lost', () => access.lost);
  const sessions = createSessions({
    connection,
    journal,
    dispatcher,
    throttle,
    clock,
    log,
    days: config.SESSION_DAYS,
    driverDays: config.DRIVER_SESSION_DAYS,
    secretsKey,
    secure,
  });
  const ways = channelsOf(config);
  let address = '';
  const links = createLinks({
    connection,
    journal,
    dispatcher,
    sessions,
    throttle,
    clock,
    log,
    mailer: ways.email,
    origin: () => publicUrl ?? address,
  });
  closing.push(() => links.close());
  const secondFactor = createSecondFactor({
    connection,
    journal,
    dispatcher,
    sessions,
    throttle,
    clock,
    log,
    seal: createSeal(secretsKey === '' ? undefined : Buffer.from(secretsKey, 'base64')),
    secretsKey,
    onRefused: (org, id, address) => access.record({ org, what: 'sign_in_refused', kind: 'person', id, address }),
  });
  const keys = createKeys({ connection, journal, throttle, clock, log });
  const provider = createProvider({
    config,
    connection,
    dispatcher,
    sessions,
    throttle,
    clock,
    log,
    secure,
    origin: () => publicUrl ?? address,
  });
  const live = openLive({ journal, clock, log, release: web.release });
  closing.push(() => live.close());
  // Who listens to Redis can ask it nothing: hearing takes a connection of its own.
  const listener = openRedis(config.REDIS_URL, log);
  closing.push(() => listener.disconnect());
  const shared = { redis, listener, prefix: config.REDIS_PREFIX };
  const presence = openPresence({ journal, clock, log, shared });
  closing.push(() => presence.close());
  const trails = openTrails({ connection, log });
  closing.push(() => trails.close());
  const positions = openPositions({ journal, clock, log, trails, shared });
  closing.push(() => positions.close());
  metrics.gauge('opsboard_live_clients', 'Boards connected to this process', () => live.count().members);
  metrics.gauge('opsboard_live_clients_behind', 'Boards that do not read', () => live.count().behind);
  metrics.gauge('opsboard_people_here', 'People on the pages of operations, on any process', () => presence.count());
  metrics.gauge('opsboard_positions_drivers', 'Drivers of whom a position is known', () => positions.count().drivers);
  metrics.gauge('opsboard_positions_watchers', 'Clients that watch drivers', () => positions.count().watchers);
  metrics.gauge(
    'opsboard_positions_taken',
    'Points that phones have sent to this process',
    () => positions.count().points,
  );
  metrics.gauge('opsboard_positions_refused', 'Reports of phones that were refused', () => positions.count().refused);
  metrics.gauge('opsboard_positions_waiting', 'Points that are not written to their trail yet', () => trails.waiting());
  metrics.gauge('opsboard_journal_stale', '1 while the database is not heard', () => Number(journal.health.stale));

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', config.TRUST_PROXY);
  app.set('query parser', 'simple');
  app.use(requestLog(log, metrics));
  app.use(securityHeaders(web.scriptHashes, publicUrl, hostsOfMap(config)));
  mountHealth(app, {
    connection,
    journal,
    redis,
    metrics,
    metricsToken: config.METRICS_TOKEN,
    draining: () => draining,
  });
  const endpoints = apiEndpoints({
    connection,
    journal,
    dispatcher,
    clock,
    files,
    sessions,
    links,
    secondFactor,
    keys,
    provider,
    live,
    secure,
    release: web.release,
    channels: { email: ways.email !== undefined, sms: ways.sms !== undefined },
    ground: { style: config.MAP_STYLE_URL, tiles },
  });
  mountApi(app, {
    endpoints,
    sessions,
    keys,
    open: createOpenAnswers({ journal, clock }),
    access,
    dispatcher,
    log,
    metrics,
    publicUrl,
    fresh: () => heard(journal, clock),
    page: web.handle,
  });

  const server = createHttpServer(app);
  const sockets = openSockets({ server, live, sessions, dispatcher, presence, positions, clock, log, publicUrl });
  // Engine.IO takes its own path; every other upgrade would otherwise stay open with nobody listening.
  server.on('upgrade', (req, socket) => {
    if (!isSocketPath(req.url)) socket.destroy();
  });
  closing.push(async () => {
    draining = true;
    const ended = stopServing(server);
    await sockets.close();
    await ended;
    await dispatcher.drain();
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.PORT, config.HOST, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = config.HOST === '0.0.0.0' || config.HOST === '::' ? '127.0.0.1' : config.HOST;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  address = url;
  log.info({ url }, 'serving');
  return { port, url, close };
}

/** Where browsers may fetch the base map from, besides here. */
const hostsOfMap = ({ MAP_STYLE_URL, MAP_STYLE_HOSTS = [] }: Config): string[] =>
  MAP_STYLE_URL === undefined ? [] : [...new Set([new URL(MAP_STYLE_URL).origin, ...MAP_STYLE_HOSTS])];

const isSocketPath = (url = ''): boolean =>
  url === socketPath || url.startsWith(`${socketPath}/`) || url.startsWith(`${socketPath}?`);

/** How long a reader waits for a process that has just lost its line to the database, milliseconds. */
const hearingPatience = 3_000;

/** Whether the process hears the database, now or within a moment. */
function heard(journal: Journal, clock: Clock): boolean | Promise<boolean> {
  if (!journal.health.stale) return true;
  // Who has been deaf for longer than that would only let requests pile up.
  if (clock.now() - journal.health.heardAt > hearingPatience) return false;
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      off();
      resolve(!journal.health.stale);
    };
    const timer = setTimeout(end, hearingPatience);
    const off = journal.onHealth((health) => {
      if (!health.stale) end();
    });
  });
}
