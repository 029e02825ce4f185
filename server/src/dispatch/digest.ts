import { hash } from 'node:crypto';
import type { Command } from '@opsboard/shared/protocol/envelope';
import { kinds } from '@opsboard/shared/protocol/kinds';

/** Secrets are salted anew at each try, so a resend may carry another one: they are left out. */
const secrets = new Set(Object.values(kinds).flatMap((kind) => [...kind.secret]));

/**
 * One digest per meaning of a command: SHA-256, base64url, of its name, args and `doneAt`, whatever the order of keys.
 */
export function digestOf(command: Command): string {
  return hash('sha256', `${command.name}\n${command.doneAt ?? ''}\n${canonical(command.args)}`, 'base64url');
}

function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const fields = value as { [name: string]: unknown };
  const names = Object.keys(fields)
    .filter((name) => fields[name] !== undefined && !secrets.has(name))
    .sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(fields[name])}`).join(',')}}`;
}
