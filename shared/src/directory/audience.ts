import type { View } from '../protocol/view.ts';

/**
 * What a driver needs of the directory is names: where to go and whom to call stands on their own routes, place by
 * place.
 */
const forDrivers = {
  branch: ['address', 'phone', 'position', 'timeZone'],
  customer: [
    'slaHours',
    'contactEmail',
    'contactPhone',
    'address',
    'position',
    'language',
    'timeZone',
    'contactsErasedAt',
  ],
  center: ['phone', 'address', 'position', 'hours', 'holidays', 'timeZone'],
} as const;

/** Branches: those that the audience is limited to, else all. */
export const branchView: View<'branch'> = {
  sees: (audience, branch) => audience.branches === undefined || audience.branches.includes(branch.id),
  hides: (audience) => (audience.role === 'driver' ? forDrivers.branch : []),
};

/** Warehouses: those of the branches that the audience is limited to, and those of no branch. */
export const warehouseView: View<'warehouse'> = {
  sees: (audience, { branch }) =>
    audience.branches === undefined || branch === undefined || audience.branches.includes(branch),
  hides: () => [],
};

const contacts = ['contactEmail', 'contactPhone'];
const contactsAndPlace = [...contacts, 'address', 'position'];

/** Drivers and wall screens: neither needs to reach whom it has no business with. */
const outsiders = ({ role }: { role: string }): boolean => role === 'driver' || role === 'display';

/** Vendors are the whole organization's, without the contacts for drivers and wall screens. */
export const vendorView: View<'vendor'> = {
  sees: () => true,
  hides: (audience) => (outsiders(audience) ? contacts : []),
};

/** Customers are the whole organization's. Wall screens need the name and the promise, not the contacts nor the place. */
export const customerView: View<'customer'> = {
  sees: () => true,
  hides: (audience) =>
    audience.role === 'driver' ? forDrivers.customer : audience.role === 'display' ? contactsAndPlace : [],
};

/** Service centers are the whole organization's. */
export const centerView: View<'center'> = {
  sees: () => true,
  hides: (audience) => (audience.role === 'driver' ? forDrivers.center : []),
};

/** Teams: those that share a branch with the audience. Drivers see none: they see no colleagues either. */
export const teamView: View<'team'> = {
  sees: (audience, { branches }) =>
    audience.role !== 'driver' &&
    (audience.branches === undefined ||
      branches === undefined ||
      branches.some((id) => audience.branches!.includes(id))),
  hides: () => [],
};
