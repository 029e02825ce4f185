import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Adapter, AdapterPayload, KoaContextWithOIDC } from 'oidc-provider';
import Provider from 'oidc-provider';

/** What the provider says of one of its accounts. */
export type Account = {
  email?: string;
  email_verified?: boolean | undefined;
  name?: string;
  groups?: string[] | string | undefined;
  [claim: string]: unknown;
};

/** A real sign-in provider on this machine. Its one page has a button for each account. */
export type OidcServer = AsyncDisposable & {
  issuer: string;
  env: { [name: string]: string };
  /** By their subjects; changed by tests as they like. */
  accounts: Map<string, Account>;
  /** Lets the board in at this address. Once, before the first sign-in. */
  serve(boardUrl: string): void;
  /** Changes the nonce of every request on its way in, as somebody in between would. */
  mangleNonce: boolean;
  /** Stops answering, and goes on. */
  down: boolean;
};

/** Keeps what the provider knows; the one that it brings warns at every start. */
class Shelf implements Adapter {
  static #all = new Map<string, AdapterPayload>();
  readonly #kind: string;
  constructor(kind: string) {
    this.#kind = kind;
  }
  #key = (id: string): string => `${this.#kind}:${id}`;
  upsert(id: string, payload: AdapterPayload): Promise<void> {
    Shelf.#all.set(this.#key(id), payload);
    return Promise.resolve();
  }
  find(id: string): Promise<AdapterPayload | undefined> {
    return Promise.resolve(Shelf.#all.get(this.#key(id)));
  }
  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    for (const [key, payload] of Shelf.#all)
      if (key.startsWith(`${this.#kind}:`) && payload.uid === uid) return Promise.resolve(payload);
    return Promise.resolve(undefined);
  }
  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
  consume(id: string): Promise<void> {
    const payload = Shelf.#all.get(this.#key(id));
    if (payload) payload['consumed'] = Math.floor(Date.now() / 1000);
    return Promise.resolve();
  }
  destroy(id: string): Promise<void> {
    Shelf.#all.delete(this.#key(id));
    return Promise.resolve();
  }
  revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, payload] of Shelf.#all) if (payload.grantId === grantId) Shelf.#all.delete(key);
    return Promise.resolve();
  }
}

const clientSecret = randomBytes(24).toString('base64url');

export async function startOidcServer(): Promise<OidcServer> {
  const accounts = new Map<string, Account>();
  let provider: Provider | undefined;
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const self = { mangleNonce: false, down: false };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (self.down || !provider) {
      request.socket.destroy();
      return;
    }
    const url = new URL(request.url ?? '/', issuer);
    if (url.pathname.startsWith('/choose/')) return choose(provider, request, response);
    if (self.mangleNonce && url.pathname === '/auth' && url.searchParams.has('nonce')) {
      url.searchParams.set('nonce', 'another');
      request.url = url.pathname + url.search;
    }
    await provider.callback()(request, response);
  }

  async function choose(op: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') {
      const buttons = [...accounts.keys()].map((who) => `<button name="who" value="${who}">${who}</button>`);
      const page = `<!doctype html><html lang="en"><title>Provider</title><link rel="icon" href="data:,"><main><h1>Who are you?</h1>`;
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(
        `${page}<form method="post">${buttons.join('')}<button name="who" value="">Nobody</button></form></main>`,
      );
      return;
    }
    const who = new URLSearchParams(await text(request)).get('who') ?? '';
    if (who === '') {
      const declined = { error: 'access_denied', error_description: 'somebody@secret.test said no' };
      return op.interactionFinished(request, response, declined, { mergeWithLastSubmission: false });
    }
    const { params } = await op.interactionDetails(request, response);
    const grant = new op.Grant({ accountId: who, clientId: params['client_id'] as string });
    grant.addOIDCScope('openid email profile');
    const result = { login: { accountId: who, remember: false }, consent: { grantId: await grant.save() } };
    return op.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }

  return Object.assign(self, {
    issuer,
    accounts,
    env: {
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: 'board',
      OIDC_CLIENT_SECRET: clientSecret,
      OIDC_NAME: 'Works account',
      OIDC_ROLE_CLAIM: 'groups',
      OIDC_ROLES: 'board-admins=admin,leads=operations_manager,desk=team_member,field=driver',
    },
    serve: (boardUrl: string) => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      provider = new Provider(issuer, {
        adapter: Shelf,
        clients: [
          {
            client_id: 'board',
            client_secret: clientSecret,
            redirect_uris: [`${boardUrl}/api/session/provider/callback`],
          },
        ],
        jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }] },
        cookies: { keys: ['a key of this test'] },
        claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
        features: { devInteractions: { enabled: false } },
        interactions: { url: (_context: KoaContextWithOIDC, { uid }: { uid: string }) => `/choose/${uid}` },
        ttl: { Session: 600, Interaction: 600, Grant: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
        // Everybody is asked each time who they are.
        loadExistingGrant: (context: KoaContextWithOIDC) => {
          const id = context.oidc.result?.consent?.grantId;
          return id === undefined ? Promise.resolve(undefined) : context.oidc.provider.Grant.find(id);
        },
        findAccount: (_context: KoaContextWithOIDC, accountId: string) =>
          accounts.has(accountId)
            ? { accountId, claims: () => Promise.resolve({ ...accounts.get(accountId), sub: accountId }) }
            : undefined,
      });
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

/** A browser without a screen: keeps cookies of each origin, and stops at every address to be looked at. */
export class Visitor {
  readonly #jars = new Map<string, Map<string, string>>();

  cookiesOf(url: string): Map<string, string> {
    const { origin } = new URL(url);
    let jar = this.#jars.get(origin);
    if (!jar) this.#jars.set(origin, (jar = new Map()));
    return jar;
  }

  /** One request. @returns the answer, and where it leads, if anywhere */
  async ask(url: string, form?: { [name: string]: string }): Promise<{ response: Response; to: string | undefined }> {
    const jar = this.cookiesOf(url);
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
      if (value === '' || /max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    const location = response.headers.get('location');
    return { response, to: location === null ? undefined : new URL(location, url).href };
  }

  /**
   * Signs in at the provider as `who` (empty: declines), and comes back to the board's door.
   *
   * @returns the address that the provider sends back to, not asked yet
   */
  async throughProvider(boardUrl: string, who: string, to?: string): Promise<string> {
    const query = to === undefined ? '' : `?to=${encodeURIComponent(to)}`;
    let at = (await this.ask(`${boardUrl}/api/session/provider${query}`)).to;
    for (let hops = 0; at !== undefined && hops < 10; hops++) {
      if (at.startsWith(boardUrl)) return at;
      at = (await this.ask(at, new URL(at).pathname.startsWith('/choose/') ? { who } : undefined)).to;
    }
    throw new Error('the provider did not send back to the board');
  }
}
