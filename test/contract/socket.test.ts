import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { once } from 'node:events';
import { connect } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Ack } from '@opsboard/shared/protocol/envelope';
import { newId } from '../../server/src/platform/ids.ts';
import type { Client } from '../support/client.ts';
import { connectLive, LiveClient } from '../support/live-client.ts';
import { batchChange, startLiveServer } from '../support/memory-journal.ts';
import { until } from '../support/until.ts';

const branch = newId();

/** A WebSocket that speaks Engine.IO by hand, for what a proper client would never send. */
async function rawSocket(client: Client): Promise<{ ws: WebSocket; heard: string[]; join(): Promise<void> }> {
  const ws = new WebSocket(`${client.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
    headers: { cookie: client.cookie ?? '' },
  });
  const heard: string[] = [];
  ws.on('message', (data) => heard.push(String(data)));
  ws.on('error', () => {});
  await once(ws, 'open');
  return {
    ws,
    heard,
    join: async () => {
      ws.send('40{"protocol":1}');
      await until('hello', () => heard.some((text) => text.startsWith('42["hello"')));
    },
  };
}

describe('the handshake', () => {
  it.each<[string, Parameters<typeof connectLive>[1], boolean, string]>([
    ['without a cookie', {}, false, 'not_signed_in'],
    ['of another protocol version', { protocol: 99 }, true, 'unsupported_protocol'],
  ])('%s is refused with its code and a sentence', async (_what, options, signedIn, code) => {
    await using server = await startLiveServer();
    const { client } = server.person('admin');
    if (!signedIn) client.cookie = undefined;
    const live = await new LiveClient(client, { ...options, follow: false }).settled();
    expect(live.refusals).toEqual([expect.objectContaining({ code, message: expect.stringMatching(/\.$/) })]);
    expect(live.hellos).toEqual([]);
    live.socket.disconnect();
  });

  it('from another site is refused before anything is opened, our own page is let in', async () => {
    await using server = await startLiveServer();
    const { client } = server.person('admin');
    const evil = new LiveClient(client, { origin: 'https://evil.example', follow: false });
    const [error] = (await once(evil.socket as never, 'connect_error')) as [Error & { description?: unknown }];
    expect(error.message).toBe('websocket error');
    expect(server.live.count().members).toBe(0);
    const own = await connectLive(client, { origin: server.url });
    expect(own.hellos).toHaveLength(1);
    own.socket.disconnect();
    evil.socket.disconnect();
  });

  it('is answered only on a WebSocket: no polling', async () => {
    await using server = await startLiveServer();
    const { client } = server.person('admin');
    expect((await client.get('/socket.io/?EIO=4&transport=polling')).status).toBe(400);
  });
});

describe('[C1] whatever a client sends', () => {
  it.each<[string, unknown[], string]>([
    ['an unknown event', ['explode', { now: true }], 'bad_request'],
    ['an event called error', ['error', 'x'], 'bad_request'],
    ['a command in two pieces', ['command', {}, {}], 'bad_request'],
    ['a clock with an argument', ['clock', 1], 'bad_request'],
    ['nothing as a command', ['command', null], 'bad_request'],
    ['an unknown command', ['command', { commandId: newId(), name: 'batch.explode', args: {} }], 'unknown_command'],
    ['a wrong arg', ['command', { commandId: newId(), name: 'batch.seal', args: { id: 1, count: 1 } }], 'bad_request'],
    ['bytes as a command', ['command', Buffer.alloc(100_000)], 'too_large'],
  ])('%s is refused politely', async (_what, event, code) => {
    await using server = await startLiveServer();
    const live = await connectLive(server.person('admin').client);
    const socket = live.socket as unknown as { emitWithAck(...event: unknown[]): Promise<Ack> };
    const ack = await socket.emitWithAck(...event);
    expect(ack).toMatchObject({ ok: false, error: { code } });
    expect(JSON.stringify(ack)).not.toMatch(/at .*\.ts|stack/);
    expect(live.socket.connected).toBe(true);
    live.socket.disconnect();
  });

  it('nobody waits for an answer: nothing is done, nothing breaks', async () => {
    await using server = await startLiveServer({ dispatch: () => Promise.reject(new Error('must not be called')) });
    const live = await connectLive(server.person('admin').client);
    const socket = live.socket as unknown as { emit(...event: unknown[]): void };
    socket.emit('command', { commandId: newId(), name: 'batch.arrive', args: { id: newId() } });
    socket.emit('error', 'x');
    socket.emit('clock');
    const before = Date.now();
    const now = await live.socket.emitWithAck('clock');
    expect(now).toBeGreaterThanOrEqual(before);
    live.socket.disconnect();
  });

  it('a failure inside is answered with a code and a number, never with a stack', async () => {
    await using server = await startLiveServer({ dispatch: () => Promise.reject(new Error('secret detail')) });
    const live = await connectLive(server.person('admin').client);
    const ack = await live.emit({ commandId: newId(), name: 'batch.arrive', args: { id: newId() } });
    expect(ack).toMatchObject({ ok: false, error: { code: 'internal', details: { requestId: expect.any(String) } } });
    expect(live.raw.join()).not.toContain('secret detail');
    live.socket.disconnect();
  });

  it('too many commands are refused for a while, per socket and per person', async () => {
    const limits = { socket: { burst: 3, perSecond: 0.001 }, person: { burst: 4, perSecond: 0.001 } };
    await using server = await startLiveServer({ limits });
    const { client } = server.person('admin');
    const [one, two] = [await connectLive(client), await connectLive(client)];
    const batch = batchChange(branch);
    server.commit(batch);
    const send = (live: LiveClient) =>
      live.emit({
        commandId: newId(),
        name: 'batch.moveDueDate',
        args: { id: batch.id, rev: 1, dueAt: Date.now(), reason: 'x' },
      });
    const codes = async (live: LiveClient, count: number) =>
      (await Promise.all(Array.from({ length: count }, () => send(live)))).map((ack) =>
        ack.ok ? 'ok' : ack.error.code,
      );
    expect(await codes(one, 4)).toEqual(['ok', 'ok', 'ok', 'too_many_requests']);
    expect(await codes(two, 2)).toEqual(['ok', 'too_many_requests']);
    one.socket.disconnect();
    two.socket.disconnect();
  });
});

describe('hostile bytes', () => {
  it.each<[string, string | Buffer]>([
    ['no Engine.IO type', 'zzz'],
    ['no Socket.IO type', '4z'],
    ['broken JSON', '42["command",{'],
    ['an event that is no list', '42{"a":1}'],
    ['a reserved event', '42["disconnect"]'],
    ['a huge acknowledgement id', `42${'9'.repeat(400)}["command",{}]`],
    ['a binary event without its bytes', '451-["command",{"_placeholder":true,"num":0}]'],
    ['a binary event with a million attachments', '451000000-["command",{}]'],
    ['bytes', Buffer.from([1, 2, 3, 255])],
    ['the prototype', '420["command",{"__proto__":{"ok":true}}]'],
    ['another namespace', '40/admin,{"protocol":1}'],
    ['a message larger than allowed', `42["command","${'x'.repeat(300_000)}"]`],
  ])('%s harms nobody', async (_what, bytes) => {
    await using server = await startLiveServer();
    const bystander = await connectLive(server.person('admin').client);
    const raw = await rawSocket(server.person('admin').client);
    await raw.join();
    raw.ws.send(bytes);
    raw.ws.send('2');
    const seq = server.commit(batchChange(branch));
    await bystander.reached(seq);
    expect(({} as { ok?: boolean }).ok).toBeUndefined();
    bystander.socket.disconnect();
    raw.ws.terminate();
  });

  it('a flood is cut, and others hardly notice', async () => {
    await using server = await startLiveServer();
    const bystander = await connectLive(server.person('admin').client);
    const raw = await rawSocket(server.person('admin').client);
    await raw.join();
    const closed = once(raw.ws, 'close');
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    for (let i = 0; i < 20_000; i++) raw.ws.send('420["explode"]');
    await closed;
    delay.disable();
    expect(delay.max / 1e6).toBeLessThan(500);
    const seq = server.commit(batchChange(branch));
    await bystander.reached(seq, 1_000);
    bystander.socket.disconnect();
  });
});

/**
 * Bytes in buffers that something still holds. The engine sweeps buffers on a thread of its own and counts them as
 * they go, so what is only not swept yet is looked at again: the smallest of several looks is what is held.
 */
async function bytesHeld(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let held = Infinity;
  for (let i = 0; i < 10; i++) {
    collect();
    held = Math.min(held, process.memoryUsage().arrayBuffers);
    await setTimeout(20);
  }
  return held;
}

describe('[L13] a client that does not read', () => {
  it('costs a bounded number of bytes, keeps nobody waiting, and catches up when it reads again', async () => {
    await using server = await startLiveServer();
    const bystander = await connectLive(server.person('admin').client);
    const stuck = await connectLive(server.person('admin').client);
    const { ws } = (stuck.socket.io.engine as unknown as { transport: { ws: { pause(): void; resume(): void } } })
      .transport;
    ws.pause();
    const batch = batchChange(branch);
    server.commit(batch);
    // 100 kB a frame: what the operating systems take in between is full after some megabytes.
    const fat = (n: number) =>
      server.commit({ kind: 'batch', id: batch.id, set: { 'steps.draft': { at: n, by: 'x'.repeat(100_000) } } });
    let sent = 0;
    while (server.live.count().behind === 0) {
      if (++sent > 400) throw new Error('it was never found to be behind');
      await bystander.reached(fat(sent));
    }
    const before = await bytesHeld();
    for (let i = 0; i < 100; i++) await bystander.reached(fat(1_000 + i));
    expect((await bytesHeld()) - before).toBeLessThan(5_000_000);
    expect(server.live.count()).toEqual({ members: 2, behind: 1 });
    ws.resume();
    const seq = server.commit({ kind: 'batch', id: batch.id, set: { 'steps.draft': { at: 1, by: 'y' } } });
    await stuck.reached(seq);
    expect(server.live.count().behind).toBe(0);
    expect(stuck.state!.records.batch.get(batch.id)).toEqual(bystander.state!.records.batch.get(batch.id));
    bystander.socket.disconnect();
    stuck.socket.disconnect();
  });

  it('is let go when it sends on and on and leaves the answers unread', async () => {
    const details = { text: 'x'.repeat(100_000) };
    await using server = await startLiveServer({
      limits: { unread: 50, connection: { burst: 1e6, perSecond: 1e6 }, socket: { burst: 1e6, perSecond: 1e6 } },
      dispatch: () => Promise.resolve({ ok: false, error: { code: 'forbidden', message: 'No.', details } }),
    });
    const raw = await rawSocket(server.person('admin').client);
    await raw.join();
    raw.ws.pause();
    const command = { commandId: newId(), name: 'batch.arrive', args: { id: newId() } };
    for (let i = 0; server.live.count().members === 1; i++) {
      if (i > 5_000) throw new Error('it was never let go');
      raw.ws.send(`42${i}["command",${JSON.stringify(command)}]`);
      await new Promise(setImmediate);
    }
    raw.ws.terminate();
  });

  it('is let go when its rights end, although it takes no farewell', async () => {
    await using server = await startLiveServer();
    const { id, client } = server.person('admin');
    const { port } = new URL(client.url);
    const silent = connect(Number(port), '127.0.0.1');
    silent.write(
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\nCookie: ${client.cookie}\r\n\r\n`,
    );
    await once(silent, 'data');
    const text = '40{"protocol":1}';
    silent.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]));
    await until('it is in', () => server.live.count().members === 1);
    silent.pause();
    const closed = new Promise((resolve) => silent.once('close', resolve));
    const from = performance.now();
    server.commit({ kind: 'person', id, set: { inactiveAt: 5 } });
    expect(server.live.count().members).toBe(0);
    silent.resume();
    await closed;
    expect(performance.now() - from).toBeLessThan(1_000);
  });
});
