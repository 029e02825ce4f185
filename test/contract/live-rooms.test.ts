import { describe, expect, it } from 'vitest';
import type { Audience } from '@opsboard/shared/protocol/audiences';
import { viewOf } from '@opsboard/shared/protocol/audiences';
import type { Frame, Staleness } from '@opsboard/shared/protocol/frames';
import type { Kind } from '@opsboard/shared/protocol/kinds';
import { allKinds } from '@opsboard/shared/protocol/kinds';
import type { OrgState } from '../../server/src/journal/org-state.ts';
import { newId } from '../../server/src/platform/ids.ts';
import { testClock } from '../support/clock.ts';
import type { LiveClient } from '../support/live-client.ts';
import { connectLive, LiveClient as Connecting } from '../support/live-client.ts';
import type { MemoryJournal } from '../support/memory-journal.ts';
import { batchChange, memoryJournal, startLiveServer } from '../support/memory-journal.ts';
import { until } from '../support/until.ts';

const [north, south] = [newId(), newId()];

/** What an audience must hold: the live set through its eyes. */
function expected(state: OrgState, audience: Audience): Map<string, unknown> {
  const records = new Map<string, unknown>();
  for (const kind of allKinds) {
    for (const record of state.all(kind)) {
      const view = viewOf(audience, kind as Kind, record as never);
      if (view) records.set(`${kind} ${record.id}`, view);
    }
  }
  return records;
}

const held = (client: LiveClient) =>
  new Map(
    allKinds.flatMap((kind) => [...client.state!.records[kind]].map(([id, record]) => [`${kind} ${id}`, record])),
  );

/** Fails on a hole in the chain of frames that a client got. */
function checkChain(frames: readonly Frame[]): void {
  for (const [i, frame] of frames.entries()) {
    expect(frame.to).toBeGreaterThanOrEqual(frame.from);
    if (i > 0) expect(frame.from).toBeLessThanOrEqual(frames[i - 1]!.to);
  }
}

describe('rooms and frames', () => {
  it('[L2] [L9] a burst comes in few frames without a hole, and every audience holds what it sees', async () => {
    await using server = await startLiveServer();
    const driver = server.person('driver');
    const people = [
      server.person('admin'),
      server.person('team_member', { branches: [north] }),
      server.person('team_member', { branches: [south] }),
      driver,
    ];
    const audiences: Audience[] = [
      { org: server.org, role: 'admin' },
      { org: server.org, role: 'team_member', branches: [north] },
      { org: server.org, role: 'team_member', branches: [south] },
      { org: server.org, role: 'driver', person: driver.id },
    ];
    const clients = await Promise.all(people.map(({ client }) => connectLive(client)));
    const batches = Array.from({ length: 20 }, (_, i) =>
      batchChange(i % 2 ? north : south, i % 3 ? {} : { driver: driver.id }),
    );
    for (const batch of batches) server.commit(batch);
    for (let round = 0; round < 500; round++) {
      const { id } = batches[round % 20]!;
      if (round % 7 === 0) server.commit({ kind: 'batch', id, set: { branch: round % 2 ? north : south } });
      else if (round % 11 === 0) server.commit({ kind: 'batch', id, set: {}, unset: ['driver'] });
      else server.commit({ kind: 'batch', id, set: { dueAt: Date.now() + round } });
      if (round % 50 === 0) await new Promise(setImmediate);
    }
    for (const [i, client] of clients.entries()) {
      await client.reached(server.state.seq);
      checkChain(client.frames);
      expect(held(client)).toEqual(expected(server.state, audiences[i]!));
      expect(client.snapshots).toBe(1);
      expect(client.catchUps).toBe(0);
      expect(client.frames.length).toBeLessThan(100);
      client.socket.disconnect();
    }
  });

  it('[L7] a frame each second says the time although nothing happens', async () => {
    await using server = await startLiveServer();
    const client = await connectLive(server.person('admin').client);
    const seq = server.state.seq;
    await until('two beats after the first word', () => client.frames.length >= 3);
    const [, first, second] = client.frames;
    expect(first).toMatchObject({ from: seq, to: seq, changes: [] });
    expect(second!.now - first!.now).toBeGreaterThan(900);
    expect(second!.now - first!.now).toBeLessThan(1_100);
    client.socket.disconnect();
  });

  it('[L6] the sender gets a frame that reaches the acknowledged seq before the acknowledgement, also one that shows nothing', async () => {
    await using server = await startLiveServer();
    const { client } = server.person('team_member', { branches: [south] });
    const batch = batchChange(north);
    server.commit(batch);
    const live = await connectLive(client, { follow: false });
    for (let i = 0; i < 5; i++) {
      const ack = await live.emit({
        commandId: newId(),
        name: 'batch.moveDueDate',
        args: { id: batch.id, rev: 1, dueAt: 1_800_000_000_000 + i, reason: 'late' },
      });
      expect(ack).toEqual({ ok: true, first: server.state.seq, seq: server.state.seq });
      expect(live.frames.at(-1)).toMatchObject({ to: server.state.seq, changes: [] });
    }
    checkChain(live.frames);
    live.socket.disconnect();
  });

  it('[L6] a command that another process committed: the frame follows when the tail is there', async () => {
    const other = { deliver: (): void => {} };
    const memory: MemoryJournal = memoryJournal();
    const batch = batchChange(north);
    await using server = await startLiveServer({
      memory,
      dispatch: () => {
        const made = memory.elsewhere({ kind: 'batch', id: batch.id, set: { dueAt: 7 } });
        other.deliver = made.deliver;
        return Promise.resolve({ ok: true, first: made.seq, seq: made.seq });
      },
    });
    memory.commit(batch);
    const live = await connectLive(server.person('admin').client);
    const ack = await live.emit({ commandId: newId(), name: 'batch.arrive', args: { id: batch.id } });
    const seq = ack.ok ? ack.seq : 0;
    expect(live.seq).toBeLessThan(seq);
    other.deliver();
    await live.reached(seq, 500);
    expect(live.state!.records.batch.get(batch.id)?.dueAt).toBe(7);
    live.socket.disconnect();
  });

  it('[L12] a process without its database sends no records, says so, and says when it is back', async () => {
    await using server = await startLiveServer();
    const { client } = server.person('admin');
    const live = await connectLive(client);
    server.setStale(true);
    await until('stale', () => live.stale);
    const batch = batchChange(north);
    const seq = server.commit(batch);
    const late = await new Connecting(server.person('admin').client, { follow: false }).settled();
    await until('a newcomer is told too', () => late.stale);
    expect((await client.get('/api/live/snapshot')).status).toBe(503);
    expect((await client.get('/api/live/catch-up?from=1')).status).toBe(503);
    expect(live.seq).toBeLessThan(seq);
    server.setStale(false);
    await live.reached(seq);
    expect(live.stale).toBe(false);
    expect(live.raw.findIndex((text) => text.includes('"stale":false'))).toBeLessThan(
      live.raw.findIndex((text) => text.includes(batch.id)),
    );
    live.socket.disconnect();
    late.socket.disconnect();
  });
});

describe('[L16] the clock of the machine is moved', () => {
  it('everybody is told, newcomers too, and told again when it is settled', async () => {
    let [off, say] = [0, (_ms: number): void => {}];
    const clock = {
      ...testClock(),
      jumped: () => off,
      onJump: (listener: (ms: number) => void) => {
        say = listener;
        return () => {};
      },
    };
    await using server = await startLiveServer({ clock });
    const words: Staleness[][] = [[], []];
    const live = await connectLive(server.person('admin').client);
    live.socket.on('stale', (word) => void words[0]!.push(word));
    say((off = 300_000));
    await until('the word', () => words[0]!.length === 1);
    const late = new Connecting(server.person('admin').client, { follow: false });
    late.socket.on('stale', (word) => void words[1]!.push(word));
    await until('the word to the newcomer', () => words[1]!.length === 1);
    say((off = 0));
    await until('the last word', () => words[0]!.length === 2 && words[1]!.length === 2);
    const expected = [
      expect.objectContaining({ stale: false, clockOff: 300_000 }),
      expect.not.objectContaining({ clockOff: expect.anything() }),
    ];
    expect(words).toEqual([expected, expected]);
    live.socket.disconnect();
    late.socket.disconnect();
  });
});

describe('coming back', () => {
  it('[L1] [L8] finds the gap, and catches up with one coalesced frame', async () => {
    await using server = await startLiveServer();
    const { client } = server.person('admin');
    const live = await connectLive(client, { reconnect: true });
    // Enough records that a snapshot would be larger than the catch-up.
    const batches = Array.from({ length: 50 }, () => batchChange(north));
    server.commit(...batches);
    await live.reached(server.state.seq);
    live.cutLine();
    for (let i = 0; i < 30; i++) server.commit({ kind: 'batch', id: batches[0]!.id, set: { dueAt: i } });
    server.commit({ kind: 'batch', id: batches[1]!.id, set: { archivedAt: Date.now() } });
    await live.reached(server.state.seq);
    expect([live.snapshots, live.catchUps]).toEqual([1, 1]);
    const answer = live.raw.find((text) => text.startsWith('{"frame"'))!;
    expect((JSON.parse(answer) as { frame: Frame }).frame.changes).toEqual([
      expect.objectContaining({ id: batches[0]!.id, set: { dueAt: 29 } }),
      { kind: 'batch', id: batches[1]!.id, gone: true },
    ]);
    expect(held(live)).toEqual(expected(server.state, { org: server.org, role: 'admin' }));
    live.socket.disconnect();
  });

  it('[L8] is brought up on the socket by itself when it says where it stands', async () => {
    await using server = await startLiveServer();
    const { client } = server.person('admin');
    const live = await connectLive(client, { reconnect: true });
    const batch = batchChange(north);
    server.commit(batch);
    await live.reached(server.state.seq);
    const { epoch, audience, seq } = live.state!;
    Object.assign(live.socket.auth, { epoch, audience, seq });
    live.cutLine();
    server.commit({ kind: 'batch', id: batch.id, set: { dueAt: 5 } });
    await live.reached(server.state.seq);
    expect(live.frames.at(-1)).toMatchObject({ from: seq, to: seq + 1 });
    expect([live.snapshots, live.catchUps]).toEqual([1, 0]);
    live.socket.disconnect();
  });

  it('[L8] advises a snapshot when it is smaller, or when the past is too far', async () => {
    await using server = await startLiveServer();
    const { client } = server.person('admin');
    const batches = Array.from({ length: 10 }, () => batchChange(north));
    server.commit(...batches);
    const from = server.state.seq;
    await client.get('/api/live/snapshot');
    for (const { id } of batches)
      server.commit({
        kind: 'batch',
        id,
        set: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`steps.s${i}`, { at: i, by: id }])),
      });
    expect((await client.get(`/api/live/catch-up?from=${from}`)).body).toMatchObject({
      snapshot: true,
      epoch: 'memory',
    });
    server.commit({ kind: 'batch', id: batches[0]!.id, set: { dueAt: 4 } });
    expect((await client.get(`/api/live/catch-up?from=${server.state.seq - 1}`)).body).toHaveProperty('frame');
  });

  it('[L8] a process that stands before the client waits for its tail', async () => {
    await using server = await startLiveServer();
    const { client } = server.person('admin');
    const { seq, deliver } = server.elsewhere(batchChange(north));
    const asked = client.get<{ frame: Frame }>(`/api/live/catch-up?from=${seq}`);
    const snapshot = client.get<{ seq: number }>(`/api/live/snapshot?atLeast=${seq}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
    deliver();
    expect((await asked).body.frame).toMatchObject({ from: seq, to: seq, changes: [] });
    expect((await snapshot).body.seq).toBe(seq);
  });

  it('[L10] another epoch or audience gets the advice to start afresh', async () => {
    await using server = await startLiveServer();
    const { client } = server.person('admin');
    const ask = async (query: string) => (await client.get(`/api/live/catch-up?from=0&${query}`)).body;
    const audience = `${server.org}|admin|*|`;
    expect(await ask(`epoch=memory&audience=${encodeURIComponent(audience)}`)).toHaveProperty('frame');
    expect(await ask('epoch=restored')).toEqual({ snapshot: true, epoch: 'memory', audience });
    expect(await ask(`audience=${encodeURIComponent(`${server.org}|manager|*|`)}`)).toEqual({
      snapshot: true,
      epoch: 'memory',
      audience,
    });
  });

  it('[L8] reads the journal where memory begins too late, and unfolds what was', async () => {
    const memory = memoryJournal();
    const [stays, moves, leaves] = [batchChange(north), batchChange(north), batchChange(south)];
    memory.commit(stays, moves, leaves);
    const from = memory.state.seq;
    memory.commit({ kind: 'batch', id: moves.id, set: { branch: south } });
    memory.commit({ kind: 'batch', id: leaves.id, set: { branch: north } });
    memory.commit({ kind: 'batch', id: stays.id, set: { dueAt: 3 } });
    // A process that starts now has none of this in memory.
    await using server = await startLiveServer({ memory });
    const { client } = server.person('team_member', { branches: [north] });
    const { body, text } = await client.get<{ frame: Frame }>(`/api/live/catch-up?from=${from}`);
    expect(body.frame.changes.slice(0, 3)).toEqual([
      { kind: 'batch', id: moves.id, gone: true },
      expect.objectContaining({ id: leaves.id, whole: expect.objectContaining({ branch: north }) }),
      expect.objectContaining({ id: stays.id, set: { dueAt: 3 } }),
    ]);
    expect(text).not.toContain('secret');
    // What was archived meanwhile is not in memory any more: only a snapshot tells.
    memory.commit({ kind: 'batch', id: stays.id, set: { archivedAt: 1 } });
    await using restarted = await startLiveServer({ memory });
    expect(
      (await new Connecting(client.at(restarted.url), { follow: false }).http.get(`/api/live/catch-up?from=${from}`))
        .body,
    ).toMatchObject({ snapshot: true });
  });
});

describe('snapshots over HTTP', () => {
  it('are compressed as asked, tagged, and not sent twice', async () => {
    await using server = await startLiveServer();
    const { client } = server.person('admin');
    server.commit(...Array.from({ length: 20 }, () => batchChange(north)));
    const ask = (encoding: string, more = {}) =>
      client.get('/api/live/snapshot', { 'accept-encoding': encoding, ...more });
    const plain = await ask('identity');
    expect(plain.headers.get('content-encoding')).toBeNull();
    for (const [accepted, used] of [
      ['gzip, deflate, br', 'br'],
      ['gzip', 'gzip'],
      ['br;q=0, gzip;q=0.5', 'gzip'],
    ] as const) {
      const { headers, text } = await ask(accepted);
      expect(headers.get('content-encoding')).toBe(used);
      expect(text).toBe(plain.text);
    }
    const etag = plain.headers.get('etag')!;
    expect(etag).not.toContain(server.org);
    expect((await ask('br', { 'if-none-match': etag })).status).toBe(304);
    server.commit(batchChange(north));
    expect((await ask('br', { 'if-none-match': '"other"' })).status).toBe(200);
    expect(plain.headers.get('cache-control')).toBe('private, no-cache');
  });

  it('are not had without end by one person', async () => {
    await using server = await startLiveServer({ rate: { burst: 2, perSecond: 0.1 } });
    const [one, other] = [server.person('admin').client, server.person('admin').client];
    const statuses = async (paths: string[]) =>
      Promise.all(paths.map(async (path) => (await one.get(`/api/live/${path}`)).status));
    expect((await statuses(['snapshot', 'catch-up?from=0', 'snapshot'])).sort()).toEqual([200, 200, 429]);
    expect((await other.get('/api/live/snapshot')).status).toBe(200);
  });

  it.each(['?atLeast=x', '?atLeast=-1', '?since=1'])('refuses %s', async (query) => {
    await using server = await startLiveServer();
    const { status, body } = await server.person('admin').client.get(`/api/live/snapshot${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'bad_request', field: query.slice(1).split('=')[0] });
  });
});

describe('[L11] cuts', () => {
  it.each<[string, (ids: { id: string; session: string }) => Parameters<MemoryJournal['commit']>[0], string]>([
    ['another role', ({ id }) => ({ kind: 'person', id, set: { role: 'manager' } }), 'unavailable'],
    ['other branches', ({ id }) => ({ kind: 'person', id, set: { branches: [south] } }), 'unavailable'],
    ['no longer active', ({ id }) => ({ kind: 'person', id, set: { inactiveAt: 5 } }), 'not_signed_in'],
    ['a session that ended', ({ session }) => ({ kind: 'session', id: session, set: { endedAt: 5 } }), 'not_signed_in'],
  ])('%s ends the frames at that seq, and the connection within a second', async (_what, change, code) => {
    await using server = await startLiveServer();
    const person = server.person('team_member', { branches: [north] });
    const bystander = await connectLive(server.person('team_member', { branches: [north] }).client);
    const live = await connectLive(person.client);
    let disconnected = 0;
    live.socket.on('disconnect', () => (disconnected = performance.now()));
    const secret = batchChange(north);
    const from = performance.now();
    const seq = server.commit(change(person));
    server.commit(secret);
    await until('the connection ends', () => disconnected > 0);
    expect(disconnected - from).toBeLessThan(1_000);
    expect(live.cuts.map((error) => error.code)).toEqual([code]);
    expect(Math.max(...live.frames.map(({ to }) => to))).toBeLessThanOrEqual(seq);
    expect(live.raw.join()).not.toContain(secret.id);
    await bystander.reached(server.state.seq);
    expect(bystander.cuts).toEqual([]);
    bystander.socket.disconnect();
  });

  it('a new name or password cuts nobody', async () => {
    await using server = await startLiveServer();
    const { id, client } = server.person('admin');
    const live = await connectLive(client);
    const seq = server.commit({ kind: 'person', id, set: { name: 'New', passwordHash: 'secret-hash' } });
    await live.reached(seq);
    expect(live.cuts).toEqual([]);
    expect(live.socket.connected).toBe(true);
    live.socket.disconnect();
  });

  it('comes back as another audience, with a snapshot', async () => {
    await using server = await startLiveServer();
    const [ours, theirs] = [batchChange(north), batchChange(south)];
    server.commit(ours, theirs);
    const { id, client } = server.person('team_member', { branches: [north] });
    const live = await connectLive(client, { reconnect: true });
    expect([...live.state!.records.batch.keys()]).toEqual([ours.id]);
    server.commit({ kind: 'person', id, set: { branches: [south] } });
    await until('it is back', () => live.hellos.length === 2 && live.seq >= server.state.seq);
    expect([...live.state!.records.batch.keys()]).toEqual([theirs.id]);
    expect(live.snapshots).toBe(2);
    live.socket.disconnect();
  });

  it('an end while the handshake is under way is not missed', async () => {
    const memory = memoryJournal();
    let session = '';
    // Ended after the sign-in was looked up, and before the client is in its room.
    const resolved = (): void => void memory.commit({ kind: 'session', id: session, set: { endedAt: 5 } });
    await using server = await startLiveServer({ memory, resolved });
    const person = server.person('admin');
    session = person.session;
    await server.live.follow(server.org);
    const live = new Connecting(person.client, { follow: false });
    await until('refused or cut', () => live.refusals.length + live.cuts.length > 0);
    expect(live.cuts.map((error) => error.code)).toEqual(['not_signed_in']);
    expect(live.frames).toEqual([]);
  });

  it('a session that runs out is cut', async () => {
    const clock = testClock();
    await using server = await startLiveServer({ clock });
    const live = await connectLive(server.person('admin').client);
    clock.advance(3_700_000);
    await until('the cut', () => live.cuts.length > 0);
    expect(live.cuts[0]?.code).toBe('not_signed_in');
  });
});
