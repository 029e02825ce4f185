import type { Decide } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import { checkRev, editOf } from '../protocol/rules.ts';
import type { CreateOrganization, EditOrganization, SetWipLimit } from './schema.ts';

export const decideCreateOrganization: Decide<CreateOrganization> = (state, args, context) => {
  if (state.get('organization', args.id)) return refuse('already_set_up', 'This organization exists already. Sign in.');
  const { admin } = args;
  return change(
    {
      kind: 'organization',
      id: args.id,
      create: true,
      set: { name: args.name, timeZone: args.timeZone, undoSeconds: 60, archiveAfterDays: 3, createdAt: context.now },
    },
    {
      kind: 'person',
      id: admin.id,
      create: true,
      set: {
        name: admin.name,
        email: admin.email,
        role: 'admin',
        passwordHash: admin.passwordHash,
        createdAt: context.now,
      },
    },
  );
};

export const decideEditOrganization: Decide<EditOrganization> = (state, { id, rev, ...fields }) => {
  const record = state.get('organization', id);
  if (!record) return refuse('not_found', 'There is no such organization.');
  const conflict = checkRev('organization', record, rev);
  if (conflict) return conflict;
  const edit = editOf(record, fields);
  if (!edit) return refuse('nothing_to_change', 'Nothing is different from what it was.');
  return change({ kind: 'organization', id, ...edit });
};

export const decideSetWipLimit: Decide<SetWipLimit> = (state, { id, status, limit }) => {
  const record = state.get('organization', id);
  if (!record) return refuse('not_found', 'There is no such organization.');
  const { [status]: now, ...others } = record.wipLimits ?? {};
  if (now === (limit ?? undefined)) return refuse('nothing_to_change', 'This is the limit already.');
  const wipLimits = limit === null ? others : { ...others, [status]: limit };
  return change({ kind: 'organization', id, set: { wipLimits } });
};
