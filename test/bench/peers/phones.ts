/**
 * A process that holds many phones, each of which says once a second where it is: to our server as its page does, or to
 * the bare relay. It looks at no more of an answer than it must: its own work is not what is measured.
 */
import { WebSocket } from 'ws';

export type PhoneOf = { cookie: string; route: string; driver: string };
export type PhonesOrder =
  { type: 'open'; mode: 'ours' | 'ws'; url: string; phones: PhoneOf[] } | { type: 'send'; seconds: number };
export type PhonesWord = { type: 'open' } | { type: 'sent'; count: number; taken: number };

const say = (word: PhonesWord): void => void process.send?.(word);
const phones: { ws: WebSocket; of: PhoneOf }[] = [];
let ours = false;
let acks = 0;
let taken = 0;

async function open(url: string, of: PhoneOf): Promise<{ ws: WebSocket; of: PhoneOf }> {
  const address = ours ? `${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket` : `${url}/phone`;
  const ws = new WebSocket(address, { perMessageDeflate: false, headers: ours ? { cookie: of.cookie } : {} });
  await new Promise<void>((resolve, reject) => {
    ws.once('error', reject);
    ws.once('close', () => reject(new Error('a phone was cut')));
    ws.on('message', (data: Buffer) => {
      const text = data.toString('latin1', 0, 60);
      if (text === '2') return ws.send('3');
      if (text.startsWith('0{')) return ws.send('40{"protocol":1}');
      if (text.startsWith('40')) return resolve();
      if (text.startsWith('43') && text.includes('"ok":true')) taken++;
    });
    if (!ours) ws.once('open', () => resolve());
  });
  return { ws, of };
}

/** Each phone in its own moment of the second, a few metres further each time. */
function send(seconds: number): void {
  let count = 0;
  const slots = 50;
  const began = performance.now();
  let slot = 0;
  const timer = setInterval(() => {
    for (; slot * (1_000 / slots) <= performance.now() - began; slot++) {
      if (slot >= seconds * slots) {
        clearInterval(timer);
        // What is gathered is answered when it is written.
        setTimeout(() => say({ type: 'sent', count, taken }), ours ? 7_000 : 500);
        return;
      }
      for (let i = slot % slots; i < phones.length; i += slots) {
        const { ws, of } = phones[i]!;
        const now = Date.now();
        const lon = 4.8 + (i % 100) / 500 + ((now / 1_000) % 1_000) / 50_000;
        const point = { at: now, point: [lon, 52.3 + i / 20_000], heading: i % 360, speed: 9.4, accuracy: 8 };
        const report = { route: of.route, points: [point] };
        ws.send(ours ? `42${++acks}["position",${JSON.stringify(report)}]` : JSON.stringify(report));
        count++;
      }
    }
  }, 5);
  taken = 0;
}

process.on('message', (order: PhonesOrder) => {
  if (order.type === 'send') return send(order.seconds);
  ours = order.mode === 'ours';
  void (async () => {
    // A few at a time: all at once would overrun the queue of the listening socket.
    for (let i = 0; i < order.phones.length; i += 50)
      phones.push(...(await Promise.all(order.phones.slice(i, i + 50).map((of) => open(order.url, of)))));
    say({ type: 'open' });
  })().catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
process.on('disconnect', () => process.exit(0));
