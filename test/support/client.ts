import type { ArgsOf, CommandName } from '@opsboard/shared/protocol/deciders';
import type { Ack } from '@opsboard/shared/protocol/envelope';
import type { ErrorCode, WireError } from '@opsboard/shared/protocol/errors';
import { newId } from '../../server/src/platform/ids.ts';

/** An answer as it came: the body parsed where it is JSON. */
export type Answered<T = unknown> = { status: number; headers: Headers; body: T; text: string };

/** A program that speaks HTTP with the board, signed in or not. Cookies are kept by hand, as tests look at them. */
export class Client {
  readonly url: string;
  /** The `Cookie` header, once signed in. */
  cookie: string | undefined;
  /** The time in the ids of its commands, where a test has a clock of its own. */
  now: () => number = Date.now;

  constructor(url: string, cookie?: string) {
    this.url = url;
    this.cookie = cookie;
  }

  /** The same person on another process of the board. */
  at(url: string): Client {
    return new Client(url, this.cookie);
  }

  async request<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: { [name: string]: string } = {},
  ): Promise<Answered<T>> {
    const response = await fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.cookie === undefined ? {} : { cookie: this.cookie }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      this.cookie = pair.endsWith('=') ? undefined : pair;
    }
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') && text !== '';
    return {
      status: response.status,
      headers: response.headers,
      body: (json ? JSON.parse(text) : undefined) as T,
      text,
    };
  }

  get<T = unknown>(path: string, headers?: { [name: string]: string }): Promise<Answered<T>> {
    return this.request<T>('GET', path, undefined, headers);
  }

  post<T = unknown>(path: string, body: unknown, headers?: { [name: string]: string }): Promise<Answered<T>> {
    return this.request<T>('POST', path, body, headers);
  }

  delete<T = unknown>(path: string, headers?: { [name: string]: string }): Promise<Answered<T>> {
    return this.request<T>('DELETE', path, undefined, headers);
  }

  /** Sends a command; the answer as an acknowledgement, whatever the status. */
  async command<N extends CommandName>(
    name: N,
    args: ArgsOf<N>,
    more: { commandId?: string; doneAt?: number } = {},
  ): Promise<Ack> {
    const { status, body } = await this.post<Ack | WireError>('/api/commands', {
      commandId: newId(this.now()),
      ...more,
      name,
      args,
    });
    return status === 200 ? (body as Ack) : { ok: false, error: body as WireError };
  }

  /** As {@link command}; a refusal fails the test. @returns the last seq */
  async mustCommand<N extends CommandName>(
    name: N,
    args: ArgsOf<N>,
    more: { commandId?: string; doneAt?: number } = {},
  ): Promise<number> {
    const ack = await this.command(name, args, more);
    if (!ack.ok) throw new Error(`${name} was refused: ${JSON.stringify(ack.error)}`);
    return ack.seq;
  }

  /** The code of a command's refusal, or `ok`. */
  async outcome<N extends CommandName>(name: N, args: ArgsOf<N>): Promise<ErrorCode | 'ok'> {
    const ack = await this.command(name, args);
    return ack.ok ? 'ok' : ack.error.code;
  }
}

/** Signs in. @throws {Error} when it is refused */
export async function signIn(url: string, email: string, password: string): Promise<Client> {
  const client = new Client(url);
  const { status, text } = await client.post('/api/session', { email, password });
  if (status !== 200) throw new Error(`${email} could not sign in: ${text}`);
  return client;
}
