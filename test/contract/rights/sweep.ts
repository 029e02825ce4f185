import type { Ack } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { newId } from '../../../server/src/platform/ids.ts';
import type { Client } from '../../support/client.ts';
import { LiveClient } from '../../support/live-client.ts';

/** A command as it is sent, whatever it holds: some of it must not be accepted. */
export type Sending = { commandId: string; name: string; args: object };

/** Each way by which somebody sends commands. */
export const ways = { socket: bySocket, http: byHttp, bulk: byBulk } as const;
export type Way = keyof typeof ways;

/** A socket takes so many at once before it is slowed down. */
const perSocket = 400;
const perRequest = 200;
const atOnce = 20;

/** In runs of so many at a time. */
async function inRuns<T, R>(all: readonly T[], size: number, ask: (one: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  for (let i = 0; i < all.length; i += size) answers.push(...(await Promise.all(all.slice(i, i + size).map(ask))));
  return answers;
}

async function bySocket(client: Client, commands: readonly Sending[]): Promise<Ack[]> {
  const answers: Ack[] = [];
  for (let i = 0; i < commands.length; i += perSocket) {
    await using line = await new LiveClient(client, { follow: false }).settled();
    answers.push(...(await Promise.all(commands.slice(i, i + perSocket).map((command) => line.emit(command, 60_000)))));
  }
  return answers;
}

function byHttp(client: Client, commands: readonly Sending[]): Promise<Ack[]> {
  return inRuns(commands, atOnce, async (command) => {
    const { status, body } = await client.post<Ack | WireError>('/api/commands', command);
    return status === 200 ? (body as Ack) : { ok: false, error: body as WireError };
  });
}

async function byBulk(client: Client, commands: readonly Sending[]): Promise<Ack[]> {
  const answers: Ack[] = [];
  for (let i = 0; i < commands.length; i += perRequest) {
    const { status, body, text } = await client.post<{ answers: Ack[] }>('/api/commands/bulk', {
      commands: commands.slice(i, i + perRequest),
    });
    if (status !== 200) throw new Error(`the list was refused: ${text}`);
    answers.push(...body.answers);
  }
  return answers;
}

export const sending = (name: string, args: object): Sending => ({ commandId: newId(), name, args });

/** Refusals of a rule, behind every question of who may. */
const ofRules = new Set([
  'archived',
  'rev_conflict',
  'unknown_reference',
  'nothing_to_change',
  'changed_since',
  'illegal_step',
]);

/** An answer as the tables write it; any other code stands for itself. */
export function markOf(ack: Ack): string {
  if (ack.ok) return '+';
  const { code, field } = ack.error;
  if (code === 'forbidden') return 'x';
  if (code === 'not_found') return '?';
  if (code === 'bad_request' && (field === 'args.passwordHash' || field === 'name')) return '!';
  return ofRules.has(code) ? '~' : `${code} (${field ?? ''} ${ack.error.message})`;
}
