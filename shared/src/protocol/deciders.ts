import {
  decideAddParts,
  decideArchive,
  decideArrive,
  decideAssignDriver,
  decideComplete,
  decideCreate,
  decideDepart,
  decideDepartBack,
  decideEdit,
  decideMarkBreached,
  decideMoveDueDate,
  decideRemoveParts,
  decideSeal,
} from '../batches/decide.ts';
import {
  decideCreateBranch,
  decideCreateCenter,
  decideCreateCustomer,
  decideEditBranch,
  decideEditCenter,
  decideEditCustomer,
} from '../directory/decide.ts';
import { decideCreateOrganization, decideEditOrganization } from '../organization/decide.ts';
import {
  decideCreatePerson,
  decideEditPerson,
  decideEditProfile,
  decideEndSession,
  decideEndSessions,
  decideSetPassword,
  decideStartSession,
} from '../people/decide.ts';
import { decideUndo } from './undo.ts';

/** Every command's rule, by name. Free of zod, so that a browser can decide its own commands at once. */
export const deciders = {
  'organization.create': decideCreateOrganization,
  'organization.edit': decideEditOrganization,
  'branch.create': decideCreateBranch,
  'branch.edit': decideEditBranch,
  'customer.create': decideCreateCustomer,
  'customer.edit': decideEditCustomer,
  'center.create': decideCreateCenter,
  'center.edit': decideEditCenter,
  'person.create': decideCreatePerson,
  'person.edit': decideEditPerson,
  'person.editProfile': decideEditProfile,
  'person.setPassword': decideSetPassword,
  'session.start': decideStartSession,
  'session.end': decideEndSession,
  'session.endAll': decideEndSessions,
  'batch.create': decideCreate,
  'batch.edit': decideEdit,
  'batch.assignDriver': decideAssignDriver,
  'batch.moveDueDate': decideMoveDueDate,
  'batch.addParts': decideAddParts,
  'batch.removeParts': decideRemoveParts,
  'batch.seal': decideSeal,
  'batch.depart': decideDepart,
  'batch.arrive': decideArrive,
  'batch.departBack': decideDepartBack,
  'batch.complete': decideComplete,
  'batch.markBreached': decideMarkBreached,
  'batch.archive': decideArchive,
  undo: decideUndo,
} as const;

/** A command's name. */
export type CommandName = keyof typeof deciders;
/** What a command of this name carries. */
export type ArgsOf<N extends CommandName> = Parameters<(typeof deciders)[N]>[1];
