/**
 * The least that could tell a desk where phones are: what comes in goes out, at once and as it is. No rights, no thinning
 * to once a second, nothing is kept, one process.
 */
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

export type RelayWord = { type: 'ready'; url: string } | { type: 'cpu'; seconds: number };

const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, backlog: 2_000 });
const desks = new Set<WebSocket>();
sockets.on('connection', (socket, request) => {
  if (request.url === '/desk') desks.add(socket);
  socket.on('message', (data: Buffer) => {
    for (const desk of desks) if (desk.readyState === WebSocket.OPEN) desk.send(data, { binary: false });
  });
  socket.on('close', () => desks.delete(socket));
});
sockets.once('listening', () => {
  const url = `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`;
  process.send?.({ type: 'ready', url } satisfies RelayWord);
});
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ type: 'cpu', seconds: (user + system) / 1e6 } satisfies RelayWord);
});
process.on('disconnect', () => process.exit(0));
