import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** An e-mail as the mail server took it. */
export type TakenMail = { from: string; to: string[]; raw: string; id: string };

/** What the mail server does with the next recipient or text. */
export type MailBehaviour = {
  /** An answer to RCPT TO instead of yes, as `550 No such user`. */
  recipient?: string;
  /** Called with the text under way; what it throws is answered, and a socket it breaks is broken. */
  data?: (socket: { destroy(): void }) => Promise<void> | void;
};

/** A real mail server on this machine. */
export type MailServer = AsyncDisposable & { url: string; taken: TakenMail[]; behaviour: MailBehaviour };

function answer(line: string): Error {
  const [code, ...words] = line.split(' ');
  return Object.assign(new Error(words.join(' ')), { responseCode: Number(code) });
}

export async function startMailServer(): Promise<MailServer> {
  const taken: TakenMail[] = [];
  const self = { taken, behaviour: {} as MailBehaviour };
  const sockets = new Set<{ destroy(): void }>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    onRcptTo: (_address, _session, done) =>
      self.behaviour.recipient === undefined ? done() : done(answer(self.behaviour.recipient)),
    onData: (stream: Readable, session, done) => {
      const take = async (): Promise<void> => {
        const raw = await text(stream);
        await self.behaviour.data?.({ destroy: () => sockets.forEach((socket) => socket.destroy()) });
        const id = /^Message-ID: <([^@>]+)@/im.exec(raw)?.[1] ?? '';
        const { mailFrom, rcptTo } = session.envelope;
        taken.push({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address), raw, id });
      };
      take().then(
        () => done(),
        (error: Error) => done(error),
      );
    },
  });
  server.on('error', () => {
    // A client that was killed is what the tests are about.
  });
  server.server.on('connection', (socket: { destroy(): void; once(name: 'close', then: () => void): void }) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return Object.assign(self, {
    url: `smtp://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(resolve));
    },
  });
}

/** A request to the gateway, as it came. */
export type TakenSms = {
  key: string | undefined;
  token: string | undefined;
  body: { id: string; to: string; text: string };
};

/** A real SMS gateway on this machine; `status` is what it answers next. */
export type SmsGateway = AsyncDisposable & { url: string; asked: TakenSms[]; status: number };

export async function startSmsGateway(): Promise<SmsGateway> {
  const self = { asked: [] as TakenSms[], status: 202 };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      self.asked.push({
        key: request.headers['idempotency-key'] as string | undefined,
        token: request.headers.authorization,
        body: JSON.parse(body) as TakenSms['body'],
      });
      response.writeHead(self.status).end(self.status < 300 ? '' : 'not now, call +49 30 1234567');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(self, {
    url: `http://127.0.0.1:${port}/send`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
