import { personMay, type RightName, type Subject } from '@opsboard/shared/protocol/rights';
import { app } from '#lib/app.ts';

/**
 * Whether the person who is signed in has a right, by the same table that the server decides with. What somebody may
 * not do is not offered.
 */
export function may(right: RightName, subject: Subject = {}): boolean {
  const me = app.session.me;
  if (!me) return false;
  const { org, id, role, branches } = me;
  return personMay({ type: 'person', org, id, role, ...(branches ? { branches } : {}) }, right, subject);
}
