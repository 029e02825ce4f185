import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request as ask } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';

/** What is done with a request on its way: an answer of one's own, an answer that is changed, or nothing. */
export type Meddler = {
  /** Before it is passed on. */
  before?(request: IncomingMessage): void | Promise<void>;
  /** The answer as it came; what this returns is answered instead. `lost`: the connection breaks without an answer. */
  after?(request: IncomingMessage, body: Buffer): Buffer | 'lost' | Promise<Buffer | 'lost'>;
};

export type GoBetween = AsyncDisposable & { url: string; meddler: Meddler };

/** A proxy in front of a server, for what happens between the two; sockets are passed through. */
export async function startGoBetween(to: string): Promise<GoBetween> {
  const { hostname, port } = new URL(to);
  const sockets = new Set<Socket>();

  // What is known already is not sent again, and could not be meddled with.
  const onwardHeaders = ({ 'if-none-match': _, ...headers }: IncomingHttpHeaders): IncomingHttpHeaders => ({
    ...headers,
    'accept-encoding': 'identity',
  });

  const pass = (request: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    const { method, url: path, headers } = request;
    const onward = ask({ hostname, port, method, path, headers: onwardHeaders(headers) }, (answer) => {
      void read(answer).then(async (text) => {
        const said = between.meddler.after ? await between.meddler.after(request, text) : text;
        if (said === 'lost') return request.socket.destroy();
        const { 'transfer-encoding': _, ...kept } = answer.headers;
        // Another page has another hash, which its own policy tells.
        if (said !== text) delete kept['content-security-policy'];
        response.writeHead(answer.statusCode!, { ...kept, 'content-length': said.length }).end(said);
      });
    });
    onward.on('error', () => request.socket.destroy());
    onward.end(body);
  };

  const server = createServer((request, response) => {
    void read(request).then(async (body) => {
      await between.meddler.before?.(request);
      pass(request, response, body);
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
  });
  server.on('upgrade', (request, socket: Socket, head) => {
    const onward = connect(Number(port), hostname, () => {
      const lines = [`${request.method} ${request.url} HTTP/1.1`];
      for (let i = 0; i < request.rawHeaders.length; i += 2)
        lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
      onward.write(`${lines.join('\r\n')}\r\n\r\n`);
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const between: GoBetween = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    meddler: {},
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return between;
}

async function read(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  try {
    for await (const part of stream) parts.push(part);
  } catch {
    // Whoever sent it is gone.
  }
  return Buffer.concat(parts);
}
