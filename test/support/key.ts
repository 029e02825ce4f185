import type { Scope } from '@opsboard/shared/keys/scopes';
import { newId } from '../../server/src/platform/ids.ts';
import type { Answered } from './client.ts';
import { Client } from './client.ts';

/** Another system with a key: sends it with every request, and no cookie. */
export class KeyClient extends Client {
  readonly token: string;
  readonly id: string;

  constructor(url: string, token: string, id = '') {
    super(url);
    this.token = token;
    this.id = id;
  }

  /** What it sends with every request. */
  get headers(): { authorization: string } {
    return { authorization: `Bearer ${this.token}` };
  }

  override at(url: string): KeyClient {
    return new KeyClient(url, this.token, this.id);
  }

  override request<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: { [name: string]: string } = {},
  ): Promise<Answered<T>> {
    return super.request<T>(method, path, body, { ...this.headers, ...headers });
  }
}

/** Makes a key as an admin. @throws {Error} when it is refused */
export async function makeKey(
  admin: Client,
  scopes: readonly Scope[],
  more: { name?: string; branches?: string[]; expiresAt?: number } = {},
): Promise<KeyClient> {
  const id = newId();
  const { status, text, body } = await admin.post<{ token: string }>('/api/keys', {
    commandId: newId(),
    id,
    name: 'Warehouse sync',
    scopes,
    ...more,
  });
  if (status !== 201) throw new Error(`a key was refused: ${text}`);
  return new KeyClient(admin.url, body.token, id);
}
