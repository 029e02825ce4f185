import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

export type { Logger } from 'pino';

/** Names of fields whose values never reach the log, at any depth that we log. */
const SECRET_FIELDS = [
  'password',
  'newPassword',
  'currentPassword',
  'passwordHash',
  'hash',
  'token',
  'secret',
  'apiKey',
  'cookie',
  'authorization',
  'MONGODB_URI',
  'REDIS_URL',
];

const SECRET_PATHS = [
  ...SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
  'headers["set-cookie"]',
  '*.headers["set-cookie"]',
];

/** Hides the password in every address with one, for example in the message of a failed connection. */
export function withoutPasswords(text: string): string {
  return text.replace(/(:\/\/[^\s:/@"]*):[^\s/@"]+@/g, '$1:***@');
}

/**
 * Makes the process's log: one line of JSON per event on stdout, with the time in ISO form.
 *
 * @param name what the process is, for example `web`
 * @param level lowest level that is written
 * @param destination where the lines go; stdout unless a test says otherwise
 */
export function createLog(name: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    name,
    level,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    redact: { paths: SECRET_PATHS, censor: '***' },
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: { streamWrite: withoutPasswords },
  };
  return destination ? pino(options, destination) : pino(options);
}
