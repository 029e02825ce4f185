import * as client from 'openid-client';

/** How the board is known at a provider. `issuer` is its address, which everything else is discovered from. */
export type OpenIdSettings = { issuer: string; clientId: string; clientSecret: string | undefined; scope: string };

/** What must come back with the browser that went to the provider. It lives in a short cookie, and nowhere else. */
export type Errand = { state: string; nonce: string; verifier: string };

/** What the provider says of somebody. `issuer` and `subject` name them for good. */
export type Claims = { issuer: string; subject: string; all: { readonly [name: string]: unknown } };

/**
 * Why there are no claims. `away`: the provider did not answer, or not as it should. `declined`: it said no, or the
 * person did. `broken`: what came back does not belong to the errand (another browser, another time, used before).
 */
export type OpenIdFault = 'away' | 'declined' | 'broken';

/** A sign-in at the provider came to nothing. The message is for the log: codes only, nothing of anybody. */
export class OpenIdError extends Error {
  override name = 'OpenIdError';
  readonly fault: OpenIdFault;
  constructor(fault: OpenIdFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

export type OpenId = {
  /** The provider's page for a new errand. @throws {OpenIdError} */
  begin(returnAddress: string): Promise<{ address: string; errand: Errand }>;
  /**
   * Settles what came back: the answer belongs to the errand, the code is exchanged, the token is checked.
   *
   * @param wanted whether a claim must be looked for at the provider when the token does not have it
   * @throws {OpenIdError}
   */
  finish(answer: URL, errand: Errand, wanted: (claims: Claims['all']) => boolean): Promise<Claims>;
};

/** How long the provider may take for each of its answers, seconds. */
const patience = 8;
/** What was discovered is asked for again after this, milliseconds: providers move. */
const discoveryLifetime = 3_600_000;
/** How far the provider's clock may differ from ours, seconds. */
const clockTolerance = 30;

/** Speaks OpenID Connect with one provider: authorization code with PKCE, state and nonce. */
export function createOpenId(settings: OpenIdSettings, monotonic: () => number): OpenId {
  let known: { config: Promise<client.Configuration>; until: number } | undefined;

  async function discover(): Promise<client.Configuration> {
    const issuer = new URL(settings.issuer);
    return client.discovery(
      issuer,
      settings.clientId,
      {
        [client.clockTolerance]: clockTolerance,
        ...(settings.clientSecret ? { client_secret: settings.clientSecret } : {}),
      },
      settings.clientSecret ? undefined : client.None(),
      // The settings let http through for this very machine only.
      { timeout: patience, ...(issuer.protocol === 'http:' ? { execute: [client.allowInsecureRequests] } : {}) },
    );
  }

  /** Discovered when it is first needed, so that a provider that is away does not keep the board from starting. */
  function configuration(): Promise<client.Configuration> {
    if (!known || known.until < monotonic()) {
      const asked = { config: discover(), until: monotonic() + discoveryLifetime };
      known = asked;
      asked.config.catch(() => {
        if (known === asked) known = undefined;
      });
    }
    return known.config;
  }

  return {
    begin: async (returnAddress) => {
      const config = await configuration().catch(rethrow);
      const errand = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      };
      const address = client.buildAuthorizationUrl(config, {
        redirect_uri: returnAddress,
        scope: settings.scope,
        state: errand.state,
        nonce: errand.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(errand.verifier),
        code_challenge_method: 'S256',
      });
      return { address: address.href, errand };
    },
    finish: async (answer, errand, wanted) => {
      try {
        const config = await configuration();
        const tokens = await client.authorizationCodeGrant(config, answer, {
          expectedState: errand.state,
          expectedNonce: errand.nonce,
          pkceCodeVerifier: errand.verifier,
          idTokenExpected: true,
        });
        const token = tokens.claims()!;
        let all: Claims['all'] = token;
        // Many providers keep e-mail and groups out of the token.
        if (wanted(all) && config.serverMetadata().userinfo_endpoint)
          all = { ...(await client.fetchUserInfo(config, tokens.access_token, token.sub)), ...token };
        return { issuer: token.iss, subject: token.sub, all };
      } catch (error) {
        return rethrow(error);
      }
    },
  };
}

/** Errors of the library that mean that the provider is to blame, or the way to it. */
const away = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
  'OAUTH_INVALID_SERVER_METADATA',
  'OAUTH_MISSING_SERVER_METADATA',
  'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
]);

function rethrow(error: unknown): never {
  const { code = '', name = '', cause } = (error ?? {}) as { code?: string; name?: string; cause?: { code?: string } };
  if (error instanceof client.AuthorizationResponseError) throw new OpenIdError('declined', plain(error.error));
  // The provider's own word for a code that it does not know, or not any more.
  if (error instanceof client.ResponseBodyError)
    throw new OpenIdError(error.error === 'invalid_grant' ? 'broken' : 'away', plain(error.error));
  if (error instanceof client.ClientError && !away.has(code)) throw new OpenIdError('broken', plain(code));
  throw new OpenIdError('away', plain(code || cause?.code || name));
}

/** A code of a protocol, fit for a line of the log whatever the provider wrote. */
const plain = (text: string): string => text.replace(/[^\w.:-]+/g, '_').slice(0, 80);
