import type { ArgsOf, CommandName } from '@opsboard/shared/protocol/deciders';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { app } from '#lib/app.ts';
import { offerUndo } from '#lib/batches/undo.ts';
import { toasts } from '#lib/toasts/toasts.svelte.ts';

type Named = { readonly id: string; readonly reference: string };

/** What is said once it is done; `back`: what is said of the route when that is undone. */
type Said = { readonly title: string; readonly text?: string; readonly undo?: boolean; readonly back?: string };

/**
 * Sends a change of a route. It shows at once; what the server refuses goes back with the reason.
 *
 * @returns the refusal, which has been said in a message; undefined: done
 */
export async function sendRoute<N extends CommandName>(
  name: N,
  args: ArgsOf<N>,
  route: Named,
  { undo = true, back, ...said }: Said,
): Promise<WireError | undefined> {
  const result = await app.send(name, args);
  if (result.ok) {
    toasts.show({
      kind: 'done',
      about: route.id,
      ...said,
      ...(undo ? { action: offerUndo(result.commandId, route, back) } : {}),
    });
    return undefined;
  }
  sayRefused(route, result.error);
  return result.error;
}

/** Why a change of a route cannot be made as it is asked for, as its form says it; undefined: it can. */
export function refusedNow<N extends CommandName>(name: N, args: ArgsOf<N>): string | undefined {
  const refusal = app.preview(name, args);
  return refusal?.code === 'rev_conflict'
    ? 'Somebody else has changed the route meanwhile. It is shown as it is now: press again if you still mean it.'
    : refusal?.message;
}

/**
 * Puts on record what a driver did whose phone cannot tell it, from a form that stays open until the server has answered:
 * only the server knows everything that it could be refused for.
 *
 * @param doneAt when it was done, milliseconds; undefined: now
 * @returns the refusal, to be said in the form
 */
export async function putOnRecord<N extends CommandName>(
  name: N,
  args: ArgsOf<N>,
  route: Named,
  title: string,
  doneAt: number | undefined,
): Promise<WireError | undefined> {
  const refusal = app.preview(name, args, doneAt);
  if (refusal && refusal.code !== 'unavailable') return refusal;
  const result = await app.send(name, args, doneAt);
  if (!result.ok) return result.error;
  toasts.show({ kind: 'done', about: route.id, title });
  return undefined;
}

/** Says that a route stays as it is, and why. */
export function sayRefused({ id, reference }: Named, { code, message }: Pick<WireError, 'code' | 'message'>): void {
  toasts.show({
    kind: 'refused',
    about: id,
    ...(code === 'rev_conflict'
      ? {
          title: `${reference} was changed by somebody else first`,
          text: 'Your change was not taken. The page shows the route as it is now: look at it, then change it again.',
        }
      : { title: `${reference} stays as it is`, text: message }),
  });
}
