import { checkReferences } from '../batches/rules.ts';
import { standsFor } from '../directory/stands-for.ts';
import type { Decide } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import { checkRev, editOf } from '../protocol/rules.ts';
import type { ArchivePart, CreatePart, EditPart, RestorePart } from './schema.ts';

/** A part ID is described once; storage has a unique index for what this cannot see. */
export const decideCreatePart: Decide<CreatePart> = (state, { id, ...fields }, context) =>
  state.get('part', id)
    ? refuse('already_exists', 'This part is on record already.')
    : (checkReferences(state, { customer: fields.customer }) ??
      change({ kind: 'part', id, create: true, set: { ...fields, createdAt: context.now } }));

const missing = () => refuse('not_found', 'There is no such part on record.');

export const decideEditPart: Decide<EditPart> = (state, { id, rev, ...fields }) => {
  const record = state.get('part', id);
  if (!record) return missing();
  if (record.archivedAt !== undefined) {
    return refuse('archived', `${record.partId} is archived and no longer changes. Restore it first.`);
  }
  const refusal = checkRev('part', record, rev) ?? checkReferences(state, { customer: fields.customer ?? undefined });
  if (refusal) return refusal;
  const changed = editOf(record, fields);
  return changed
    ? change({ kind: 'part', id, ...changed })
    : refuse('nothing_to_change', 'Nothing is different from what it was.');
};

/** Who may not see the batch that holds it is not told which one it is: the dispatcher sees to that by the code. */
export const decideArchivePart: Decide<ArchivePart> = (state, { id }, context) => {
  const record = state.get('part', id);
  if (!record) return missing();
  const { partId: part } = record;
  if (record.archivedAt !== undefined) return refuse('nothing_to_change', `${part} is archived already.`);
  const holder = state.openBatchOf(part);
  if (holder) {
    return refuse(
      'part_in_open_batch',
      `${part} is in ${holder.reference}, which is still open. Archive it when the batch is over, or take it out there.`,
      { details: { part, batch: holder.id, reference: holder.reference } },
    );
  }
  return change({ kind: 'part', id, set: { archivedAt: context.now } });
};

/** It comes back to what its customer has become: a merge leaves archived parts as they are. */
export const decideRestorePart: Decide<RestorePart> = (state, { id }) => {
  const record = state.get('part', id);
  if (!record) return missing();
  if (record.archivedAt === undefined) return refuse('nothing_to_change', `${record.partId} is in use already.`);
  const customer = record.customer === undefined ? undefined : standsFor(state, 'customer', record.customer);
  return change({
    kind: 'part',
    id,
    set: customer === record.customer ? {} : { customer },
    unset: ['archivedAt'],
  });
};
