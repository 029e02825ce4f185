import type { BatchInView } from '@opsboard/shared/batches/schema';
import { app } from '#lib/app.ts';
import { driverOf } from '#lib/batches/live.svelte.ts';
import { may } from '#lib/session/may.ts';
import { toasts } from '#lib/toasts/toasts.svelte.ts';

/** Whether the person who is signed in may give a batch to another driver. */
export const mayGive = (batch: BatchInView): boolean =>
  may('batch.assignDriver', { branch: batch.branch, owner: batch.driver });

/** Gives a batch to a driver, or to nobody. It shows at once; what the server refuses goes back with the reason. */
export async function give(
  batch: BatchInView,
  driver: string | null,
  marks: { refused: () => void; gone: () => void },
): Promise<void> {
  const { id, rev, reference } = batch;
  const refused = (text: string): void => {
    marks.refused();
    const who = driverOf(batch);
    toasts.show({
      kind: 'refused',
      about: id,
      title: who === undefined ? `${reference} stays without a driver` : `${reference} stays with ${who}`,
      text,
      onGone: marks.gone,
    });
  };
  if (app.line.state !== 'live') return refused('Changes wait for the line. Try again when it is back.');
  const result = await app.send('batch.assignDriver', { id, rev, driver });
  if (!result.ok) return refused(result.error.message);
  const name = driver === null ? undefined : app.get('person', driver)?.name;
  toasts.show({
    kind: 'done',
    about: id,
    title: name === undefined ? `${reference} has no driver now` : `${reference} goes with ${name}`,
    action: { label: 'Undo', run: () => void takeBack(batch, result.commandId) },
  });
}

async function takeBack({ id, reference }: BatchInView, commandId: string): Promise<void> {
  const result = await app.send('undo', { commandId });
  if (result.ok) toasts.show({ kind: 'info', about: id, title: `${reference} has the driver it had before` });
  else
    toasts.show({
      kind: 'refused',
      about: id,
      title: `${reference} could not be taken back`,
      text: result.error.message,
    });
}
