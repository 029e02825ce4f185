import type { BatchInView } from '@opsboard/shared/batches/schema';
import { app } from '#lib/app.ts';
import { named } from '#lib/batches/parts.ts';
import { offerUndo } from '#lib/batches/undo.ts';
import { dialogs, type DialogRequest } from '#lib/dialogs/dialogs.svelte.ts';
import { toasts } from '#lib/toasts/toasts.svelte.ts';
import type { Check } from './check.svelte.ts';

/** What a count that does not come out leads to; afterwards the count goes on where it was. */
export function waysOn(batch: () => BatchInView | undefined, check: () => Check, then: () => DialogRequest) {
  async function change(name: 'batch.addParts' | 'batch.removeParts', part: readonly string[], said: string) {
    const record = batch();
    if (!record) return;
    const result = await app.send(name, { id: record.id, parts: [...part] });
    if (result.ok)
      toasts.show({ kind: 'done', about: record.id, title: said, action: offerUndo(result.commandId, record) });
    else
      toasts.show({
        kind: 'refused',
        about: record.id,
        title: `${record.reference} stays as it is`,
        text: result.error.message,
      });
    return result.ok;
  }
  const ask = (act: 'settle' | 'split' | 'correctPart' | 'found', parts: readonly string[]): void => {
    const record = batch();
    if (record) dialogs.show({ kind: 'act', act, batch: record.id, parts, then: then() });
  };
  return {
    missing: (way: 'remove' | 'settle' | 'split', parts: readonly string[]): void => {
      const record = batch();
      if (!record) return;
      if (way === 'remove') void change('batch.removeParts', parts, `${named(parts)} out of ${record.reference}`);
      else ask(way, parts);
    },
    stranger: (way: 'add' | 'correct' | 'found', part: string): void => {
      const record = batch();
      if (!record) return;
      if (way === 'add')
        void change('batch.addParts', [part], `${part} is in ${record.reference}`).then((ok) => {
          if (!ok) return;
          check().setAside(part);
          check().ticked.add(part);
        });
      else ask(way === 'found' ? 'found' : 'correctPart', [part]);
    },
  };
}
