import type { BatchInView } from '@opsboard/shared/batches/schema';
import { nextStatus, statusWords, steps, type Status, type StepTarget } from '@opsboard/shared/batches/steps';
import { app } from '#lib/app.ts';
import { dialogs } from '#lib/dialogs/dialogs.svelte.ts';
import { may } from '#lib/session/may.ts';
import { toasts } from '#lib/toasts/toasts.svelte.ts';
import { offerUndo } from './undo.ts';
import { pastWords } from './words.ts';

/** Whether the person who is signed in may take the next step of a batch. */
export function maySteps(batch: BatchInView): boolean {
  const next = nextStatus(batch.status);
  return next !== undefined && may(steps[next].verb, { branch: batch.branch, owner: batch.driver });
}

/** What a step needs besides the batch, if it is not known yet. */
export function asksFor(batch: BatchInView, to: StepTarget): 'count' | 'driver' | undefined {
  const needs: readonly string[] = steps[to].needs;
  if (needs.includes('count')) return 'count';
  return needs.includes('driver') && batch.driver === undefined ? 'driver' : undefined;
}

/** Shows why a move did not happen: the card went back, the reason, the way on. */
export function sayRefused(batch: BatchInView, message: string, hint?: string, onGone?: () => void): void {
  const place = statusWords[batch.status].word;
  toasts.show({
    kind: 'refused',
    about: batch.id,
    title: `${batch.reference} stays in ${place}`,
    text: message,
    ...(hint ? { hint } : {}),
    action: {
      label: `Open ${batch.reference}`,
      run: () => void import('$app/navigation').then(({ goto }) => goto(`/operations/batches/${batch.id}`)),
    },
    ...(onGone ? { onGone } : {}),
  });
}

/**
 * Sends a step. It shows at once; what the server refuses goes back with the reason.
 *
 * @returns whether the server accepted it
 */
export async function sendStep(
  batch: BatchInView,
  to: StepTarget,
  more: { count?: number; driver?: string } = {},
  onGone?: () => void,
): Promise<boolean> {
  // Each step's verb takes the id and what that step needs; `asksFor` and the form see to it that it is there.
  const result = await app.send(steps[to].verb, { id: batch.id, ...more } as never);
  if (result.ok) {
    // Boards do not print otherwise: what knows of paper comes when something was sealed.
    const paper = to === 'sealed' ? await import('./paper.ts').catch(() => undefined) : undefined;
    toasts.show({
      kind: 'done',
      about: batch.id,
      title: `${batch.reference} ${pastWords[to]}`,
      text: `Status: ${statusWords[to].word}`,
      action: offerUndo(result.commandId, batch, `is back in ${statusWords[batch.status].word}`),
      ...(paper && { link: { label: 'Print the manifest', href: paper.manifestAddress(batch.id, paper.paperSize()) } }),
    });
    return true;
  }
  sayRefused(batch, result.error.message, `You moved it to ${statusWords[to].word}`, onGone);
  return false;
}

/**
 * Moves a batch to a column: at once when nothing is missing, through a form when a count or a driver is, and not at
 * all when it is not the next step.
 *
 * @param onRefused called with the batch when it stays where it is, `gone` when the message about it has left
 */
export function moveTo(batch: BatchInView, to: Status, marks?: { refused: () => void; gone: () => void }): void {
  if (to === batch.status) return;
  const next = nextStatus(batch.status);
  if (app.line.state !== 'live') {
    sayRefused(batch, 'Moves wait for the line. Try again when it is back.', undefined, marks?.gone);
    marks?.refused();
    return;
  }
  if (!maySteps(batch) && to === next) {
    sayRefused(
      batch,
      'Your role reads the board and changes nothing on it. Ask the operations room to move it.',
      undefined,
      marks?.gone,
    );
    marks?.refused();
    return;
  }
  if (to !== next) {
    const now = statusWords[batch.status].word;
    const text = next
      ? `A batch moves one step at a time. From ${now} the next step is ${statusWords[next].word}.`
      : 'Completed is the last step.';
    sayRefused(batch, text, `You dropped it on ${statusWords[to].word}`, marks?.gone);
    marks?.refused();
    return;
  }
  if (asksFor(batch, next)) {
    dialogs.show({ kind: 'step', batch: batch.id });
    return;
  }
  void sendStep(batch, next, {}, marks?.gone).then((ok) => {
    if (!ok) marks?.refused();
  });
}
