import type { Ack } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import type { Result } from '#lib/socket/http.ts';

/** One command of a bulk. `args` is called once, when the command is first sent, on the record as it is then. */
export type BulkItem = {
  readonly record: string;
  readonly reference: string;
  readonly commandId: string;
  readonly name: string;
  readonly args: () => object;
};

/** What became of one. */
export type BulkOutcome =
  | { readonly item: BulkItem; readonly ok: true }
  | { readonly item: BulkItem; readonly ok: false; readonly error: WireError };

/** How a bulk ended: what became of each that was sent, and how many were not sent any more. */
export type BulkEnd = { readonly outcomes: readonly BulkOutcome[]; readonly unsent: readonly BulkItem[] };

type Sent = { commandId: string; name: string; args: object; resend?: true };

/** What a bulk needs of the outside. */
export type BulkOutside = {
  /** Hands a list of commands to the server, which judges each for itself. */
  send(commands: readonly Sent[]): Promise<Result<{ answers: readonly Ack[] }>>;
  /** Waits, at least so long, and for the line if it is cut. */
  wait(ms: number): Promise<void>;
  /** Whether the person has stopped it. */
  stopped(): boolean;
  onOutcomes(outcomes: readonly BulkOutcome[]): void;
  /** Told when the line is cut under it, and when it goes on. */
  onHeld(held: boolean): void;
};

/** Commands of one request: few enough that the bar moves and a stop is felt, many enough to be committed together. */
const atOnce = 200;
const pause = 1_000;
/** A record that the server cannot take just now is tried so often; a line that is cut is waited for without end. */
const attempts = 10;

/**
 * Sends one command for each record, in order, a few hundred at a time. A line that breaks leaves the outcome of a
 * request unknown: the same commands are sent again under the same ids, and act once.
 */
export async function runBulk(items: readonly BulkItem[], outside: BulkOutside): Promise<BulkEnd> {
  const outcomes: BulkOutcome[] = [];
  const commands = new Map<BulkItem, Sent>();
  const tried = new Map<BulkItem, number>();
  let waiting = [...items];
  const settle = (settled: readonly BulkOutcome[]): void => {
    outcomes.push(...settled);
    const done = new Set(settled.map(({ item }) => item));
    waiting = waiting.filter((item) => !done.has(item));
    if (settled.length > 0) outside.onOutcomes(outcomes);
  };
  const commandOf = (item: BulkItem): Sent => {
    let command = commands.get(item);
    if (!command) commands.set(item, (command = { commandId: item.commandId, name: item.name, args: item.args() }));
    else command.resend = true;
    return command;
  };

  while (waiting.length > 0 && !outside.stopped()) {
    const chunk = waiting.slice(0, atOnce);
    const answer = await outside.send(chunk.map(commandOf));
    if (answer.ok) {
      const again = (item: BulkItem, error: WireError): boolean => {
        const times = (tried.get(item) ?? 0) + 1;
        tried.set(item, times);
        return (error.code === 'unavailable' || error.code === 'too_many_requests') && times < attempts;
      };
      const settled = chunk.flatMap((item, i): BulkOutcome[] => {
        const ack = answer.value.answers[i];
        if (!ack) return [];
        if (ack.ok) return [{ item, ok: true }];
        return again(item, ack.error) ? [] : [{ item, ok: false, error: ack.error }];
      });
      settle(settled);
      if (settled.length < chunk.length) await outside.wait(pause);
    } else if (answer.error.code === 'too_many_requests') {
      // The server says when there is room again.
      const seconds = Number(answer.error.details?.['retryAfterSeconds'] ?? 1);
      await outside.wait(seconds * 1_000);
    } else if (answer.error.code === 'unavailable') {
      outside.onHeld(true);
      await outside.wait(pause);
      outside.onHeld(false);
    } else {
      // The whole list is refused: signed out, or not allowed any more. Nothing of it was carried out.
      settle(chunk.map((item) => ({ item, ok: false, error: answer.error })));
      if (answer.error.code === 'not_signed_in' || answer.error.code === 'forbidden') break;
    }
  }
  return { outcomes, unsent: waiting };
}
