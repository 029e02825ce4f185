import type { RightName } from '../protocol/rights.ts';
import type { Scope } from './scopes.ts';

const readBatches = ['batches.read', 'parts.read', 'messages.read', 'figures.read'] as const;
const readRoutes = ['routes.read'] as const;
const readDirectory = ['directory.read', 'parts.read'] as const;

/**
 * What each scope is made of. What is in none of them no key can do: settings, people, keys, the access log, and
 * whatever belongs to one person. Whoever may change something may read it.
 */
export const keyRights: { readonly [S in Scope]: readonly RightName[] } = {
  'batches:read': readBatches,
  'batches:write': [
    ...readBatches,
    'batch.create',
    'batch.edit',
    'batch.assignDriver',
    'batch.moveDueDate',
    'batch.addParts',
    'batch.removeParts',
    'batch.correctPart',
    'batch.settleParts',
    'batch.restoreParts',
    'batch.split',
    'batch.seal',
    'batch.handOver',
    'batch.depart',
    'batch.arrive',
    'batch.departBack',
    'batch.complete',
    'batch.takeBack',
    'batch.cancel',
    'batch.reopen',
    'batch.logCall',
    'batch.notifyCustomer',
    'batch.addNote',
    'message.sendAgain',
    'import',
    'undo',
  ],
  'routes:read': readRoutes,
  'routes:write': [
    ...readRoutes,
    'route.create',
    'route.edit',
    'route.assign',
    'route.plan',
    'route.cancel',
    'route.start',
    'route.arrive',
    'route.depart',
    'route.skip',
    'route.pickUp',
    'route.handOver',
    'route.finish',
    'route.report',
    'route.resolve',
    'undo',
  ],
  'directory:read': readDirectory,
  'directory:write': [
    ...readDirectory,
    'customer.create',
    'customer.edit',
    'center.create',
    'center.edit',
    'warehouse.create',
    'warehouse.edit',
    'vendor.create',
    'vendor.edit',
    'part.create',
    'part.edit',
    'part.archive',
    'part.restore',
    'import',
  ],
  'people:read': ['people.read'],
};

/** The rights to read that some scope holds: what a key may ask for at all. */
export type KeyRead = Extract<
  RightName,
  (typeof readBatches)[number] | (typeof readRoutes)[number] | (typeof readDirectory)[number] | 'people.read'
>;

/** Whether one of a key's scopes holds a right, wherever the record is. */
export function scopesHold(given: readonly Scope[], right: RightName): boolean {
  return given.some((scope) => keyRights[scope].includes(right));
}
