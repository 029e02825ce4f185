import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { StartError } from './progress.ts';

/** Listens for a moment. @returns the port, which is free again */
async function tryPort(host: string, port: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: used } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return used;
}

/** A port of the loopback interface that is free now. */
export function freePort(): Promise<number> {
  return tryPort('127.0.0.1', 0);
}

/** Finds out before anything slow is done whether the board can have its port. @throws {StartError} */
export async function needFreePort(host: string, port: number): Promise<void> {
  try {
    await tryPort(host, port);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new StartError(
        `Port ${port} is taken by another program: stop that one, or choose another port with --port N.`,
      );
    if (code === 'EACCES')
      throw new StartError(`This account may not use port ${port}: choose one above 1023 with --port N.`);
    throw new StartError(`HOST ${host} is not an address of this machine (${message}).`);
  }
}
