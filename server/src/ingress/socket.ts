import { randomBytes } from 'node:crypto';
import type { Server as HttpServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Server } from 'socket.io';
import type { Ack } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';
import type { ClientToServer, ServerToClient } from '@opsboard/shared/protocol/events';
import { clientEvents, socketPath } from '@opsboard/shared/protocol/events';
import { protocolVersion } from '@opsboard/shared/protocol/frames';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import { goingDown } from '../live/cuts.ts';
import type { Live, Standing } from '../live/live.ts';
import type { BoardSocket, Member } from '../live/member.ts';
import { bearerOf } from '../keys/token.ts';
import type { Sessions, SignedIn } from '../people/sessions.ts';
import type { Presence } from '../presence/presence.ts';
import type { Positions } from '../positions/positions.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/log.ts';
import { internal, notSignedIn, tooMany, unavailable } from './error.ts';
import { originRefusal } from './origin.ts';
import { parseCommand, parseReport, parseWhereabouts } from './parse.ts';
import type { Bucket, Rate } from './rate-limit.ts';
import { createBucket, createSharedBuckets } from './rate-limit.ts';

export type SocketLimits = {
  /** Commands of one socket. */
  socket: Rate;
  /** Commands of one person, over all their sockets on this process. */
  person: Rate;
  /** Everything that one connection sends: a token per message and one per {@link bytesPerToken}. Beyond it is cut. */
  connection: Rate;
  /** What one socket says about where it is. */
  presence: Rate;
  /** What one driver's phones say about where they were, over all their sockets on this process: a token per report and one per {@link pointsPerToken}. */
  positions: Rate;
  /** How often one socket begins or ends to watch drivers. */
  watching: Rate;
  /** Commands of one socket that wait for their answer at the same time. */
  pending: number;
  /** Messages that one connection may leave unread before it is closed; frames are bounded by themselves. */
  unread: number;
  /** The largest message, bytes. */
  messageBytes: number;
};

/** Generous for people and their offline queues, narrow for a program that has lost its mind. */
export const socketLimits: SocketLimits = {
  socket: { burst: 500, perSecond: 100 },
  person: { burst: 5_000, perSecond: 500 },
  connection: { burst: 5_000, perSecond: 500 },
  presence: { burst: 30, perSecond: 5 },
  // A whole shift that was kept without a network is about twenty full reports.
  positions: { burst: 150, perSecond: 5 },
  watching: { burst: 20, perSecond: 0.5 },
  pending: 500,
  unread: 1_000,
  messageBytes: 256 * 1024,
};

const bytesPerToken = 2_000;
const pointsPerToken = 60;
/** Reports of one phone that wait to be kept at the same time. */
const mostReports = 60;
/** A handshake may ask the database who somebody is: it costs as much as this many messages. */
const handshakeTokens = 50;
/** How long commands under way may take to be answered before their sockets are closed, milliseconds. */
const patience = 2_000;

type Data = { who: SignedIn; since: number; standing: Standing | undefined };

type Options = {
  server: HttpServer;
  live: Live;
  sessions: Pick<Sessions, 'resolve'>;
  dispatcher: Pick<Dispatcher, 'dispatch'>;
  presence: Pick<Presence, 'say' | 'leave'>;
  positions: Pick<Positions, 'report' | 'watch' | 'leave'>;
  clock: Clock;
  log: Logger;
  publicUrl: string | undefined;
  limits?: Partial<SocketLimits>;
};

/**
 * The socket's way in: Socket.IO on the HTTP server, WebSocket only (long polling would need sticky sessions on several
 * machines and doubles what must be defended). Parses, dispatches, answers; no rules.
 */
export function openSockets(options: Options): { close(): Promise<void> } {
  const { live, clock, log } = options;
  const limits: SocketLimits = { ...socketLimits, ...options.limits };
  const people = createSharedBuckets(limits.person, clock);
  const drivers = createSharedBuckets(limits.positions, clock);
  const budgets = new WeakMap<object, Bucket>();
  const members = new Set<Member>();
  let pending = 0;
  let closing = false;

  const io = new Server<ClientToServer, ServerToClient, Record<string, never>, Data>(options.server, {
    path: socketPath,
    transports: ['websocket'],
    serveClient: false,
    destroyUpgrade: false,
    maxHttpBufferSize: limits.messageBytes,
    perMessageDeflate: false,
    httpCompression: false,
    pingInterval: 20_000,
    pingTimeout: 15_000,
    connectTimeout: 10_000,
    allowRequest: (request, decide) => {
      // A page of another site can open a WebSocket with our cookies; only its Origin tells.
      const refusal = originRefusal(request.headers, options.publicUrl);
      decide(refusal?.code ?? null, refusal === undefined);
    },
  });

  io.engine.on('connection', (connection: Connection) => {
    const budget = createBucket(limits.connection, clock);
    budgets.set(connection, budget);
    connection.on('packet', ({ data }) => {
      const tooMuch = budget.take(1 + (data?.length ?? 0) / bytesPerToken) > 0;
      if (!tooMuch && connection.writeBuffer.length <= limits.unread) return;
      log.info(`a connection was closed: it ${tooMuch ? 'sends too much' : 'does not read its answers'}`);
      // Without a farewell: who floods would not answer it, and go on.
      connection.close(true);
      connection.transport.socket?.terminate();
    });
  });

  io.use((socket, next) => {
    const since = clock.monotonic();
    admit(socket, since).then(
      (refusal) => next(refusal && Object.assign(new Error(refusal.message), { data: refusal })),
      (error: unknown) => {
        log.error({ err: error }, 'a handshake failed');
        const refusal = unavailable();
        next(Object.assign(new Error(refusal.message), { data: refusal }));
      },
    );
  });

  async function admit(socket: BoardSocket & { data: Partial<Data> }, since: number): Promise<WireError | undefined> {
    if (closing) return goingDown();
    const wait = budgets.get(socket.conn)?.take(handshakeTokens) ?? 0;
    if (wait > 0) return tooMany(wait);
    const { auth, headers } = socket.handshake;
    if (auth['protocol'] !== protocolVersion) {
      return wireError('unsupported_protocol', 'This page is of another release than the server. Reload it.', {
        details: { protocol: protocolVersion },
      });
    }
    if (bearerOf(headers.authorization) !== undefined)
      return wireError('forbidden', 'API keys read over HTTP: live frames are for people who are signed in.');
    let who = await options.sessions.resolve(headers.cookie);
    // Only from here on are the organization's entries heard: what was true before may not be any more.
    if (who && (await live.follow(who.org))) who = await options.sessions.resolve(headers.cookie);
    if (!who) return notSignedIn();
    socket.data = { who, since, standing: standingOf(auth) };
    return undefined;
  }

  io.on('connection', (socket) => {
    const { who, since, standing } = socket.data;
    let joined: Member | WireError;
    try {
      joined = live.join(socket, who, since, standing);
    } catch (error) {
      log.error({ err: error }, 'a client could not be taken in');
      joined = unavailable();
    }
    if ('code' in joined) {
      socket.emit('cut', joined);
      socket.disconnect(true);
      return;
    }
    listen(socket, joined);
    // The request of the handshake is not needed any more, and is a good part of what an idle client costs.
    (socket.conn as { request: unknown }).request = undefined;
  });

  function listen(socket: BoardSocket, member: Member): void {
    const own = createBucket(limits.socket, clock);
    const words = createBucket(limits.presence, clock);
    const reports = drivers.hold(member.who.id);
    const watching = createBucket(limits.watching, clock);
    const person = people.hold(member.who.id);
    let waiting = 0;
    let unkept = 0;
    members.add(member);
    socket.on('disconnect', () => {
      members.delete(member);
      person.release();
      reports.release();
      options.presence.leave(member);
      options.positions.leave(member);
      live.leave(member);
    });
    // An event of this name without a listener would end the process.
    socket.on('error' as never, () => {});

    socket.use((event: unknown[], next) => {
      const ack = typeof event.at(-1) === 'function' ? (event.at(-1) as (answer: unknown) => void) : undefined;
      const known = argsOf[String(event[0])] === event.length - 2;
      // Not handed on: it has no listener, and without an acknowledgement nobody waits for an answer.
      if (known && ack) next();
      else ack?.({ ok: false, error: unknownEvent() } satisfies Ack);
    });

    socket.on('clock', (ack) => ack(clock.now()));

    socket.on('presence', (given: unknown, ack) => {
      const refuse = (error: WireError) => ack({ ok: false, error });
      const wait = words.take();
      if (wait > 0) return refuse(tooMany(wait));
      const parsed = parseWhereabouts(given);
      if ('error' in parsed) return refuse(parsed.error);
      const refusal = options.presence.say(member, parsed.said);
      if (refusal) refuse(refusal);
      else ack({ ok: true });
    });

    socket.on('position', (given: unknown, ack) => {
      const refuse = (error: WireError) => ack({ ok: false, error });
      const wait = reports.take();
      if (wait > 0 || unkept >= mostReports) return refuse(tooMany(Math.max(wait, 1_000)));
      const parsed = parseReport(given);
      if ('error' in parsed) return refuse(parsed.error);
      const more = reports.take(parsed.report.points.length / pointsPerToken);
      if (more > 0) return refuse(tooMany(more));
      unkept++;
      options.positions
        .report(member, parsed.report)
        .then((refusal) => (refusal ? refuse(refusal) : ack({ ok: true })))
        .catch((error: unknown) => {
          const requestId = randomBytes(9).toString('base64url');
          log.error({ err: error, requestId }, 'a position could not be taken');
          refuse(internal(requestId));
        })
        .finally(() => unkept--);
    });

    socket.on('watchPositions', (on: unknown, ack) => {
      const refuse = (error: WireError) => ack({ ok: false, error });
      const wait = watching.take();
      if (wait > 0) return refuse(tooMany(wait));
      if (typeof on !== 'boolean')
        return refuse(wireError('bad_request', 'Say true to be told where drivers are, false not to be any more.'));
      const refusal = options.positions.watch(member, on);
      if (refusal) refuse(refusal);
      else ack({ ok: true });
    });

    socket.on('command', (given: unknown, ack) => {
      const refuse = (error: WireError) => ack({ ok: false, error });
      if (closing) return refuse(unavailable());
      // One after the other: what the one refuses must not use up the other.
      const wait = own.take() || person.take();
      if (wait > 0 || waiting >= limits.pending) return refuse(tooMany(Math.max(wait, 1_000)));
      const parsed = parseCommand(given);
      if ('error' in parsed) return refuse(parsed.error);
      waiting++;
      pending++;
      void answer(member, parsed.command, ack).finally(() => {
        waiting--;
        pending--;
      });
    });
  }

  async function answer(
    member: Member,
    command: Parameters<Dispatcher['dispatch']>[1],
    ack: (ack: Ack) => void,
  ): Promise<void> {
    try {
      const outcome = await options.dispatcher.dispatch(member.who, command);
      if (outcome.ok) live.reach(member, outcome.seq);
      ack(outcome);
    } catch (error) {
      const requestId = randomBytes(9).toString('base64url');
      log.error({ err: error, requestId, command: command.name }, 'a command failed');
      ack({ ok: false, error: internal(requestId) });
    }
  }

  return {
    close: async () => {
      closing = true;
      for (const until = clock.monotonic() + patience; pending > 0 && clock.monotonic() < until;) await pause(10);
      for (const member of [...members]) live.dismiss(member, goingDown());
      for (const until = clock.monotonic() + patience; io.engine.clientsCount > 0 && clock.monotonic() < until;)
        await pause(10);
      io.engine.close();
      io.disconnectSockets(true);
    },
  };
}

/** What we use of Engine.IO's connection. */
type Connection = {
  on(event: 'packet', listener: (packet: { data?: string | Buffer }) => void): void;
  close(discard: boolean): void;
  /** What waits for a client that does not read. */
  writeBuffer: readonly unknown[];
  transport: { socket?: { terminate(): void } };
};

/** How many arguments each event has, beside the acknowledgement; nothing else is an event. */
const argsOf: { readonly [event: string]: number | undefined } = Object.assign(
  Object.create(null) as object,
  clientEvents,
);

const unknownEvent = (): WireError =>
  wireError(
    'bad_request',
    `There is no such event. There are ${Object.keys(clientEvents).join(', ')}: send one of them, and wait for the answer.`,
  );

/** Where a returning client says it stands; undefined when it says nothing that makes sense. */
function standingOf(auth: { [key: string]: unknown }): Standing | undefined {
  const { epoch, audience, seq } = auth;
  return typeof epoch === 'string' && typeof audience === 'string' && Number.isSafeInteger(seq) && (seq as number) >= 0
    ? { epoch, audience, seq: seq as number }
    : undefined;
}
