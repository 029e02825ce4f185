import type { Ack } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { newId } from '../../server/src/platform/ids.ts';
import { emailOf, password } from '../demo/world.ts';

type Answer<T> = { status: number; body: T };

/** A command as it is sent: kept by those who may have to send it again. */
export type Sent = { commandId: string; name: string; args: object; doneAt?: number };

/** One signed-in person, over the public API as anybody. Signs in again when the session has ended. */
export class Worker {
  readonly url: string;
  readonly login: string;
  id = '';
  branches: readonly string[] | undefined;
  #cookie = '';

  constructor(url: string, login: string) {
    this.url = url;
    this.login = login;
  }

  /** The `Cookie` header of the session, once there is one. */
  get cookie(): string {
    return this.#cookie;
  }

  /** Signs in, unless that is done; {@link Worker.id} is known then. */
  async ready(): Promise<this> {
    if (this.#cookie === '') await this.#signIn();
    return this;
  }

  async get<T>(path: string): Promise<T> {
    const answer = await this.#call<T>('GET', path);
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
    return answer.body;
  }

  /** Sends a command; answers the refusal, or undefined when it was done. */
  async send(command: Sent): Promise<WireError | undefined> {
    const { status, body } = await this.#call<Ack | WireError>('POST', '/api/commands', command);
    if (status === 200) return 'ok' in body && !body.ok ? body.error : undefined;
    return 'code' in body ? body : { code: 'internal', message: `status ${status}` };
  }

  /** As {@link send}, for a command that is made now; answers the code of a refusal. */
  async command(name: string, args: object): Promise<string | undefined> {
    return (await this.send({ commandId: newId(), name, args }))?.code;
  }

  async #call<T>(method: string, path: string, body?: object, again = true): Promise<Answer<T>> {
    await this.ready();
    const response = await fetch(this.url + path, {
      method,
      headers: { cookie: this.#cookie, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(10_000),
    });
    if (response.status === 401 && again) {
      this.#cookie = '';
      return this.#call(method, path, body, false);
    }
    return { status: response.status, body: (await response.json()) as T };
  }

  async #signIn(): Promise<void> {
    const response = await fetch(`${this.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: emailOf(this.login), password }),
      signal: AbortSignal.timeout(10_000),
    });
    if (response.status !== 200) throw new Error(`${this.login} could not sign in: ${response.status}`);
    const { person } = (await response.json()) as { person: { id: string; branches?: string[] } };
    this.id = person.id;
    this.branches = person.branches;
    this.#cookie = response.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';', 1)[0])
      .join('; ');
  }
}
