import type { Decide } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import { archiveRecord, checkRev, editOf } from '../protocol/rules.ts';
import type { ArchiveSavedView, CreateSavedView, EditSavedView } from './schema.ts';

const missing = () => refuse('not_found', 'There is no such saved view. Somebody may have removed it.');

export const decideCreateSavedView: Decide<CreateSavedView> = (state, { id, ...fields }, context) =>
  state.get('savedView', id)
    ? refuse('already_exists', 'This view exists already.')
    : change({
        kind: 'savedView',
        id,
        create: true,
        set: { ...fields, createdAt: context.now, createdBy: context.principal.id },
      });

export const decideEditSavedView: Decide<EditSavedView> = (state, { id, rev, ...fields }) => {
  const record = state.get('savedView', id);
  if (!record || record.archivedAt !== undefined) return missing();
  const conflict = checkRev('savedView', record, rev);
  if (conflict) return conflict;
  const changed = editOf(record, fields);
  return changed
    ? change({ kind: 'savedView', id, ...changed })
    : refuse('nothing_to_change', 'Nothing is different from what it was.');
};

export const decideArchiveSavedView: Decide<ArchiveSavedView> = (state, { id }, context) =>
  archiveRecord('savedView', state.get('savedView', id), context.now) ?? missing();
