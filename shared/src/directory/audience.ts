import type { View } from '../protocol/view.ts';

/** Branches: those that the audience is limited to, else all. */
export const branchView: View<'branch'> = {
  sees: (audience, branch) => audience.branches === undefined || audience.branches.includes(branch.id),
  hides: () => [],
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

/**
 * Customers are the whole organization's. Drivers and wall screens need the name and the promise, not the contacts and
 * not where it is: a driver is told that of the stops of their own routes.
 */
export const customerView: View<'customer'> = {
  sees: () => true,
  hides: (audience) => (outsiders(audience) ? contactsAndPlace : []),
};

/** Service centers are the whole organization's; a driver needs address and phone too. */
export const centerView: View<'center'> = { sees: () => true, hides: () => [] };

/** Teams: those that share a branch with the audience. Drivers see none: they see no colleagues either. */
export const teamView: View<'team'> = {
  sees: (audience, { branches }) =>
    audience.role !== 'driver' &&
    (audience.branches === undefined ||
      branches === undefined ||
      branches.some((id) => audience.branches!.includes(id))),
  hides: () => [],
};
