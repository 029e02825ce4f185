import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/** A network cable to a server: everything goes through it, until it is pulled out. */
export type Cable = AsyncDisposable & {
  url: string;
  /** Ends every connection and lets none through. */
  pull(): void;
  plug(): void;
};

export async function layCable(to: string): Promise<Cable> {
  const target = Number(new URL(to).port);
  const ends = new Set<Socket>();
  let plugged = true;
  const server = createServer((near) => {
    if (!plugged) return void near.destroy();
    const far = connect(target, '127.0.0.1');
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(end);
      end.on('error', () => other.destroy());
      end.on('close', () => {
        ends.delete(end);
        other.destroy();
      });
      end.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const pull = (): void => {
    plugged = false;
    for (const end of ends) end.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pull,
    plug: () => {
      plugged = true;
    },
    [Symbol.asyncDispose]: async () => {
      pull();
      server.close();
      await once(server, 'close');
    },
  };
}
