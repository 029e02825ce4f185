import type { Kind, Records } from '../protocol/kinds.ts';

type FieldOf = { [K in Kind]: keyof Records[K] & string };
type FieldName = FieldOf[Kind];

/** Fields whose own name, with its words apart, is not what the screens call them. */
const words: { readonly [F in FieldName]?: string } = {
  acknowledged: 'plan seen by the driver',
  archiveAfterDays: 'days until completed batches are archived',
  archivedAt: 'archived',
  atRiskPercent: 'limit of at risk',
  breachOf: 'breach',
  cancelledAt: 'cancelled',
  center: 'service center',
  claimedAt: 'sending',
  contactEmail: 'contact e-mail',
  contactsErasedAt: 'contacts erased',
  createdAt: 'created',
  dueAt: 'expected return date',
  email: 'e-mail',
  endedAt: 'ended',
  erasedAt: 'erased',
  expiresAt: 'valid until',
  external: 'sign-in by the provider',
  finishedAt: 'finished',
  formerDrivers: 'earlier drivers',
  handover: 'custody',
  hours: 'opening hours',
  inactiveAt: 'deactivated',
  invitedAt: 'invited',
  joinedAt: 'joined',
  label: 'what it is',
  linksSince: 'links',
  nextAt: 'next attempt',
  noteCount: 'notes',
  order: 'order of the stops',
  outCount: 'parts lost or scrapped',
  partCount: 'number of parts',
  partId: 'part ID',
  passwordHash: 'password',
  places: 'places of the stops',
  position: 'position on the map',
  positionDays: 'days that ways of drivers are kept',
  promisedAt: 'first promise',
  proof: 'proof of hand-overs',
  query: 'filter',
  recoveryHashes: 'recovery codes',
  renewedAt: 'renewed',
  response: 'breach response',
  retention: 'how long things are kept',
  revokedAt: 'revoked',
  settledAt: 'sent or failed',
  since: 'in this status since',
  slaHours: 'SLA hours',
  slaStart: 'start of the contracted hours',
  splitFrom: 'split from',
  startAt: 'start',
  startedAt: 'started',
  to: 'recipient',
  tokenHash: 'secret',
  totp: 'second factor',
  undoSeconds: 'time for undo',
  why: 'reason',
  wipLimits: 'limits of the columns',
};

/** What the screens call a field of a record: `slaHours` → `SLA hours`, `timeZone` → `time zone`. */
export function fieldWord(kind: Kind, field: string): string {
  if (kind === 'organization' && field === 'hours') return 'working hours';
  return words[field as FieldName] ?? field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
