/** The kinds of the directory that are created, edited, archived and merged by the same rules. */
export const directoryKinds = ['branch', 'warehouse', 'vendor', 'customer', 'center', 'team'] as const;
export type DirectoryKind = (typeof directoryKinds)[number];

/** The words for one and for several of a kind, inside a sentence. */
export const directoryWords: { readonly [K in DirectoryKind]: { one: string; many: string } } = {
  branch: { one: 'branch', many: 'branches' },
  warehouse: { one: 'warehouse', many: 'warehouses' },
  vendor: { one: 'vendor', many: 'vendors' },
  customer: { one: 'customer', many: 'customers' },
  center: { one: 'service center', many: 'service centers' },
  team: { one: 'team', many: 'teams' },
};
