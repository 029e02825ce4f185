import type { ArgsOf, CommandName } from './deciders.ts';
import type { WireError } from './errors.ts';

/** A command, typed by its name. `doneAt` and `resend` as in the schema. */
export type Command<N extends CommandName = CommandName> = {
  [M in N]: { commandId: string; name: M; args: ArgsOf<M>; doneAt?: number; resend?: boolean };
}[N];

/**
 * The answer to a command. `first` … `seq` are the entries it made (equal numbers for one entry): the sender's overlay
 * for it goes when `seq` has been applied. A refusal changed nothing.
 */
export type Ack = { ok: true; first: number; seq: number } | { ok: false; error: WireError };
