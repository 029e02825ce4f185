import { z } from 'zod';
import {
  archiveBatch,
  assignDriver,
  changeParts,
  correctPart,
  countedStep,
  createBatch,
  drivenStep,
  editBatch,
  handOver,
  markBreached,
  moveDueDate,
  plainStep,
  removeParts,
  restoreParts,
  settleParts,
  splitBatch,
  takeBack,
  withReason,
} from '../batches/schema.ts';
import { addNote, logCall, notifyCustomer } from '../batches/response-schema.ts';
import {
  archiveEntry,
  createBranch,
  createCenter,
  createCustomer,
  createTeam,
  createVendor,
  createWarehouse,
  editBranch,
  editCenter,
  editCustomer,
  editTeam,
  editVendor,
  editWarehouse,
  mergeEntry,
  restoreEntry,
} from '../directory/schema.ts';
import { createKey, editKey, revokeKey } from '../keys/schema.ts';
import { claimMessage, sendMessageAgain, settleMessage } from '../messages/schema.ts';
import { createOrganization, editOrganization, setWipLimit } from '../organization/schema.ts';
import { createLink, invitePerson, revokeLink, settleLink, useLink } from '../people/link-schema.ts';
import { archivePart, createPart, editPart, restorePart } from '../parts/schema.ts';
import {
  createPerson,
  editPerson,
  editProfile,
  endSession,
  endSessions,
  renewSession,
  setPassword,
  startSession,
} from '../people/schema.ts';
import {
  acknowledgePlan,
  assignRoute,
  atStop,
  cancelRoute,
  createRoute,
  editRoute,
  handOverAt,
  pickUp,
  plainRoute,
  planRoute,
  reportProblem,
  resolveProblem,
  skipStop,
} from '../routes/schema.ts';
import { eraseBatch, eraseContacts, eraseMessage, erasePerson, eraseRoute } from '../retention/schema.ts';
import {
  dropSecondFactor,
  enrolSecondFactor,
  followProvider,
  removeSecondFactor,
  renewRecoveryCodes,
  spendRecoveryCode,
} from '../people/sign-in-schema.ts';
import { archiveTemplate, createTemplate, editTemplate } from '../templates/schema.ts';
import { archiveSavedView, createSavedView, editSavedView } from '../views/schema.ts';
import type { ArgsOf, CommandName } from './deciders.ts';
import { mostImported } from './import.ts';
import type { Kind } from './kinds.ts';
import { id, time } from './scalars.ts';

/** A record that a rule needs to see before it can decide. */
export type Need = { kind: Kind; id: string };

type Definition<N extends CommandName> = {
  /** The shape of its args; parsed once, at ingress. */
  args: z.ZodType<ArgsOf<N>>;
  /** The kind of record it is about, and that record's id: what the right to it is judged on. */
  kind: Kind | undefined;
  subject(args: ArgsOf<N>): string;
  /** One line for people and for the API description. */
  summary: string;
};

const about = <N extends CommandName>(
  kind: Kind,
  args: z.ZodType<ArgsOf<N>>,
  summary: string,
  subject: (args: ArgsOf<N>) => string = (given) => (given as { id: string }).id,
): Definition<N> => ({ args, kind, subject, summary });

const inner = <N extends string, T extends z.ZodType>(name: N, args: T) =>
  z.strictObject({ name: z.literal(name), args });
/** The commands that an import may be made of. */
const imported = z.discriminatedUnion('name', [
  inner('branch.create', createBranch),
  inner('branch.edit', editBranch),
  inner('warehouse.create', createWarehouse),
  inner('warehouse.edit', editWarehouse),
  inner('vendor.create', createVendor),
  inner('vendor.edit', editVendor),
  inner('customer.create', createCustomer),
  inner('customer.edit', editCustomer),
  inner('center.create', createCenter),
  inner('center.edit', editCenter),
  inner('team.create', createTeam),
  inner('team.edit', editTeam),
  inner('part.create', createPart),
  inner('part.edit', editPart),
  inner('batch.create', createBatch),
]);

/** Every command there is: shape and subject. The one registry that ingress, dispatch and the API description share. */
export const commands: { readonly [N in CommandName]: Definition<N> } = {
  'organization.create': about('organization', createOrganization, 'First start: the organization and its admin'),
  'organization.edit': about('organization', editOrganization, 'Change the organization and its settings'),
  'organization.setWipLimit': about('organization', setWipLimit, 'Limit what a column of the board should hold'),
  'branch.create': about('branch', createBranch, 'Add a branch'),
  'branch.edit': about('branch', editBranch, 'Change a branch'),
  'branch.archive': about('branch', archiveEntry, 'Take a branch out of use'),
  'branch.restore': about('branch', restoreEntry, 'Take a branch back into use'),
  'branch.merge': about('branch', mergeEntry, 'Merge two branches that are the same'),
  'warehouse.create': about('warehouse', createWarehouse, 'Add a warehouse'),
  'warehouse.edit': about('warehouse', editWarehouse, 'Change a warehouse'),
  'warehouse.archive': about('warehouse', archiveEntry, 'Take a warehouse out of use'),
  'warehouse.restore': about('warehouse', restoreEntry, 'Take a warehouse back into use'),
  'warehouse.merge': about('warehouse', mergeEntry, 'Merge two warehouses that are the same'),
  'vendor.create': about('vendor', createVendor, 'Add a vendor'),
  'vendor.edit': about('vendor', editVendor, 'Change a vendor'),
  'vendor.archive': about('vendor', archiveEntry, 'Take a vendor out of use'),
  'vendor.restore': about('vendor', restoreEntry, 'Take a vendor back into use'),
  'vendor.merge': about('vendor', mergeEntry, 'Merge two vendors that are the same'),
  'customer.create': about('customer', createCustomer, 'Add a customer with its SLA'),
  'customer.edit': about('customer', editCustomer, 'Change a customer'),
  'customer.archive': about('customer', archiveEntry, 'Take a customer out of use'),
  'customer.restore': about('customer', restoreEntry, 'Take a customer back into use'),
  'customer.merge': about('customer', mergeEntry, 'Merge two customers that are the same'),
  'center.create': about('center', createCenter, 'Add a service center'),
  'center.edit': about('center', editCenter, 'Change a service center'),
  'center.archive': about('center', archiveEntry, 'Take a service center out of use'),
  'center.restore': about('center', restoreEntry, 'Take a service center back into use'),
  'center.merge': about('center', mergeEntry, 'Merge two service centers that are the same'),
  'team.create': about('team', createTeam, 'Add a team'),
  'team.edit': about('team', editTeam, 'Change a team'),
  'team.archive': about('team', archiveEntry, 'Take a team out of use'),
  'team.restore': about('team', restoreEntry, 'Take a team back into use'),
  'team.merge': about('team', mergeEntry, 'Merge two teams that are the same'),
  'person.create': about('person', createPerson, 'Add a person'),
  'person.edit': about('person', editPerson, "Change a person's role, branches or data; deactivate"),
  'person.editProfile': about('person', editProfile, 'Change your own name and phone'),
  'person.setPassword': about('person', setPassword, 'Set a password'),
  'person.invite': about('person', invitePerson, 'Invite a person by a one-time link'),
  'link.create': about('link', createLink, 'Make a one-time link for a person'),
  'link.revoke': about('link', revokeLink, 'Withdraw a one-time link'),
  'link.use': about('link', useLink, 'Choose a password by a one-time link'),
  'link.settle': about('link', settleLink, 'Record what became of the e-mail with a link'),
  'person.enrolSecondFactor': about('person', enrolSecondFactor, 'Set up a second factor'),
  'person.dropSecondFactor': about('person', dropSecondFactor, 'Turn the second factor off'),
  'person.renewRecoveryCodes': about('person', renewRecoveryCodes, 'Replace the recovery codes'),
  'person.removeSecondFactor': about(
    'person',
    removeSecondFactor,
    "Take off somebody else's second factor, with the reason",
  ),
  'person.spendRecoveryCode': about('person', spendRecoveryCode, 'Use a recovery code'),
  'person.followProvider': about('person', followProvider, 'Take over what the sign-in provider says of a person'),
  'session.start': about('session', startSession, 'Sign in'),
  'session.renew': about('session', renewSession, 'Prolong a session that is used'),
  'session.end': about('session', endSession, 'End one session'),
  'session.endAll': about('person', endSessions, "End a person's sessions", (args) => args.person),
  'batch.create': about('batch', createBatch, 'Create a service batch as a draft'),
  'batch.edit': about('batch', editBatch, 'Change branch, customer or center of a draft'),
  'batch.assignDriver': about('batch', assignDriver, 'Assign or remove the driver'),
  'batch.moveDueDate': about('batch', moveDueDate, 'Set a new expected return date, with the reason'),
  'batch.addParts': about('batch', changeParts, 'Add parts to a draft'),
  'batch.removeParts': about('batch', removeParts, 'Take parts out of a draft'),
  'batch.correctPart': about('batch', correctPart, 'Put a wrong scan right: one part in place of another'),
  'batch.settleParts': about('batch', settleParts, 'Record parts as lost or scrapped'),
  'batch.restoreParts': about('batch', restoreParts, 'Record that parts were found again'),
  'batch.split': about('batch', splitBatch, 'Make a batch of the parts that stay behind'),
  'batch.seal': about('batch', countedStep, 'Seal: the counted parts equal the listed ones'),
  'batch.handOver': about('batch', handOver, 'Hand over to the driver, counted'),
  'batch.depart': about('batch', drivenStep, 'Depart to the service center'),
  'batch.arrive': about('batch', plainStep, 'Arrive at the service center'),
  'batch.departBack': about('batch', drivenStep, 'Depart for return'),
  'batch.complete': about('batch', countedStep, 'Complete: the parts are back and counted'),
  'batch.takeBack': about('batch', takeBack, 'Take back the last step, with the reason'),
  'batch.cancel': about('batch', withReason, 'Cancel a draft, with the reason'),
  'batch.reopen': about('batch', withReason, 'Reopen what was completed or cancelled, with the reason'),
  'batch.logCall': about('batch', logCall, 'Breach response: the service center was called'),
  'batch.notifyCustomer': about(
    'batch',
    notifyCustomer,
    'Breach response: tell the customer, by e-mail, SMS or in person',
  ),
  'batch.addNote': about('batch', addNote, 'Write a note; as the reason of a breach, if it is one'),
  'batch.markBreached': about('batch', markBreached, 'Record that the promised date has passed'),
  'batch.archive': about('batch', archiveBatch, 'Take a completed batch out of the live set'),
  'route.create': about('route', createRoute, 'Plan a route'),
  'route.edit': about('route', editRoute, 'Change day, vehicle or departure of a route'),
  'route.assign': about('route', assignRoute, 'Assign or remove the driver of a route'),
  'route.plan': about('route', planRoute, 'Plan the stops that are still to be driven'),
  'route.cancel': about('route', cancelRoute, 'Cancel a route that has been to no stop, with the reason'),
  'route.start': about('route', plainRoute, 'Start a route'),
  'route.arrive': about('route', atStop, 'Arrive at a stop'),
  'route.depart': about('route', atStop, 'Depart from a stop; the last departure finishes the route'),
  'route.skip': about('route', skipStop, 'Leave a stop out, or what is undone there, with the reason'),
  'route.pickUp': about('route', pickUp, 'Pick a batch up at a stop, counted or scanned'),
  'route.handOver': about('route', handOverAt, 'Hand a batch over at a stop, counted or scanned, with the proof'),
  'route.finish': about('route', plainRoute, 'Finish a route with no stop left to drive'),
  'route.acknowledge': about('route', acknowledgePlan, 'Driver: the plan as it is now has been seen'),
  'route.report': about('route', reportProblem, 'Report a problem on the road'),
  'route.resolve': about('route', resolveProblem, 'Say that a problem of a route is solved'),
  'route.archive': about('route', plainRoute, 'Take a finished or cancelled route out of the live set'),
  'message.claim': about('message', claimMessage, 'Take a message to send it'),
  'message.settle': about('message', settleMessage, 'Record what became of a message'),
  'message.sendAgain': about(
    'message',
    sendMessageAgain,
    'Send a message again that failed or whose outcome is unknown',
  ),
  'template.create': about('template', createTemplate, 'Save a template of a frequent batch'),
  'template.edit': about('template', editTemplate, 'Change a template'),
  'template.archive': about('template', archiveTemplate, 'Remove a template'),
  'savedView.create': about('savedView', createSavedView, 'Save a view of the board or the list'),
  'savedView.edit': about('savedView', editSavedView, 'Change a saved view'),
  'savedView.archive': about('savedView', archiveSavedView, 'Remove a saved view'),
  'part.create': about('part', createPart, 'Describe a part'),
  'part.edit': about('part', editPart, 'Change the description of a part'),
  'part.archive': about('part', archivePart, 'Take a part out of use'),
  'part.restore': about('part', restorePart, 'Take a part back into use'),
  'batch.erase': about('batch', eraseBatch, 'Mark an archived batch for deletion'),
  'route.erase': about('route', eraseRoute, 'Mark an archived route for deletion, or erase who received there'),
  'message.erase': about('message', eraseMessage, 'Erase the address and text of a message'),
  'person.erase': about('person', erasePerson, 'Erase the personal data of somebody who was deactivated'),
  'customer.eraseContacts': about('customer', eraseContacts, "Erase a customer's contacts, also from its messages"),
  'vendor.eraseContacts': about('vendor', eraseContacts, "Erase a vendor's contacts"),
  'apiKey.create': about('apiKey', createKey, 'Make an API key'),
  'apiKey.edit': about('apiKey', editKey, 'Change what an API key may do, its branches, or until when'),
  'apiKey.revoke': about('apiKey', revokeKey, 'Revoke an API key: it is refused at once, everywhere'),
  import: {
    args: z.strictObject({ commands: z.array(imported).min(1).max(mostImported) }),
    kind: undefined,
    subject: () => '',
    summary: 'Import: all of these commands, or none',
  },
  undo: {
    args: z.strictObject({ commandId: id }),
    kind: undefined,
    subject: (args) => args.commandId,
    summary: 'Take back an earlier command',
  },
};

/**
 * A command as it travels, on the socket and over HTTP. The same envelope sent twice acts once. `name` is checked
 * against {@link commands} after this, so that an unknown name gets its own code.
 */
export const envelope = z.strictObject({
  /** UUIDv7 made by the sender; the key of the receipt. */
  commandId: id,
  name: z.string().max(60),
  args: z.record(z.string(), z.unknown()),
  /** When it was done, corrected to the server's clock; absent means now. */
  doneAt: time.optional(),
  /** Set on a resend after an unknown outcome: look for the receipt first. */
  resend: z.boolean().optional(),
});
