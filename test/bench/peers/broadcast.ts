/**
 * A server process that sends changes to many clients, in one of three ways; told what to do over its IPC channel.
 *
 * - `ours`: the board's live side over a journal in memory.
 * - `ws`: one `ws` message per change, the text encoded once, as its documentation shows a broadcast.
 * - `io`: one `io.emit` per change, WebSocket only.
 *
 * The peers send the very text that our frames hold for the same change, without a session, rights or order.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Server } from 'socket.io';
import { WebSocketServer } from 'ws';
import { buildChanges } from '@opsboard/shared/protocol/frame-build';
import type { Applied } from '../../../server/src/journal/org-state.ts';
import { newId } from '../../../server/src/platform/ids.ts';
import { batchChange, memoryJournal, startLiveServer } from '../../support/memory-journal.ts';

export type Mode = 'ours' | 'ws' | 'io';
/** What the parent says, and what is answered. `cpu` in milliseconds. */
export type Order = { type: 'send'; bursts: number; changes: number; every: number } | { type: 'cpu' };
export type Word =
  | { type: 'ready'; url: string; cookie: string; changeBytes: number }
  | { type: 'sent'; last: number; startedAt: number }
  | { type: 'cpu'; cpu: number };

/** Puts one change on its way; its number, which grows. */
type Send = () => number;

const changes = 200;

async function start(mode: Mode): Promise<{ url: string; cookie: string; send: Send; changeBytes: number }> {
  const memory = memoryJournal();
  const branch = newId();
  const batches = Array.from({ length: changes }, () => batchChange(branch));
  memory.commit(...batches);
  const heard: Applied[] = [];
  const off = memory.state.onApplied((batch) => heard.push(...batch));
  let n = 0;
  // The bytes that a change is in a frame: made ahead, so that the peers have no work with it.
  const commit = () =>
    memory.commit({ kind: 'batch', id: batches[n++ % changes]!.id, set: { dueAt: 1_800_000_000_000 + n } });
  for (let i = 0; i < changes; i++) commit();
  off();
  const texts = heard.map((one) => JSON.stringify(buildChanges({ org: memory.org, role: 'admin' }, [one])[0]));
  const changeBytes = Buffer.byteLength(texts[0]!);
  if (mode === 'ours') {
    const server = await startLiveServer({ memory });
    const { client } = server.person('admin');
    return { url: server.url, cookie: client.cookie ?? '', send: commit, changeBytes };
  }
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  if (mode === 'ws') {
    const wss = new WebSocketServer({ server: http, perMessageDeflate: false });
    const send = (): number => {
      // The number goes in front, so that a client knows the last one without parsing.
      const data = Buffer.from(`${++n} ${texts[n % changes]}`);
      for (const client of wss.clients) client.send(data, { binary: false });
      return n;
    };
    return { url, cookie: '', send, changeBytes };
  }
  const io = new Server(http, { transports: ['websocket'], serveClient: false });
  const values = texts.map((text) => JSON.parse(text) as object);
  return {
    url,
    cookie: '',
    send: () => {
      io.emit('change', ++n, values[n % changes]);
      return n;
    },
    changeBytes,
  };
}

const { url, cookie, send, changeBytes } = await start(process.argv[2] as Mode);
let before = process.cpuUsage();
const say = (word: Word): void => void process.send?.(word);

process.on('message', (order: Order) => {
  if (order.type === 'cpu') {
    const { user, system } = process.cpuUsage(before);
    say({ type: 'cpu', cpu: (user + system) / 1000 });
    return;
  }
  void (async () => {
    before = process.cpuUsage();
    const startedAt = Date.now();
    let last = 0;
    for (let burst = 0; burst < order.bursts; burst++) {
      const began = performance.now();
      // A burst is several commits, each of several changes, a millisecond and more apart.
      for (let i = 0; i < order.changes; i++) {
        last = send();
        if (i % 5 === 4) await pause(1);
      }
      await pause(Math.max(1, order.every - (performance.now() - began)));
    }
    say({ type: 'sent', last, startedAt });
  })();
});
process.on('disconnect', () => process.exit(0));
say({ type: 'ready', url, cookie, changeBytes });
