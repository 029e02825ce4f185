import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';

/** A whole number in `[min, max]`, written in decimal digits. */
const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be a whole number from ${min} to ${max}`);

/** An address with one of the given schemes, for example `https`. */
const address = (schemes: readonly string[], example: string) =>
  z.string().refine((text) => {
    const scheme = /^([a-z+]+):\/\/[^/]/.exec(text)?.[1];
    return scheme !== undefined && schemes.includes(scheme);
  }, `must be an address such as ${example}`);

/** An address of a page: scheme, host and port only, because cookies and Origin checks are about those. */
const origin = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.hash) return url.origin;
  context.addIssue({ code: 'custom', message: 'must be an origin without a path, such as https://board.example.com' });
  return z.NEVER;
});

/** 32 random bytes. */
const secretsKey = z
  .string()
  .refine((text) => Buffer.from(text, 'base64').length === 32, 'must be 32 bytes in base64: openssl rand -base64 32');

/** A provider's issuer. Tokens travel there: over https, or inside this machine. */
const issuer = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.search || url.hash || url.username || url.password) return false;
  return (
    url.protocol === 'https:' || (url.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname))
  );
}, 'must be an https address such as https://id.example.com');

/** Origins of pages, with commas between; each exactly one. */
const mapHosts = z.string().transform((text, context) => {
  const hosts = text.split(',').map((one) => one.trim());
  const isOrigin = (one: string): boolean =>
    /^https?:\/\/[A-Za-z0-9.[\]:-]+$/.test(one) && URL.canParse(one) && new URL(one).origin === one.toLowerCase();
  if (hosts.every(isOrigin)) return hosts;
  context.addIssue({ code: 'custom', message: 'must be origins without a path, such as https://tiles.example.com' });
  return z.NEVER;
});

/** A sender of mail: an address, or a name with the address in angle brackets. */
const mailFrom = z
  .string()
  .max(200)
  .regex(/^[^\p{Cc}<>"]*<[^\s<>@,]+@[^\s<>@,]+>$|^[^\s<>@,]+@[^\s<>@,]+$/u, 'must be as Opsboard <ops@example.com>');

/**
 * Every setting, read from the environment. The README's table is checked against this schema: the description of a
 * field is its text there.
 */
export const settings = z.object({
  PORT: integer(0, 65_535).default(3000).describe('Port of the board. `0` takes a free one.'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on. `0.0.0.0` is every interface.'),
  PUBLIC_URL: origin
    .optional()
    .describe('Origin that people type, where it differs from `http://HOST:PORT`. `https` makes cookies secure.'),
  DATA_DIR: z
    .string()
    .min(1)
    .default('data')
    .describe('Folder of what the board itself starts and stores on this machine.'),
  MONGODB_URI: address(['mongodb', 'mongodb+srv'], 'mongodb://localhost:27017/opsboard?replicaSet=rs0')
    .optional()
    .describe('MongoDB replica set, version 8 or later. Unset: `scripts/start` starts the embedded database.'),
  REDIS_URL: address(['redis', 'rediss'], 'redis://localhost:6379')
    .optional()
    .describe('Redis. Unset: `scripts/start` uses one on localhost:6379, or starts one.'),
  REDIS_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, _ or -')
    .default('opsboard')
    .describe('Start of every Redis key, so that several boards can share one Redis.'),
  TRUST_PROXY: integer(0, 10)
    .default(0)
    .describe('Number of reverse proxies in front, whose `X-Forwarded-*` headers are believed. `0`: none.'),
  SESSION_DAYS: integer(1, 365).default(30).describe('Days after which a person signs in again.'),
  DRIVER_SESSION_DAYS: integer(1, 365)
    .default(90)
    .describe('Days without use after which a driver signs in again: each day of use begins them anew.'),
  SECRETS_KEY: secretsKey
    .optional()
    .describe('Key that second factors are sealed with in the database: `openssl rand -base64 32`. Unset: not sealed.'),
  SMTP_URL: address(['smtp', 'smtps'], 'smtp://user:password@mail.example.com:587')
    .optional()
    .describe(
      'Mail server for e-mails to customers and links to people, as `smtp://user:password@host:587`. Unset: no e-mail is sent.',
    ),
  MAIL_FROM: mailFrom.optional().describe('Whom e-mails come from, as `Opsboard <ops@example.com>`. With `SMTP_URL`.'),
  SMS_URL: address(['http', 'https'], 'https://sms.example.com/send')
    .optional()
    .describe('SMS gateway: gets `{id, to, text}` as JSON by POST, `Idempotency-Key` in front. Unset: no SMS is sent.'),
  SMS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{1,500}$/, 'must be one word of up to 500 characters')
    .optional()
    .describe('Secret for the SMS gateway, sent as `Authorization: Bearer …`.'),
  OIDC_ISSUER: issuer
    .optional()
    .describe('Sign-in provider (OpenID Connect), by its issuer, as `https://id.example.com`. Unset: passwords only.'),
  OIDC_CLIENT_ID: z
    .string()
    .max(500)
    .optional()
    .describe('How the board is known at the provider. With `OIDC_ISSUER`.'),
  OIDC_CLIENT_SECRET: z
    .string()
    .max(500)
    .optional()
    .describe('The board’s secret at the provider. Unset: it is a public client there.'),
  OIDC_NAME: z
    .string()
    .max(40)
    .optional()
    .describe('What the provider is called on the button, as `Example account`. Unset: its host.'),
  OIDC_SCOPE: z
    .string()
    .regex(
      /^(?=.*\bopenid\b)[\x21\x23-\x5b\x5d-\x7e ]{1,500}$/,
      'must be words with spaces between and openid among them, such as openid email profile',
    )
    .default('openid email profile')
    .describe('What the board asks the provider for.'),
  OIDC_ROLE_CLAIM: z
    .string()
    .max(200)
    .optional()
    .describe(
      'Claim that says what somebody’s role is, as `groups` or `realm_access.roles`. Followed at each sign-in.',
    ),
  OIDC_ROLES: z
    .string()
    .max(4_000)
    .optional()
    .describe('Which value of the claim is which role, the first one counts: `board-admins=admin,field=driver`.'),
  MAP_STYLE_URL: address(['http', 'https'], 'https://maps.example.com/style.json')
    .refine((text) => URL.canParse(text) && !/[\s;,'"]/.test(text), 'must be an address without spaces and quotes')
    .optional()
    .describe('MapLibre style below the map. Browsers then ask its host. Unset: nothing is asked of others.'),
  MAP_STYLE_HOSTS: mapHosts
    .optional()
    .describe(
      'Further origins that the style takes tiles, fonts and pictures from, as `https://tiles.example.com`, with commas between. Only these and the style’s own are allowed to the page.',
    ),
  MAP_PMTILES: z
    .string()
    .max(4_000)
    .optional()
    .describe('A PMTiles file in Protomaps’ schema, served by the board itself. Unset: land and borders only.'),
  METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,500}$/, 'must be one word of 16 to 500 characters')
    .optional()
    .describe('Secret with which other machines read `/metrics`, as `Authorization: Bearer …`. Unset: only this one.'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be one of fatal, error, warn, info, debug, trace, silent',
    })
    .default('info')
    .describe('How much is logged: `fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`.'),
});

/** The settings, parsed: numbers are numbers, `DATA_DIR` is an absolute path, `PUBLIC_URL` has no trailing slash. */
export type Settings = z.infer<typeof settings>;

/** What a process of the board needs: the settings with both stores known. */
export type Config = Settings & { MONGODB_URI: string; REDIS_URL: string };

/** The environment does not describe a board that can start. `problems` holds a sentence for each wrong variable. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/**
 * Reads the settings. An empty variable counts as unset, as it does in compose files.
 *
 * @param env the environment, usually `process.env`
 * @throws {ConfigError} naming every wrong variable at once
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const given: Record<string, string> = {};
  for (const name of Object.keys(settings.shape)) {
    const value = env[name]?.trim();
    if (value) given[name] = value;
  }
  const result = settings.safeParse(given);
  if (!result.success) {
    throw new ConfigError(
      // The value is left out: an address of a database carries its password.
      result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`),
    );
  }
  const problems = [...providerProblems(result.data), ...mapProblems(result.data)];
  if (problems.length > 0) throw new ConfigError(problems);
  const { DATA_DIR, SMTP_URL, MAIL_FROM } = result.data;
  if (SMTP_URL !== undefined && MAIL_FROM === undefined)
    throw new ConfigError(['MAIL_FROM is not set: with SMTP_URL, say whom e-mails come from.']);
  return { ...result.data, DATA_DIR: isAbsolute(DATA_DIR) ? DATA_DIR : resolve(DATA_DIR) };
}

/** What the settings of the sign-in provider lack of each other. */
function providerProblems({ OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_ROLE_CLAIM, OIDC_ROLES }: Settings): string[] {
  const problems: string[] = [];
  if ((OIDC_ISSUER === undefined) !== (OIDC_CLIENT_ID === undefined))
    problems.push('OIDC_ISSUER and OIDC_CLIENT_ID go together: set both, or neither.');
  if ((OIDC_ROLE_CLAIM === undefined) !== (OIDC_ROLES === undefined))
    problems.push('OIDC_ROLE_CLAIM and OIDC_ROLES go together: set both, or neither.');
  if (OIDC_ROLE_CLAIM !== undefined && OIDC_ISSUER === undefined)
    problems.push('OIDC_ROLE_CLAIM is of no use without OIDC_ISSUER: set both, or neither.');
  return problems;
}

function mapProblems({ MAP_STYLE_URL, MAP_STYLE_HOSTS, MAP_PMTILES }: Settings): string[] {
  const problems: string[] = [];
  if (MAP_STYLE_URL !== undefined && MAP_PMTILES !== undefined)
    problems.push('MAP_STYLE_URL and MAP_PMTILES are two base maps: set one of them.');
  if (MAP_STYLE_HOSTS !== undefined && MAP_STYLE_URL === undefined)
    problems.push('MAP_STYLE_HOSTS is of no use without MAP_STYLE_URL: set both, or neither.');
  return problems;
}

/**
 * Reads the settings of a server process, which needs both stores named.
 *
 * @throws {ConfigError} naming every wrong or missing variable at once
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const read = readSettings(env);
  const { MONGODB_URI, REDIS_URL } = read;
  const missing: string[] = [];
  if (!MONGODB_URI)
    missing.push('MONGODB_URI is not set: name a replica set, or use scripts/start, which brings a database.');
  if (!REDIS_URL) missing.push('REDIS_URL is not set: name a Redis, or use scripts/start, which finds or starts one.');
  if (!MONGODB_URI || !REDIS_URL) throw new ConfigError(missing);
  return { ...read, MONGODB_URI, REDIS_URL };
}
