import type { Principal } from '@opsboard/shared/protocol/actors';
import { audienceOf, seesAny } from '@opsboard/shared/protocol/audiences';
import type { StateView } from '@opsboard/shared/protocol/decision';
import type { CommandName } from '@opsboard/shared/protocol/deciders';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';
import type { AnyRecord, Kind, Records } from '@opsboard/shared/protocol/kinds';
import type { RightName, Subject } from '@opsboard/shared/protocol/rights';
import { mayUse, rights } from '@opsboard/shared/protocol/rights';

export const forbidden = (): WireError =>
  wireError('forbidden', 'Your role or branch does not allow this. Ask an admin if you need it.');

const notSignedIn = (): WireError => wireError('not_signed_in', 'You are not signed in any more. Sign in again.');

/** For keys that are not what they were, whatever became of them. */
export const keyRefused = (): WireError =>
  wireError('not_signed_in', 'This API key is not known, was revoked, or has expired. Ask an admin for a new one.');

/** For keys whose scopes or branches do not hold what they ask for. */
export const keyMayNot = (): WireError =>
  wireError(
    'forbidden',
    'This API key is not for that. Ask an admin for one with the scope and the branch that it needs.',
  );

/** For who has no such right, on anything at all or on this. */
export const mayNot = (principal: Principal): WireError => (principal.type === 'key' ? keyMayNot() : forbidden());

type Lookup = Pick<StateView, 'get'>;

/**
 * The principal as their records are in a state: role and branches of the person, scopes and branches of the key as they
 * are now. An ended or expired session, a person who is deactivated, a revoked or expired key may do nothing.
 *
 * @param now milliseconds since the epoch
 */
export function currentPrincipal(state: Lookup, principal: Principal, now: number): Principal | WireError {
  if (principal.type === 'system') return principal;
  if (principal.type === 'key')
    return currentKey(state.get('apiKey', principal.id), principal.org, now) ?? keyRefused();
  const person = state.get('person', principal.id);
  if (!person || person.inactiveAt !== undefined || person.archivedAt !== undefined) return notSignedIn();
  if (principal.session !== undefined) {
    const session = state.get('session', principal.session);
    const open = session && session.person === person.id && session.endedAt === undefined && session.expiresAt > now;
    if (!open) return notSignedIn();
  }
  return {
    type: 'person',
    org: principal.org,
    id: person.id,
    role: person.role,
    ...(person.branches === undefined ? {} : { branches: person.branches }),
    ...(principal.session === undefined ? {} : { session: principal.session }),
  };
}

/** A key's record as a principal; undefined when it may do nothing (any more). `now` in milliseconds since the epoch. */
export function currentKey(
  record: Records['apiKey'] | undefined,
  org: string,
  now: number,
): Extract<Principal, { type: 'key' }> | undefined {
  if (!record || record.org !== org || record.revokedAt !== undefined || record.archivedAt !== undefined)
    return undefined;
  if (record.expiresAt !== undefined && record.expiresAt <= now) return undefined;
  return {
    type: 'key',
    org,
    id: record.id,
    scopes: record.scopes,
    ...(record.branches === undefined ? {} : { branches: record.branches }),
  };
}

/** Stands for a place in all branches: only who is limited to none reaches it. */
const everywhere = '*';

/** Where a record is and whose it is; the right must hold for each. */
function subjectsOf(state: Lookup, kind: Kind, record: AnyRecord): readonly Subject[] {
  switch (kind) {
    case 'batch': {
      const { branch, driver } = record as Records['batch'];
      return [{ branch, owner: driver }];
    }
    case 'route': {
      const { branch, driver } = record as Records['route'];
      return [{ branch, owner: driver }];
    }
    case 'branch':
      return [{ branch: record.id }];
    case 'person': {
      const { branches, id } = record as Records['person'];
      return branches && branches.length > 0
        ? branches.map((branch) => ({ branch, owner: id }))
        : [{ branch: everywhere, owner: id }];
    }
    case 'apiKey': {
      // Who is limited to branches makes no key that reaches further.
      const { branches } = record as Records['apiKey'];
      return branches ? branches.map((branch) => ({ branch })) : [{ branch: everywhere }];
    }
    case 'session':
    case 'link': {
      const { person } = record as Records['session' | 'link'];
      const owner = state.get('person', person);
      return owner ? subjectsOf(state, 'person', owner) : [{ branch: everywhere, owner: person }];
    }
    case 'template':
    case 'message':
      return [{ branch: (record as Records['template' | 'message']).branch }];
    case 'savedView':
      return [{ owner: (record as Records['savedView']).createdBy }];
    case 'warehouse':
      return [{ branch: (record as Records['warehouse']).branch }];
    case 'part':
    case 'organization':
    case 'vendor':
    case 'customer':
    case 'center':
    case 'team':
      return [{}];
  }
}

/** A phone that was offline reports what was not accepted, also of a route that is somebody else's by now. */
const wasDriverOf = (principal: Principal, kind: Kind, record: AnyRecord): boolean =>
  principal.type === 'person' &&
  principal.role === 'driver' &&
  kind === 'route' &&
  (record as Records['route']).formerDrivers?.includes(principal.id) === true;

/** Whether the principal may use a right on a record as it is in this state. */
export function mayOn(state: Lookup, principal: Principal, right: RightName, kind: Kind, record: AnyRecord): boolean {
  if (right === 'route.report' && wasDriverOf(principal, kind, record)) return true;
  return subjectsOf(state, kind, record).every((subject) => mayUse(principal, right, subject));
}

/** Whether the principal's role has the right on anything at all. */
export function mayEver(principal: Principal, right: CommandName): boolean {
  return principal.type === 'person' ? rights[right][principal.role] !== undefined : mayUse(principal, right);
}

/** Whether the principal sees a record, live or not. Systems see everything. */
export function seen<K extends Kind>(principal: Principal, kind: K, record: Records[K]): boolean {
  return principal.type === 'system' || seesAny(audienceOf(principal), kind, record);
}
