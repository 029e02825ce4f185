import { z } from 'zod';
import {
  archiveBatch,
  assignDriver,
  changeParts,
  countedStep,
  createBatch,
  drivenStep,
  editBatch,
  markBreached,
  moveDueDate,
  plainStep,
} from '../batches/schema.ts';
import {
  createBranch,
  createCenter,
  createCustomer,
  editBranch,
  editCenter,
  editCustomer,
} from '../directory/schema.ts';
import { createOrganization, editOrganization } from '../organization/schema.ts';
import {
  createPerson,
  editPerson,
  editProfile,
  endSession,
  endSessions,
  setPassword,
  startSession,
} from '../people/schema.ts';
import type { ArgsOf, CommandName } from './deciders.ts';
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

/** Every command there is: shape and subject. The one registry that ingress, dispatch and the API description share. */
export const commands: { readonly [N in CommandName]: Definition<N> } = {
  'organization.create': about('organization', createOrganization, 'First start: the organization and its admin'),
  'organization.edit': about('organization', editOrganization, 'Change the organization and its settings'),
  'branch.create': about('branch', createBranch, 'Add a branch'),
  'branch.edit': about('branch', editBranch, 'Change a branch'),
  'customer.create': about('customer', createCustomer, 'Add a customer with its SLA'),
  'customer.edit': about('customer', editCustomer, 'Change a customer'),
  'center.create': about('center', createCenter, 'Add a service center'),
  'center.edit': about('center', editCenter, 'Change a service center'),
  'person.create': about('person', createPerson, 'Add a person'),
  'person.edit': about('person', editPerson, "Change a person's role, branches or data; deactivate"),
  'person.editProfile': about('person', editProfile, 'Change your own name and phone'),
  'person.setPassword': about('person', setPassword, 'Set a password'),
  'session.start': about('session', startSession, 'Sign in'),
  'session.end': about('session', endSession, 'End one session'),
  'session.endAll': about('person', endSessions, "End a person's sessions", (args) => args.person),
  'batch.create': about('batch', createBatch, 'Create a service batch as a draft'),
  'batch.edit': about('batch', editBatch, 'Change branch, customer or center of a draft'),
  'batch.assignDriver': about('batch', assignDriver, 'Assign or remove the driver'),
  'batch.moveDueDate': about('batch', moveDueDate, 'Set a new expected return date, with the reason'),
  'batch.addParts': about('batch', changeParts, 'Add parts to a draft'),
  'batch.removeParts': about('batch', changeParts, 'Take parts out of a draft'),
  'batch.seal': about('batch', countedStep, 'Seal: the counted parts equal the listed ones'),
  'batch.depart': about('batch', drivenStep, 'Depart to the service center'),
  'batch.arrive': about('batch', plainStep, 'Arrive at the service center'),
  'batch.departBack': about('batch', drivenStep, 'Depart for return'),
  'batch.complete': about('batch', countedStep, 'Complete: the parts are back and counted'),
  'batch.markBreached': about('batch', markBreached, 'Record that the promised date has passed'),
  'batch.archive': about('batch', archiveBatch, 'Take a completed batch out of the live set'),
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
