/**
 * A process that holds many clients of one broadcast server and tells when all of them have a change. It looks at no
 * more of a message than it must: its own work is not what is measured.
 */
import { WebSocket } from 'ws';
import type { Mode } from './broadcast.ts';

export type DeskOrder = { type: 'until'; last: number };
export type DeskWord = { type: 'open' } | { type: 'reached'; at: number; messages: number; bytes: number };

const [mode, url, cookie, count] = [
  process.argv[2] as Mode,
  process.argv[3]!,
  process.argv[4]!,
  Number(process.argv[5]),
];
const say = (word: DeskWord): void => void process.send?.(word);
const address = url.replace('http', 'ws') + (mode === 'ws' ? '' : '/socket.io/?EIO=4&transport=websocket');

let target = Infinity;
let [messages, bytes, arrived] = [0, 0, 0];
const reached = new Int32Array(count);

/** The last change that a message brings, 0 when it brings none. */
function lastIn(text: string): number {
  if (mode === 'ws') return Number.parseInt(text, 10);
  if (mode === 'io') return text.startsWith('42["change",') ? Number.parseInt(text.slice(12), 10) : 0;
  const to = text.startsWith('42["frame"') ? text.indexOf('"to":') : -1;
  return to === -1 ? 0 : Number.parseInt(text.slice(to + 5), 10);
}

function note(i: number, last: number): void {
  if (last > reached[i]!) {
    if (reached[i]! < target && last >= target) arrived++;
    reached[i] = last;
  }
  if (arrived === count) {
    arrived = 0;
    target = Infinity;
    say({ type: 'reached', at: Date.now(), messages, bytes });
    [messages, bytes] = [0, 0];
  }
}

async function open(i: number): Promise<void> {
  const ws = new WebSocket(address, { perMessageDeflate: false, headers: cookie === '' ? {} : { cookie } });
  await new Promise<void>((resolve, reject) => {
    ws.once('error', reject);
    ws.on('message', (data: Buffer) => {
      const text = data.toString('latin1', 0, 80);
      if (text === '2') return ws.send('3');
      if (text.startsWith('0{')) return ws.send('40{"protocol":1}');
      if (text.startsWith('40')) return resolve();
      messages++;
      bytes += data.length;
      note(i, lastIn(text));
    });
    if (mode === 'ws') ws.once('open', () => resolve());
  });
}

process.on('message', (order: DeskOrder) => {
  target = order.last;
  arrived = reached.reduce((sum, last) => sum + (last >= target ? 1 : 0), 0);
  if (arrived > 0) note(0, 0);
});
process.on('disconnect', () => process.exit(0));

// A few at a time: all at once would overrun the queue of the listening socket.
for (let i = 0; i < count; i += 50)
  await Promise.all(Array.from({ length: Math.min(50, count - i) }, (_, k) => open(i + k)));
say({ type: 'open' });
