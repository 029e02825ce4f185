import type { BatchInView } from '@opsboard/shared/batches/schema';
import { dialogs } from '#lib/dialogs/dialogs.svelte.ts';
import type { ActName } from './acts.ts';

/** Opens the form of an act. */
export function openAct(act: ActName, batch: BatchInView, parts?: readonly string[]): void {
  const { id } = batch;
  if (act === 'driver') dialogs.show({ kind: 'driver', batch: id });
  else if (act === 'dueDate') dialogs.show({ kind: 'due-date', batch: id });
  else dialogs.show({ kind: 'act', act, batch: id, record: batch, ...(parts ? { parts } : {}) });
}
