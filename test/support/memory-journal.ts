import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { RecordChange } from '@opsboard/shared/protocol/decision';
import type { Entry } from '@opsboard/shared/protocol/entries';
import type { AnyRecord } from '@opsboard/shared/protocol/kinds';
import type { Role } from '@opsboard/shared/people/roles';
import type { Dispatcher } from '../../server/src/dispatch/dispatch.ts';
import { mountApi } from '../../server/src/ingress/http.ts';
import { createOpenAnswers } from '../../server/src/ingress/open-answers.ts';
import type { Rate } from '../../server/src/ingress/rate-limit.ts';
import type { SocketLimits } from '../../server/src/ingress/socket.ts';
import { openSockets } from '../../server/src/ingress/socket.ts';
import { draft } from '../../server/src/journal/fold.ts';
import { FoldedState } from '../../server/src/journal/folded-state.ts';
import type { Expected } from '../../server/src/journal/folded-state.ts';
import type { Journal } from '../../server/src/journal/journal.ts';
import { liveEndpoints } from '../../server/src/live/http.ts';
import type { Live } from '../../server/src/live/live.ts';
import { openLive } from '../../server/src/live/live.ts';
import type { SignedIn } from '../../server/src/people/sessions.ts';
import type { Clock } from '../../server/src/platform/clock.ts';
import { systemClock } from '../../server/src/platform/clock.ts';
import { openPositions } from '../../server/src/positions/positions.ts';
import { openPresence } from '../../server/src/presence/presence.ts';
import { newId } from '../../server/src/platform/ids.ts';
import { createLog } from '../../server/src/platform/log.ts';
import { createMetrics } from '../../server/src/platform/metrics.ts';
import { Client } from './client.ts';

const log = createLog('test', process.env['TEST_LOG'] ?? 'silent');

/** A journal of one organization without a database: what is committed is folded in the same call. */
export type MemoryJournal = {
  journal: Journal;
  org: string;
  state: FoldedState;
  /** Commits changes as one command; the last seq. */
  commit(...changes: RecordChange[]): number;
  /** Makes entries that the state does not know yet, as another process would; `deliver` brings them. */
  elsewhere(...changes: RecordChange[]): { seq: number; deliver(): void };
  setStale(stale: boolean): void;
};

export function memoryJournal(): MemoryJournal {
  const org = newId();
  const entries: Entry[] = [];
  const records = new Map<string, AnyRecord>();
  const listeners = new Set<Parameters<Journal['onHealth']>[0]>();
  let health = { stale: false, heardAt: 0 };
  const after = (from: number, limit: number, to = entries.length) =>
    Promise.resolve(entries.slice(from, Math.min(to, from + limit)));
  const source = {
    entries: (_org: string, from: number, limit: number) => after(from, limit),
    records: (_org: string, kind: string, ids: readonly string[]) =>
      Promise.resolve(
        new Map(ids.flatMap((id) => (records.has(`${kind}/${id}`) ? [[id, records.get(`${kind}/${id}`)!]] : []))),
      ),
  };
  const state = new FoldedState(org, source as never, { batch: 2001, route: 1 }, log);
  state.begin(0, { batch: 2001, route: 1 });

  function made(changes: RecordChange[]): Expected[] {
    const commandId = newId();
    return changes.map((change): Expected => {
      const key = `${change.kind}/${change.id}`;
      const { after: record, ...said } = draft(org, records.get(key), change);
      const at = Date.now();
      const entry: Entry = {
        v: 1,
        org,
        seq: entries.length + 1,
        at,
        done: at,
        actor: { type: 'system', id: 'test' },
        commandId,
        verb: 'test',
        kind: change.kind,
        id: change.id,
        ...said,
      };
      entries.push(entry);
      records.set(key, record);
      return { entry, after: record };
    });
  }

  return {
    org,
    state,
    commit: (...changes) => {
      const group = made(changes);
      state.expect(group);
      state.settle(group, true);
      return state.seq;
    },
    elsewhere: (...changes) => {
      const group = made(changes);
      return { seq: group.at(-1)!.entry.seq, deliver: () => state.receive(group.map(({ entry }) => entry)) };
    },
    setStale: (stale) => {
      health = { ...health, stale };
      for (const listener of listeners) listener(health);
    },
    journal: {
      epoch: 'memory',
      org: () => Promise.resolve(state),
      loaded: () => state,
      orgs: () => Promise.resolve([org]),
      entries: (_org, { from, to, limit }) => after(from, limit ?? 10_000, to),
      entriesOfRecord: () => Promise.resolve([]),
      get health() {
        return health;
      },
      onHealth: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      writer: () => Promise.reject(new Error('memory is written by commit()')),
      close: () => Promise.resolve(),
    },
  };
}

export type LiveServer = MemoryJournal &
  AsyncDisposable & {
    url: string;
    live: Live;
    /** Adds a person and signs them in. */
    person(
      role: Role,
      fields?: { branches?: string[]; name?: string },
    ): { id: string; session: string; client: Client };
  };

/** The live side alone on a port: sockets, snapshots and catch-up over a {@link memoryJournal}. */
export async function startLiveServer(
  options: {
    limits?: Partial<SocketLimits>;
    clock?: Clock;
    publicUrl?: string;
    memory?: MemoryJournal;
    dispatch?: Dispatcher['dispatch'];
    resolved?: () => void;
    /** Whether positions can be kept; they can unless told otherwise. */
    kept?: () => boolean;
    /** Snapshots and catch-ups of one person. */
    rate?: Rate;
  } = {},
): Promise<LiveServer> {
  const memory = options.memory ?? memoryJournal();
  const clock = options.clock ?? systemClock;
  const { journal, org, state } = memory;
  const live = openLive({ journal, clock, log, release: 'test' });
  const presence = openPresence({ journal, clock, log });
  const positions = openPositions({
    ...{ journal, clock, log },
    trails: { add: () => Promise.resolve(options.kept?.() ?? true) },
  });
  const sessions = {
    // The cookie names the session; its record is the truth, as it is with real ones.
    resolve: async (cookie: string | undefined): Promise<SignedIn | undefined> => {
      const session = state.get('session', /session=([^;]+)/.exec(cookie ?? '')?.[1] ?? '');
      const person = session && state.get('person', session.person);
      if (!session || !person || person.inactiveAt !== undefined) return undefined;
      const { id, role, branches } = person;
      options.resolved?.();
      return {
        type: 'person',
        org,
        id,
        role,
        ...(branches ? { branches } : {}),
        session: session.id,
        expiresAt: session.expiresAt,
      };
    },
  };
  const dispatch: Dispatcher['dispatch'] =
    options.dispatch ??
    ((_principal, { args }) => {
      const { id, dueAt } = args as { id: string; dueAt: number };
      const seq = memory.commit({ kind: 'batch', id, set: { dueAt } });
      return Promise.resolve({ ok: true, first: seq, seq });
    });
  const app = express();
  mountApi(app, {
    endpoints: liveEndpoints({ live, clock, ...(options.rate ? { rate: options.rate } : {}) }),
    sessions,
    open: createOpenAnswers({ journal, clock }),
    access: { record: () => {}, refused: () => {} },
    dispatcher: { read: () => undefined },
    log,
    metrics: createMetrics(),
    publicUrl: options.publicUrl,
    page: (_req: unknown, _res: unknown, next: () => void) => next(),
  } as never);
  const server = createServer(app);
  const sockets = openSockets({
    server,
    live,
    sessions,
    dispatcher: { dispatch },
    presence,
    positions,
    clock,
    log,
    publicUrl: options.publicUrl,
    ...(options.limits ? { limits: options.limits } : {}),
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...memory,
    get journal() {
      return journal;
    },
    url,
    live,
    person: (role, fields = {}) => {
      const id = newId();
      const session = newId();
      memory.commit(
        {
          kind: 'person',
          id,
          create: true,
          set: { name: 'Somebody', email: `${id}@x.test`, createdAt: Date.now(), role, ...fields },
        },
        {
          kind: 'session',
          id: session,
          create: true,
          set: { person: id, tokenHash: 'secret', createdAt: Date.now(), expiresAt: clock.now() + 3_600_000 },
        },
      );
      return { id, session, client: new Client(url, `session=${session}`) };
    },
    [Symbol.asyncDispose]: async () => {
      await sockets.close();
      await presence.close();
      positions.close();
      await live.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The creation of a batch with everything a record needs. */
export function batchChange(branch: string, fields: { [name: string]: unknown } = {}): RecordChange & { id: string } {
  const now = Date.now();
  return {
    kind: 'batch',
    id: newId(),
    create: true,
    set: {
      reference: `B-${now}`,
      branch,
      customer: newId(),
      center: newId(),
      status: 'draft',
      since: now,
      steps: { draft: { at: now, by: branch } },
      parts: {},
      partCount: 0,
      dueAt: now + 1e8,
      promisedAt: now + 1e8,
      createdAt: now,
      createdBy: branch,
      ...fields,
    },
  };
}
