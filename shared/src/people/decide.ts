import type { Decide, RecordChange, StateView } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import { patched } from '../protocol/patch.ts';
import { checkRev, editOf } from '../protocol/rules.ts';
import { isLastAdmin, leads } from './rules.ts';
import type {
  CreatePerson,
  EditPerson,
  EditProfile,
  EndSession,
  EndSessions,
  RenewSession,
  SetPassword,
  StartSession,
} from './schema.ts';

const noPerson = () => refuse('not_found', 'There is no such person.');

export function unknownBranch(state: StateView, branches: readonly string[] | null | undefined) {
  const unknown = branches?.find((id) => !state.get('branch', id));
  return unknown === undefined
    ? undefined
    : refuse('unknown_reference', 'One of these branches does not exist. Choose again.', { field: 'branches' });
}

export const decideCreatePerson: Decide<CreatePerson> = (state, { id, ...fields }, context) => {
  if (state.get('person', id)) return refuse('already_exists', 'This person exists already.');
  const refusal = unknownBranch(state, fields.branches);
  if (refusal) return refusal;
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return change({ kind: 'person', id, create: true, set: { ...given, createdAt: context.now } });
};

export const decideEditPerson: Decide<EditPerson> = (state, { id, rev, active, ...fields }, context) => {
  const record = state.get('person', id);
  if (!record) return noPerson();
  if (record.erasedAt !== undefined)
    return refuse('archived', 'This person was erased for good. Add them anew if they are back.');
  const refusal = checkRev('person', record, rev) ?? unknownBranch(state, fields.branches);
  if (refusal) return refusal;
  const inactiveAt = active === undefined ? undefined : active ? null : (record.inactiveAt ?? context.now);
  const edit = editOf(record, { ...fields, inactiveAt });
  if (!edit) return refuse('nothing_to_change', 'Nothing is different from what it was.');
  const after = patched(record, edit.set, edit.unset);
  if (!leads(after) && isLastAdmin(state, record)) {
    return refuse(
      'last_admin',
      'This is the only admin for everything. Make somebody else one first, then change this.',
    );
  }
  // A link that went to the address of before, or was made before they were shut out, opens nothing any more.
  if (Object.hasOwn(edit.set, 'email') || Object.hasOwn(edit.set, 'inactiveAt')) edit.set['linksSince'] = context.now;
  return change({ kind: 'person', id, ...edit });
};

export const decideEditProfile: Decide<EditProfile> = (state, { id, rev, ...fields }) => {
  const record = state.get('person', id);
  if (!record) return noPerson();
  const conflict = checkRev('person', record, rev);
  if (conflict) return conflict;
  const edit = editOf(record, fields);
  if (!edit) return refuse('nothing_to_change', 'Nothing is different from what it was.');
  return change({ kind: 'person', id, ...edit });
};

export const decideSetPassword: Decide<SetPassword> = (state, args, context) => {
  const record = state.get('person', args.id);
  if (!record) return noPerson();
  const joins = record.invitedAt !== undefined && record.joinedAt === undefined;
  const { now } = context;
  return change({
    kind: 'person',
    id: args.id,
    set: { passwordHash: args.passwordHash, linksSince: now, ...(joins ? { joinedAt: now } : {}) },
  });
};

export const decideStartSession: Decide<StartSession> = (state, { id, ...fields }, context) => {
  const person = state.get('person', fields.person);
  if (!person || person.inactiveAt !== undefined) return noPerson();
  return change({ kind: 'session', id, create: true, set: { ...fields, createdAt: context.now } });
};

export const decideEndSession: Decide<EndSession> = (state, args, context) => {
  const record = state.get('session', args.id);
  if (!record) return refuse('not_found', 'There is no such session.');
  if (record.endedAt !== undefined) return refuse('nothing_to_change', 'This session has ended already.');
  return change({ kind: 'session', id: args.id, set: { endedAt: context.now } });
};

export const decideRenewSession: Decide<RenewSession> = (state, args, context) => {
  const record = state.get('session', args.id);
  const open = record && record.endedAt === undefined && record.expiresAt > context.now;
  if (!open || args.expiresAt <= record.expiresAt)
    return refuse('nothing_to_change', 'This session has ended, or lasts as long already.');
  return change({ kind: 'session', id: args.id, set: { expiresAt: args.expiresAt, renewedAt: context.now } });
};

/** Those of the named sessions that are the person's and have not ended. */
export function openSessionsOf(state: StateView, person: string, sessions: readonly string[]): string[] {
  return sessions.filter((id) => {
    const record = state.get('session', id);
    return record?.person === person && record.endedAt === undefined;
  });
}

export const decideEndSessions: Decide<EndSessions> = (state, args, context) => {
  const open = openSessionsOf(state, args.person, args.sessions);
  const end = (id: string): RecordChange => ({ kind: 'session', id, set: { endedAt: context.now } });
  return open.length === 0
    ? refuse('nothing_to_change', 'These sessions have ended already.')
    : change(...open.map(end));
};
