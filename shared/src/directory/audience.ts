import type { View } from '../protocol/view.ts';

/** Branches: those that the audience is limited to, else all. */
export const branchView: View<'branch'> = {
  sees: (audience, branch) => audience.branches === undefined || audience.branches.includes(branch.id),
  hides: () => [],
};

const contacts = ['contactEmail', 'contactPhone'];

/** Customers are the whole organization's. Drivers and wall screens need the name and the promise, not the contacts. */
export const customerView: View<'customer'> = {
  sees: () => true,
  hides: (audience) => (audience.role === 'driver' || audience.role === 'display' ? contacts : []),
};

/** Service centers are the whole organization's; a driver needs address and phone too. */
export const centerView: View<'center'> = { sees: () => true, hides: () => [] };
