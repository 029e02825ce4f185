import type { ArgsOf, CommandName } from '@opsboard/shared/protocol/deciders';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { app } from '#lib/app.ts';
import { offerUndo } from '#lib/batches/undo.ts';
import { toasts } from '#lib/toasts/toasts.svelte.ts';

/** What is said once it is done. */
type Said = { readonly title: string; readonly text?: string; readonly undo?: boolean };

/**
 * Sends a command from a form that stays open until the server has answered, because only the server knows everything
 * that it could be refused for: which parts there are, and where else they are.
 *
 * @returns the refusal, to be said in the form
 */
export async function sendAct<N extends CommandName>(
  name: N,
  args: ArgsOf<N>,
  batch: { readonly id: string; readonly reference: string },
  { undo = true, ...said }: Said,
): Promise<WireError | undefined> {
  const result = await app.send(name, args);
  if (!result.ok) return result.error;
  toasts.show({
    kind: 'done',
    about: batch.id,
    ...said,
    ...(undo ? { action: offerUndo(result.commandId, batch) } : {}),
  });
  return undefined;
}
