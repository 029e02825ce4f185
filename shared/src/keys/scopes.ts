/** What a key may be for. A key has any of these; who reads them: {@link scopeWords}, what they allow: `keyRights`. */
export const scopes = [
  'batches:read',
  'batches:write',
  'routes:read',
  'routes:write',
  'directory:read',
  'directory:write',
  'people:read',
] as const;
export type Scope = (typeof scopes)[number];

/** What each scope allows, in the words that are shown where it is chosen. */
export const scopeWords: { readonly [S in Scope]: { readonly title: string; readonly allows: string } } = {
  'batches:read': {
    title: 'Read batches',
    allows: 'Batches with parts, notes and history, what is found by search, exports, manifests, labels.',
  },
  'batches:write': {
    title: 'Change batches',
    allows: 'Create, seal, move and complete batches, set dates, write notes, notify customers. Reads them too.',
  },
  'routes:read': {
    title: 'Read routes',
    allows: 'Routes with their stops, places, proof of hand-over and problems.',
  },
  'routes:write': {
    title: 'Change routes',
    allows: 'Plan, assign and cancel routes, act at stops for a driver, solve problems. Reads them too.',
  },
  'directory:read': {
    title: 'Read the directory',
    allows: 'Branches, warehouses, teams, customers and vendors with their contacts, service centers, parts.',
  },
  'directory:write': {
    title: 'Change the directory',
    allows: 'Add and change customers, vendors, service centers, warehouses and parts, also by import. Reads them too.',
  },
  'people:read': {
    title: 'Read people',
    allows: 'Names, roles and phone numbers of people. Never their e-mail addresses or passwords.',
  },
};
