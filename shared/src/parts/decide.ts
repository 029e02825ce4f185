import { checkReferences } from '../batches/rules.ts';
import type { Decide } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import { checkRev, editOf } from '../protocol/rules.ts';
import type { CreatePart, EditPart } from './schema.ts';

/** A part ID is described once; storage has a unique index for what this cannot see. */
export const decideCreatePart: Decide<CreatePart> = (state, { id, ...fields }, context) =>
  state.get('part', id)
    ? refuse('already_exists', 'This part is on record already.')
    : (checkReferences(state, { customer: fields.customer }) ??
      change({ kind: 'part', id, create: true, set: { ...fields, createdAt: context.now } }));

export const decideEditPart: Decide<EditPart> = (state, { id, rev, ...fields }) => {
  const record = state.get('part', id);
  if (!record) return refuse('not_found', 'There is no such part on record.');
  const refusal = checkRev('part', record, rev) ?? checkReferences(state, { customer: fields.customer ?? undefined });
  if (refusal) return refusal;
  const changed = editOf(record, fields);
  return changed
    ? change({ kind: 'part', id, ...changed })
    : refuse('nothing_to_change', 'Nothing is different from what it was.');
};
