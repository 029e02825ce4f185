import type { Decide, RecordChange } from './decision.ts';
import { change, refuse } from './decision.ts';
import { sameValue, valueAt } from './patch.ts';

/** The args of `undo`. */
export type Undo = { commandId: string };

/** Commands whose effect a person can take back. What is not here is changed by its own command, with a reason. */
const reversible = new Set([
  'batch.edit',
  'batch.assignDriver',
  'batch.moveDueDate',
  'batch.addParts',
  'batch.removeParts',
  'batch.correctPart',
  'batch.settleParts',
  'batch.restoreParts',
  'batch.seal',
  'batch.handOver',
  'batch.depart',
  'batch.arrive',
  'batch.departBack',
  'batch.complete',
  'batch.takeBack',
  'batch.cancel',
  'batch.reopen',
  'organization.setWipLimit',
  'template.edit',
  'template.archive',
  'savedView.edit',
  'savedView.archive',
]);

/**
 * Undo restores what was before a command. It meets the ordinary rules (the dispatcher also asks for the right to the
 * command being undone) and is refused where a field has changed since, after the organization's time for it, and for
 * commands that cannot be reversed.
 */
export const decideUndo: Decide<Undo> = (state, args, context) => {
  const entries = state.entriesOf(args.commandId);
  const first = entries[0];
  if (!first) return refuse('not_found', 'There is no such change to undo.');
  if (!reversible.has(first.verb)) {
    return refuse('not_reversible', 'This cannot be undone. Change it again instead.', {
      details: { verb: first.verb },
    });
  }
  const grace = state.get('organization', first.org)?.undoSeconds ?? 0;
  if (context.now - first.at > grace * 1000) {
    return refuse('not_reversible', `Undo is possible for ${grace} seconds. Change it again instead.`);
  }
  const changes: RecordChange[] = [];
  for (const entry of entries) {
    const record = state.get(entry.kind, entry.id);
    if (!record) return refuse('not_found', 'What was changed is no longer there.');
    const later =
      Object.keys(entry.set).find((path) => !sameValue(valueAt(record, path), entry.set[path])) ??
      entry.unset.find((path) => valueAt(record, path) !== undefined);
    if (later !== undefined) {
      return refuse('changed_since', 'Somebody has changed this since. Look at it as it is now.', {
        details: { kind: entry.kind, id: entry.id, path: later },
      });
    }
    const created = Object.keys(entry.set).filter((path) => !Object.hasOwn(entry.was, path));
    changes.push({ kind: entry.kind, id: entry.id, set: entry.was, unset: created });
  }
  return change(...changes);
};
