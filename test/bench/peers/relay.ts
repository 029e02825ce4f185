import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MongoClient } from 'mongodb';
import { WebSocketServer } from 'ws';

/**
 * The least that could do it: a message comes in, one document is written with majority, the message goes to everybody
 * else. No rules, no rights, no history. Its page shows the latest message.
 */
const page = `<!doctype html><meta charset="utf-8"><title>Relay</title><p id="shown">–</p>
<script>
  const socket = new WebSocket('ws://' + location.host + '/?page');
  socket.onmessage = ({ data }) => { document.getElementById('shown').textContent = data; };
  socket.onopen = () => { document.title = 'Open'; };
</script>`;

export type Relay = AsyncDisposable & {
  url: string;
  /** One majority write by itself: the same document, the same connection. */
  write(text: string): Promise<void>;
};

export async function startRelay(mongoUri: string): Promise<Relay> {
  const client = await MongoClient.connect(mongoUri, { writeConcern: { w: 'majority' } });
  const collection = client.db().collection<{ _id: string; text: string; n: number }>('relay');
  const _id = randomUUID();
  await collection.insertOne({ _id, text: '', n: 0 });
  const write = async (text: string): Promise<void> => {
    await collection.updateOne({ _id }, { $set: { text }, $inc: { n: 1 } });
  };
  const http = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(page));
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });
  sockets.on('connection', (socket) => {
    socket.on('message', async (data) => {
      const text = String(data);
      await write(text);
      for (const other of sockets.clients) other.send(text);
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    write,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets.clients) socket.terminate();
      http.close();
      await client.close();
    },
  };
}
