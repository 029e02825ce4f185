import { shown } from '../messages/decide.ts';
import type { Retention } from '../organization/schema.ts';
import type { Decide, RecordChange } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import { checkRev } from '../protocol/rules.ts';
import type { Route } from '../routes/schema.ts';
import type { EraseBatch, EraseContacts, EraseMessage, ErasePerson, EraseRoute } from './schema.ts';

const day = 86_400_000;

/** Before which moment things are over for good, milliseconds; undefined: they are kept. */
export const overBefore = (days: number | undefined, now: number): number | undefined =>
  days === undefined ? undefined : now - days * day;

/** What stands in the place of a person's name. */
export const erasedName = 'Erased person';
/** An address that nobody can have: unique, as every address must be, and under a name that is reserved for none. */
export const erasedEmail = (id: string): string => `${id}@erased.invalid`;
/** What stands in the place of an address or a text that a message had. */
export const erasedText = 'erased';

const notDue = () => refuse('nothing_to_change', 'Nothing of this is to be erased now.');

/**
 * Decided on what is true now, not on what the job read before: a batch that was reopened meanwhile, or an organization
 * that has changed its mind, keeps it. From here on the batch never changes again.
 */
export const decideEraseBatch: Decide<EraseBatch> = (state, { id }, context) => {
  const batch = state.get('batch', id);
  if (!batch) return refuse('not_found', 'There is no such batch.');
  const before = overBefore(retentionIn(state.get('organization', batch.org)).archivedBatchesDays, context.now);
  const due = before !== undefined && batch.archivedAt !== undefined && batch.archivedAt <= before;
  if (!due || batch.erasedAt !== undefined) return notDue();
  return change({ kind: 'batch', id, set: { erasedAt: context.now } });
};

/** Of what is on its way nothing is erased: it is over within a minute. What waits is not sent any more. */
export const decideEraseMessage: Decide<EraseMessage> = (state, { id, because }, context) => {
  const message = state.get('message', id);
  if (!message) return refuse('not_found', 'There is no such message.');
  if (message.erasedAt !== undefined || message.state === 'sending') return notDue();
  const waits = message.state === 'queued';
  if (because === 'retention') {
    const before = overBefore(retentionIn(state.get('organization', message.org)).messagesDays, context.now);
    const batch = state.get('batch', message.batch);
    const open = batch !== undefined && batch.status !== 'completed' && batch.archivedAt === undefined;
    if (before === undefined || message.createdAt > before || waits || open) return notDue();
  }
  const why = 'The address was erased before it was sent.';
  return change(
    {
      kind: 'message',
      id,
      set: {
        to: erasedText,
        text: erasedText,
        erasedAt: context.now,
        ...(waits ? { state: 'failed', settledAt: context.now, why } : {}),
      },
      unset: message.subject === undefined ? [] : ['subject'],
    },
    ...(waits ? shown(state, message, context.now, { state: 'failed', why }) : []),
  );
};

/** Everything about a person that is not history: it goes from the record, and so from wherever the record is read. */
const ofPerson = ['phone', 'passwordHash', 'totp', 'secondFactor', 'recoveryHashes', 'external'] as const;

export const decideErasePerson: Decide<ErasePerson> = (state, { id, rev }, context) => {
  const person = state.get('person', id);
  if (!person) return refuse('not_found', 'There is no such person.');
  const conflict = checkRev('person', person, rev);
  if (conflict) return conflict;
  if (person.erasedAt !== undefined) return refuse('nothing_to_change', 'This person has been erased already.');
  if (person.inactiveAt === undefined)
    // Without the name: refusals are kept with their receipts.
    return refuse('illegal_step', 'They can still sign in. Deactivate them first, then erase.');
  return change({
    kind: 'person',
    id,
    set: { name: erasedName, email: erasedEmail(id), erasedAt: context.now },
    unset: ofPerson.filter((name) => (person as { [name: string]: unknown })[name] !== undefined),
  });
};

export const decideEraseContacts: Decide<EraseContacts> = (state, { id, rev }, context) => {
  const customer = state.get('customer', id);
  if (!customer) return refuse('not_found', 'There is no such customer.');
  const conflict = checkRev('customer', customer, rev);
  if (conflict) return conflict;
  const routes = [...state.all('route')].flatMap((route) => withoutPeopleAt(route, id));
  // Also of one without contacts: messages to earlier ones may be left.
  return change(
    {
      kind: 'customer',
      id,
      set: { contactsErasedAt: context.now },
      unset: (['contactEmail', 'contactPhone', 'address', 'position'] as const).filter(
        (name) => customer[name] !== undefined,
      ),
    },
    ...routes,
  );
};

/** A route without what it says of people at a customer's stops: whom to call and where, and who received. */
export function withoutPeopleAt(route: Route, customer: string): RecordChange[] {
  const set: { [path: string]: unknown } = {};
  const unset: string[] = [];
  for (const [id, { place }] of Object.entries(route.stops)) {
    if (place.kind !== 'customer' || place.id !== customer) continue;
    const shown = route.places?.[id];
    if (shown && Object.keys(shown).length > 1) set[`places.${id}`] = { name: shown.name };
    for (const key of Object.keys(route.receivers ?? {})) if (key.startsWith(`${id}/`)) unset.push(`receivers.${key}`);
  }
  return Object.keys(set).length + unset.length === 0 ? [] : [{ kind: 'route', id: route.id, set, unset }];
}

/** Decided on what is true now, as for a batch. */
export const decideEraseRoute: Decide<EraseRoute> = (state, { id, because, customer }, context) => {
  const route = state.get('route', id);
  if (!route) return refuse('not_found', 'There is no such route.');
  if (route.erasedAt !== undefined) return notDue();
  if (because === 'contacts') {
    const changes = customer === undefined ? [] : withoutPeopleAt(route, customer);
    return changes.length === 0 ? notDue() : change(...changes);
  }
  const before = overBefore(retentionIn(state.get('organization', route.org)).archivedBatchesDays, context.now);
  const due = before !== undefined && route.archivedAt !== undefined && route.archivedAt <= before;
  return due ? change({ kind: 'route', id, set: { erasedAt: context.now } }) : notDue();
};

export const decideEraseVendorContacts: Decide<EraseContacts> = (state, { id, rev }) => {
  const vendor = state.get('vendor', id);
  if (!vendor) return refuse('not_found', 'There is no such vendor.');
  const conflict = checkRev('vendor', vendor, rev);
  if (conflict) return conflict;
  const unset = (['contactEmail', 'contactPhone'] as const).filter((name) => vendor[name] !== undefined);
  if (unset.length === 0) return refuse('nothing_to_change', 'No contacts of this vendor are on record.');
  return change({ kind: 'vendor', id, set: {}, unset });
};

const retentionIn = (organization: { retention?: Retention | undefined } | undefined): Retention =>
  organization?.retention ?? {};
