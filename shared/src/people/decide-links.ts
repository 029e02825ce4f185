import type { Decide, RecordChange } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import { openSessionsOf, unknownBranch } from './decide.ts';
import type { CreateLink, InvitePerson, RevokeLink, SettleLink, UseLink } from './link-schema.ts';
import { faultOfLink, voidLink } from './links.ts';

const noLink = () => refuse('not_found', 'There is no such link.');

type NewLink = Pick<CreateLink, 'id' | 'purpose' | 'person' | 'tokenHash' | 'expiresAt' | 'mail'>;

function linkChange({ id, mail, ...fields }: NewLink, by: string | undefined, now: number): RecordChange {
  return {
    kind: 'link',
    id,
    create: true,
    set: {
      ...fields,
      createdAt: now,
      ...(by === undefined ? {} : { createdBy: by }),
      // On record before anything goes out: what is never settled may have arrived, and is not repeated.
      ...(mail ? { mail: { state: 'sending', at: now } } : {}),
    },
  };
}

const byOf = (principal: { type: string; id: string }): string | undefined =>
  principal.type === 'person' ? principal.id : undefined;

export const decideInvitePerson: Decide<InvitePerson> = (state, { id, link, ...fields }, { now, principal }) => {
  if (state.get('person', id)) return refuse('already_exists', 'This person exists already.');
  const refusal = unknownBranch(state, fields.branches);
  if (refusal) return refusal;
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return change(
    { kind: 'person', id, create: true, set: { ...given, createdAt: now, invitedAt: now } },
    linkChange({ ...link, purpose: 'invitation', person: id }, byOf(principal), now),
  );
};

export const decideCreateLink: Decide<CreateLink> = (state, { replaces, ...fields }, { now, principal }) => {
  const person = state.get('person', fields.person);
  if (!person || person.archivedAt !== undefined) return refuse('not_found', 'There is no such person.');
  if (person.inactiveAt !== undefined)
    return refuse('inactive', 'They are deactivated. Reactivate them first.', { field: 'person' });
  if (fields.purpose === 'invitation' && (person.joinedAt !== undefined || person.invitedAt === undefined))
    return refuse('nothing_to_change', 'They have a password already. Make a link for a new one instead.');
  const replaced = replaces.filter((id) => {
    const link = state.get('link', id);
    return link?.person === person.id && link.usedAt === undefined && link.revokedAt === undefined;
  });
  return change(
    linkChange(fields, byOf(principal), now),
    ...replaced.map((id): RecordChange => ({ kind: 'link', id, set: { revokedAt: now } })),
  );
};

export const decideRevokeLink: Decide<RevokeLink> = (state, { id }, { now }) => {
  const link = state.get('link', id);
  if (!link) return noLink();
  if (link.usedAt !== undefined || link.revokedAt !== undefined)
    return refuse('nothing_to_change', 'This link opens nothing any more.');
  return change({ kind: 'link', id, set: { revokedAt: now } });
};

/** One command sets the password, uses the link up and ends the sessions: two who come at once do not both get in. */
export const decideUseLink: Decide<UseLink> = (state, { id, passwordHash, sessions }, { now }) => {
  const link = state.get('link', id);
  if (!link) return { ok: false, error: voidLink('unknown') };
  const person = state.get('person', link.person);
  const fault = faultOfLink(link, person, now);
  if (fault !== undefined || !person) return { ok: false, error: voidLink(fault ?? 'revoked') };
  const joins = person.invitedAt !== undefined && person.joinedAt === undefined;
  return change(
    { kind: 'link', id, set: { usedAt: now } },
    {
      kind: 'person',
      id: person.id,
      set: { passwordHash, linksSince: now, ...(joins ? { joinedAt: now } : {}) },
    },
    ...openSessionsOf(state, person.id, sessions).map((session): RecordChange => ({
      kind: 'session',
      id: session,
      set: { endedAt: now },
    })),
  );
};

export const decideSettleLink: Decide<SettleLink> = (state, { id, state: outcome, why }, { now }) => {
  const link = state.get('link', id);
  if (!link) return noLink();
  if (link.mail?.state !== 'sending') return refuse('nothing_to_change', 'What became of it is on record.');
  return change({
    kind: 'link',
    id,
    set: { mail: { state: outcome, at: now, ...(why === undefined ? {} : { why }) } },
  });
};
