import { collectionOf } from '../journal/stored.ts';

/**
 * Every collection that the board has beside those of records. A backup takes whatever is in the database, named here
 * or not, so that nothing can be forgotten; a test compares this list with a database, so that whoever adds a
 * collection decides whether it belongs into a backup.
 */
const others = {
  journal: 'whole',
  receipts: 'whole',
  counters: 'whole',
  consumers: 'whole',
  files: 'whole',
  retention: 'whole',
  meta: 'whole',
  access: 'whole',
  // What has run out meanwhile is deleted by the database after a restore, too.
  trails: 'whole',
  keyUses: 'whole',
  // A code that was used just before is not good again after a restore either.
  usedCodes: 'whole',
  // Names sessions of processes that are running now: they would mean nothing after a restore.
  lanes: 'never',
} as const;

/** Collections that a backup takes, as far as they are known. */
export const backedUp: readonly string[] = [
  ...Object.values(collectionOf),
  ...Object.entries(others).flatMap(([name, how]) => (how === 'whole' ? [name] : [])),
];

/** Collections that are of no use in another database, or at another time. */
export const leftOut: ReadonlySet<string> = new Set(
  Object.entries(others).flatMap(([name, how]) => (how === 'never' ? [name] : [])),
);

/** Collections of a restore under way begin with this; what is left of an interrupted one is removed by the next. */
const stagingPrefix = 'restoring-';

/** Where a restore gathers a collection before everything is switched at once. */
export const stagingName = (restore: string, collection: string): string => `${stagingPrefix}${restore}.${collection}`;
export const isStaging = (collection: string): boolean => collection.startsWith(stagingPrefix);

/** Whether a backup takes a collection. */
export const isBackedUp = (collection: string): boolean =>
  !leftOut.has(collection) && !isStaging(collection) && !collection.startsWith('system.');

/** Facts in `meta` that belong to one database and not to its content: its epoch, and marks of backups. */
export const isOfThisDatabase = (id: unknown): boolean => id === 'epoch' || String(id).startsWith('backup/');
