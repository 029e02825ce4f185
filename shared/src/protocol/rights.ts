import { scopesHold } from '../keys/rights.ts';
import type { Role } from '../people/roles.ts';
import type { Principal } from './actors.ts';
import type { CommandName } from './deciders.ts';

/**
 * On which records a role has a right: `all` in the organization (still only within the person's branches, where the
 * record has one), `own`: those that are the person's own (a driver's batches, one's own person and sessions).
 */
export type Reach = 'all' | 'own';

/** What can be read over HTTP beside the live state. */
export type ReadName =
  | 'batches.read'
  | 'routes.read'
  | 'parts.read'
  | 'messages.read'
  | 'directory.read'
  | 'people.read'
  | 'people.manage'
  | 'journal.read'
  | 'figures.read'
  | 'retention.read'
  | 'files.read'
  | 'files.write'
  | 'keys.read'
  | 'access.read'
  | 'positions.read';
/** To be seen by others on the pages of operations, and to see them there. */
export type PresenceName = 'presence.share';
/** To say where one's own route is driven. */
export type PositionsName = 'positions.send';
export type RightName = CommandName | ReadName | PresenceName | PositionsName;

type Rights = { readonly [R in Role]?: Reach };

const desk: Rights = { admin: 'all', operations_manager: 'all', team_member: 'all' };
const lead: Rights = { admin: 'all', operations_manager: 'all' };
const admin: Rights = { admin: 'all' };
const self: Rights = {
  admin: 'all',
  operations_manager: 'own',
  team_member: 'own',
  driver: 'own',
  manager: 'own',
};
/** Of one's own record only, also for admins. */
const mine: Rights = { ...self, admin: 'own' };
/** What everybody at a desk has of their own, and those who lead the room look after. */
const own: Rights = { ...lead, team_member: 'own' };
const road: Rights = { ...desk, driver: 'own' };
const readers: Rights = { ...desk, manager: 'all', display: 'all' };
const nobody: Rights = {};

/**
 * The one authorization table: who may do what. What is not in it is denied. The server decides by it before every
 * command and read; screens hide by it. Not here: what keys may do (`keyRights`), and systems ({@link systemRights}).
 */
export const rights: { readonly [N in RightName]: Rights } = {
  'organization.create': nobody,
  'organization.edit': admin,
  'organization.setWipLimit': lead,
  'branch.create': admin,
  'branch.edit': admin,
  'branch.archive': admin,
  'branch.restore': admin,
  'branch.merge': admin,
  'warehouse.create': lead,
  'warehouse.edit': lead,
  'warehouse.archive': lead,
  'warehouse.restore': lead,
  'warehouse.merge': lead,
  'vendor.create': lead,
  'vendor.edit': lead,
  'vendor.archive': lead,
  'vendor.restore': lead,
  'vendor.merge': lead,
  'customer.create': lead,
  'customer.edit': lead,
  'customer.archive': lead,
  'customer.restore': lead,
  'customer.merge': lead,
  'center.create': lead,
  'center.edit': lead,
  'center.archive': lead,
  'center.restore': lead,
  'center.merge': lead,
  'team.create': admin,
  'team.edit': admin,
  'team.archive': admin,
  'team.restore': admin,
  'team.merge': admin,
  'person.create': admin,
  'person.edit': admin,
  'person.editProfile': self,
  'person.setPassword': self,
  'person.invite': admin,
  'link.create': admin,
  'link.revoke': admin,
  'link.use': nobody,
  'link.settle': nobody,
  'person.enrolSecondFactor': mine,
  'person.dropSecondFactor': mine,
  'person.renewRecoveryCodes': mine,
  'person.removeSecondFactor': admin,
  'person.spendRecoveryCode': nobody,
  'person.followProvider': nobody,
  'session.start': nobody,
  'session.renew': nobody,
  'session.end': self,
  'session.endAll': self,
  'batch.create': desk,
  'batch.edit': desk,
  'batch.assignDriver': desk,
  'batch.moveDueDate': lead,
  'batch.addParts': desk,
  'batch.removeParts': desk,
  'batch.correctPart': desk,
  'batch.settleParts': desk,
  'batch.restoreParts': desk,
  'batch.split': desk,
  'batch.seal': desk,
  'batch.handOver': desk,
  'batch.depart': road,
  'batch.arrive': road,
  'batch.departBack': road,
  'batch.complete': road,
  'batch.takeBack': desk,
  'batch.cancel': desk,
  'batch.reopen': lead,
  'batch.logCall': desk,
  'batch.notifyCustomer': desk,
  'batch.addNote': { ...desk, manager: 'all' },
  'batch.markBreached': nobody,
  'batch.archive': nobody,
  'route.create': desk,
  'route.edit': desk,
  'route.assign': desk,
  'route.plan': desk,
  'route.cancel': desk,
  // A desk goes on where a phone has died.
  'route.start': road,
  'route.arrive': road,
  'route.depart': road,
  'route.skip': road,
  'route.pickUp': road,
  'route.handOver': road,
  'route.finish': road,
  'route.acknowledge': { driver: 'own' },
  'route.report': road,
  'route.resolve': desk,
  'route.archive': nobody,
  'message.claim': nobody,
  'message.settle': nobody,
  'message.sendAgain': desk,
  'template.create': desk,
  'template.edit': desk,
  'template.archive': desk,
  'savedView.create': own,
  'savedView.edit': own,
  'savedView.archive': own,
  'part.create': desk,
  'part.edit': desk,
  'part.archive': desk,
  'part.restore': desk,
  'batch.erase': nobody,
  'route.erase': nobody,
  'message.erase': nobody,
  'person.erase': admin,
  'customer.eraseContacts': admin,
  'vendor.eraseContacts': admin,
  'apiKey.create': admin,
  'apiKey.edit': admin,
  'apiKey.revoke': admin,
  import: desk,
  undo: road,
  'batches.read': { ...readers, driver: 'own' },
  'routes.read': { ...readers, driver: 'own' },
  'parts.read': { ...desk, manager: 'all' },
  'messages.read': { ...desk, manager: 'all' },
  'directory.read': readers,
  'people.read': readers,
  'people.manage': admin,
  'journal.read': readers,
  'figures.read': readers,
  'retention.read': admin,
  // Whoever is inside sees the organization's logo; of what else there is, those who see the route.
  'files.read': { ...readers, driver: 'all' },
  // The logo, and what proves a hand-over.
  'files.write': { ...desk, driver: 'all' },
  'keys.read': admin,
  'access.read': admin,
  'presence.share': { ...desk, manager: 'all' },
  // Where a driver is, now and on the way: for those who see the routes and do not drive them.
  'positions.read': readers,
  'positions.send': { driver: 'own' },
};

/** What each system actor may do: nothing else. */
export const systemRights: { readonly [actor: string]: readonly CommandName[] } = {
  setup: ['organization.create'],
  // Whoever may run programs on the machine of the board: the way back in for those who locked themselves out.
  terminal: ['link.create', 'person.removeSecondFactor'],
  'sign-in': [
    'session.start',
    'session.renew',
    'link.create',
    'link.use',
    'person.spendRecoveryCode',
    'person.create',
    'person.followProvider',
  ],
  clock: ['batch.markBreached'],
  archive: ['batch.archive', 'route.archive'],
  expiry: ['session.end'],
  retention: ['batch.erase', 'route.erase', 'message.erase', 'session.end'],
  messenger: ['message.claim', 'message.settle', 'link.settle'],
};

/** What the judgement needs to know of a record: where it is and whose it is. */
export type Subject = { branch?: string | undefined; owner?: string | undefined };

const within = (branches: readonly string[] | undefined, { branch }: Subject): boolean =>
  branch === undefined || branches === undefined || branches.includes(branch);

/** As {@link mayUse}, for people: all that a page needs, which is never a key's or a system's. */
export function personMay(
  person: Extract<Principal, { type: 'person' }>,
  right: RightName,
  subject: Subject = {},
): boolean {
  const reach = rights[right][person.role];
  if (reach === undefined) return false;
  if (reach === 'own') return subject.owner !== undefined && subject.owner === person.id;
  return within(person.branches, subject);
}

/**
 * Whether a principal may use a right on a record as it is (absent for the organization as a whole). Pure; the lane
 * asks again with the state it decides on.
 */
export function mayUse(principal: Principal, right: RightName, subject: Subject = {}): boolean {
  switch (principal.type) {
    case 'system': {
      const its: readonly string[] = Object.hasOwn(systemRights, principal.id) ? systemRights[principal.id]! : [];
      return its.includes(right);
    }
    case 'key':
      return scopesHold(principal.scopes, right) && within(principal.branches, subject);
    case 'person':
      return personMay(principal, right, subject);
  }
}
