import { isLastAdmin } from './rules.ts';
import type { Decide } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import { editOf } from '../protocol/rules.ts';
import type {
  DropSecondFactor,
  EnrolSecondFactor,
  FollowProvider,
  RemoveSecondFactor,
  RenewRecoveryCodes,
  SpendRecoveryCode,
} from './sign-in-schema.ts';

const noPerson = () => refuse('not_found', 'There is no such person.');
const none = () => refuse('nothing_to_change', 'No second factor is set up.');
/** Everything that a second factor consists of. */
const whole = ['totp', 'secondFactor', 'recoveryHashes'];

export const decideEnrolSecondFactor: Decide<EnrolSecondFactor> = (state, { id, totp, recoveryHashes }, context) => {
  const person = state.get('person', id);
  if (!person) return noPerson();
  if (person.secondFactor)
    return refuse('already_exists', 'A second factor is set up already. Turn it off first, then set up the new one.');
  const set = { totp: { secret: totp.secret, since: context.now }, secondFactor: true, recoveryHashes };
  return change({ kind: 'person', id, set });
};

export const decideDropSecondFactor: Decide<DropSecondFactor> = (state, { id }) => {
  const person = state.get('person', id);
  if (!person) return noPerson();
  return person.secondFactor ? change({ kind: 'person', id, set: {}, unset: whole }) : none();
};

export const decideRenewRecoveryCodes: Decide<RenewRecoveryCodes> = (state, { id, recoveryHashes }) => {
  const person = state.get('person', id);
  if (!person) return noPerson();
  return person.secondFactor ? change({ kind: 'person', id, set: { recoveryHashes } }) : none();
};

export const decideRemoveSecondFactor: Decide<RemoveSecondFactor> = (state, { id, why }, { principal }) => {
  const person = state.get('person', id);
  if (!person) return noPerson();
  // One's own needs password and code: whoever finds an admin's screen unlocked must not get around these.
  if (principal.type === 'person' && principal.id === id)
    return refuse('forbidden', 'Turn your own second factor off under Security, with your password and a code.');
  return person.secondFactor ? change({ kind: 'person', id, set: {}, unset: whole, why }) : none();
};

export const decideSpendRecoveryCode: Decide<SpendRecoveryCode> = (state, { id, recoveryHashes: [spent] }) => {
  const person = state.get('person', id);
  if (!person) return noPerson();
  const left = person.recoveryHashes?.filter((hash) => hash !== spent);
  if (!left || left.length === person.recoveryHashes?.length)
    return refuse('wrong_code', 'This recovery code is not right, or it was used before. Try another one.');
  return change({ kind: 'person', id, set: { recoveryHashes: left } });
};

export const decideFollowProvider: Decide<FollowProvider> = (state, { id, external, role }, { now }) => {
  const person = state.get('person', id);
  if (!person || person.inactiveAt !== undefined) return noPerson();
  // A claim that says something else does not leave the organization without anybody who looks after it.
  const keeps = role !== 'admin' && isLastAdmin(state, person);
  const joins = person.invitedAt !== undefined && person.joinedAt === undefined;
  const edit = editOf(person, {
    external,
    role: keeps ? undefined : role,
    joinedAt: joins ? now : undefined,
  });
  return edit ? change({ kind: 'person', id, ...edit }) : refuse('nothing_to_change', 'All of this is known already.');
};
