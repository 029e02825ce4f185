import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { WebSocket } from 'ws';

/** Where a flood goes to: bare sockets of phones, by the cookie each is signed in with and the route it reports on. */
export type FloodData = { url: string; phones: { cookie: string; route: string }[] };

/** What came of it so far. `closed`: phones that were cut; `seq`: the furthest that the slowest of them has been told. */
export type FloodCount = { sent: number; taken: number; limited: number; other: number; closed: number; seq: number };

/** What a flood is told to do: so many reports a second from each phone (0: be quiet), and to say how it goes. */
export type FloodWord = { perSecond: number } | { count: true } | { end: true };

/** How often reports are sent, milliseconds: those of one time at once. */
const every = 25;

/** Phones that say where they are as fast as they are told to, in a thread of their own: whoever watches is not slowed. */
async function flood({ url, phones }: FloodData): Promise<void> {
  const count: FloodCount = { sent: 0, taken: 0, limited: 0, other: 0, closed: 0, seq: 0 };
  const lines = await Promise.all(
    phones.map(async ({ cookie, route }) => {
      const ws = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
        headers: { cookie },
      });
      const line = { ws, route, seq: 0 };
      ws.on('error', () => {});
      ws.on('close', () => count.closed++);
      const joined = new Promise<void>((resolve) => {
        ws.on('message', (data) => {
          const text = String(data);
          if (text === '2') ws.send('3');
          else if (text.startsWith('43')) {
            if (text.includes('"ok":true')) count.taken++;
            else if (text.includes('too_many_requests')) count.limited++;
            else count.other++;
          } else if (text.startsWith('42["hello"')) resolve();
          else if (text.startsWith('42["frame"')) {
            line.seq = Math.max(line.seq, Number(/"to":(\d+)/.exec(text)?.[1] ?? 0));
          }
        });
      });
      await once(ws, 'open');
      ws.send('40{"protocol":1}');
      await joined;
      return line;
    }),
  );
  let [perSecond, owed, last, id] = [0, 0, performance.now(), 0];
  const timer = setInterval(() => {
    const now = performance.now();
    // Who was kept waiting by a busy machine does not make up for it: a burst would be cut, and that is another test.
    owed = Math.min(perSecond / 4, owed + (perSecond * (now - last)) / 1_000);
    last = now;
    for (; owed >= 1; owed--) {
      for (const { ws, route } of lines) {
        const point = [4.9 + (id % 1_000) / 1e4, 52.37];
        ws.send(`42${id++}["position",${JSON.stringify({ route, points: [{ at: Date.now(), point }] })}]`);
        count.sent++;
      }
    }
  }, every);
  parentPort!.on('message', (word: FloodWord) => {
    if ('perSecond' in word) perSecond = word.perSecond;
    else if ('count' in word) parentPort!.postMessage({ ...count, seq: Math.min(...lines.map(({ seq }) => seq)) });
    else {
      clearInterval(timer);
      for (const { ws } of lines) ws.terminate();
      parentPort!.close();
    }
  });
  parentPort!.postMessage('ready');
}

if (parentPort) await flood(workerData as FloodData);
