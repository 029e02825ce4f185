import { checkReferences } from '../batches/rules.ts';
import type { Decide } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import { archiveRecord, checkRev, editOf } from '../protocol/rules.ts';
import type { ArchiveTemplate, CreateTemplate, EditTemplate } from './schema.ts';

const missing = () => refuse('not_found', 'There is no such template. Somebody may have removed it.');

export const decideCreateTemplate: Decide<CreateTemplate> = (state, { id, ...fields }, context) => {
  if (state.get('template', id)) return refuse('already_exists', 'This template exists already.');
  return (
    checkReferences(state, fields) ??
    change({
      kind: 'template',
      id,
      create: true,
      set: { ...fields, createdAt: context.now, createdBy: context.principal.id },
    })
  );
};

export const decideEditTemplate: Decide<EditTemplate> = (state, { id, rev, driver, ...fields }) => {
  const record = state.get('template', id);
  if (!record || record.archivedAt !== undefined) return missing();
  const refusal =
    checkRev('template', record, rev) ?? checkReferences(state, { ...fields, driver: driver ?? undefined });
  if (refusal) return refusal;
  const changed = editOf(record, { ...fields, driver });
  return changed
    ? change({ kind: 'template', id, ...changed })
    : refuse('nothing_to_change', 'Nothing is different from what it was.');
};

export const decideArchiveTemplate: Decide<ArchiveTemplate> = (state, { id }, context) =>
  archiveRecord('template', state.get('template', id), context.now) ?? missing();
