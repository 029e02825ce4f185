import { app } from '#lib/app.ts';
import { clock } from '#lib/time/clock.svelte.ts';
import { toasts, type ToastAction } from '#lib/toasts/toasts.svelte.ts';

/** A message that offers undo leaves by then, milliseconds; the timeline goes on offering it for the rest of the time. */
const OFFERED_MS = 24_000;

/** How long the organization lets a change be undone, milliseconds. */
export const graceMs = (): number => (app.organization?.undoSeconds ?? 0) * 1000;

type Named = { readonly id: string; readonly reference: string };

/**
 * Offers to undo a command that has just been accepted, with the time that is left for it.
 *
 * @param back what is said of the batch then, as `is back in Sealed`
 */
export function offerUndo(commandId: string, batch: Named, back?: string): ToastAction {
  return {
    label: 'Undo',
    run: () => void undo(commandId, batch, back),
    until: clock.exact() + Math.min(graceMs(), OFFERED_MS),
  };
}

/** Undoes a command, under the server's rules: not after its time, not over what somebody changed since. */
export async function undo(commandId: string, batch: Named, back = 'is as it was before'): Promise<void> {
  const { id, reference } = batch;
  const result = await app.send('undo', { commandId });
  if (result.ok) toasts.show({ kind: 'info', about: id, title: `${reference} ${back}` });
  else
    toasts.show({
      kind: 'refused',
      about: id,
      title: `${reference} stays as it is`,
      text: result.error.message,
    });
}
