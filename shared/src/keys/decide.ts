import type { Decide, Decision, StateView } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import { checkRev, editOf } from '../protocol/rules.ts';
import type { CreateKey, EditKey, RevokeKey } from './schema.ts';

const noKey = () => refuse('not_found', 'There is no such key.');
const revoked = () => refuse('archived', 'This key was revoked and stays so. Make a new one.');

function refusalOf(
  state: StateView,
  given: { branches?: readonly string[] | null | undefined; expiresAt?: number | null | undefined },
  now: number,
): Decision | undefined {
  if (given.branches?.some((id) => !state.get('branch', id)))
    return refuse('unknown_reference', 'One of these branches does not exist. Choose again.', { field: 'branches' });
  if (typeof given.expiresAt === 'number' && given.expiresAt <= now)
    return refuse('date_not_ahead', 'This day has passed: the key would be refused at once. Choose a later one.', {
      field: 'expiresAt',
    });
  return undefined;
}

export const decideCreateKey: Decide<CreateKey> = (state, { id, ...fields }, context) => {
  if (state.get('apiKey', id)) return refuse('already_exists', 'This key exists already.');
  const refusal = refusalOf(state, fields, context.now);
  if (refusal) return refusal;
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return change({
    kind: 'apiKey',
    id,
    create: true,
    set: { ...given, createdAt: context.now, createdBy: context.principal.id },
  });
};

export const decideEditKey: Decide<EditKey> = (state, { id, rev, ...fields }, context) => {
  const record = state.get('apiKey', id);
  if (!record) return noKey();
  if (record.revokedAt !== undefined) return revoked();
  const refusal = checkRev('apiKey', record, rev) ?? refusalOf(state, fields, context.now);
  if (refusal) return refusal;
  const edit = editOf(record, fields);
  if (!edit) return refuse('nothing_to_change', 'Nothing is different from what it was.');
  return change({ kind: 'apiKey', id, ...edit });
};

export const decideRevokeKey: Decide<RevokeKey> = (state, { id }, context) => {
  const record = state.get('apiKey', id);
  if (!record) return noKey();
  if (record.revokedAt !== undefined) return refuse('nothing_to_change', 'This key was revoked already.');
  return change({ kind: 'apiKey', id, set: { revokedAt: context.now } });
};
