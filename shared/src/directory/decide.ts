import type { Decide } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import { checkRev, editOf } from '../protocol/rules.ts';
import type { CreateBranch, CreateCenter, CreateCustomer, EditBranch, EditCenter, EditCustomer } from './schema.ts';

type DirectoryKind = 'branch' | 'customer' | 'center';

const create =
  <Args extends { id: string }>(kind: DirectoryKind): Decide<Args> =>
  (state, { id, ...fields }, context) =>
    state.get(kind, id)
      ? refuse('already_exists', `This ${kind} exists already.`)
      : change({ kind, id, create: true, set: { ...fields, createdAt: context.now } });

const edit =
  <Args extends { id: string; rev: number }>(kind: DirectoryKind): Decide<Args> =>
  (state, { id, rev, ...fields }) => {
    const record = state.get(kind, id);
    if (!record) return refuse('not_found', `There is no such ${kind}.`);
    const conflict = checkRev(kind, record, rev);
    if (conflict) return conflict;
    const changed = editOf(record, fields);
    return changed
      ? change({ kind, id, ...changed })
      : refuse('nothing_to_change', 'Nothing is different from what it was.');
  };

export const decideCreateBranch = create<CreateBranch>('branch');
export const decideEditBranch = edit<EditBranch>('branch');
export const decideCreateCustomer = create<CreateCustomer>('customer');
export const decideEditCustomer = edit<EditCustomer>('customer');
export const decideCreateCenter = create<CreateCenter>('center');
export const decideEditCenter = edit<EditCenter>('center');
