import type { Role } from '@opsboard/shared/people/roles';
import { crossingNear } from './city/city.ts';

/** The invented organization that `--demo` fills in: who and where. What happens there is `history.ts`. */
export const organizationName = 'Aldermoor Device Care';
export const timeZone = 'Europe/Amsterdam';
/** The password of every demo person. */
export const password = 'opsboard-demo';

export const branchNames = ['Harbour', 'Millfield', 'Northgate', 'Eastbank'] as const;

/** Where each branch is, in the order of {@link branchNames}: each has its door on a street of the invented city. */
export const branchPlaces = [
  { address: '2 Quay Street', phone: '+31 20 555 0201', position: crossingNear([4.935, 52.379]) },
  { address: '118 Mill Lane', phone: '+31 20 555 0202', position: crossingNear([4.868, 52.3475]) },
  { address: '7 North Gate', phone: '+31 20 555 0203', position: crossingNear([4.889, 52.402]) },
  { address: '45 Eastbank Road', phone: '+31 20 555 0204', position: crossingNear([4.962, 52.362]) },
] as const;

/** `branch`: index into {@link branchNames}; absent: the organization's. */
export const warehouses: readonly { name: string; address: string; branch?: number }[] = [
  { name: 'Quay store', address: '4 Quay Street', branch: 0 },
  { name: 'Mill loft', address: '120 Mill Lane', branch: 1 },
  { name: 'North shelves', address: '9 North Gate', branch: 2 },
  { name: 'Central depot', address: '1 Ring Road' },
];

/** Two of them are one and the same, as directories have it. */
export const vendors: readonly { name: string; contactEmail: string; contactPhone?: string; address?: string }[] = [
  { name: 'Kestrel Components', contactEmail: 'orders@kestrel.test', contactPhone: '+31 20 555 0301' },
  {
    name: 'Delver Spares',
    contactEmail: 'desk@delver.test',
    contactPhone: '+31 20 555 0302',
    address: '3 Smithy Yard',
  },
  { name: 'Delver Spares B.V.', contactEmail: 'info@delver.test' },
  { name: 'Northlight Displays', contactEmail: 'sales@northlight.test', address: '77 Glass Street' },
];

/** `members`: logins of {@link people}; `branches` as theirs. */
export const teams: readonly { name: string; members: readonly string[]; branches?: readonly number[] }[] = [
  { name: 'Operations room', members: ['ops', 'team'] },
  { name: 'Harbour and Millfield desk', members: ['team'], branches: [0, 1] },
  { name: 'Drivers, north', members: ['driver1', 'driver2', 'driver3'], branches: [2, 3] },
];

/** `weight`: how much of the work comes from this customer. */
export const customers = [
  {
    name: 'Vantor Retail',
    slaHours: 72,
    weight: 14,
    address: '61 Market Street',
    position: crossingNear([4.884, 52.3745]),
  },
  {
    name: 'Pellworth Bank',
    slaHours: 48,
    weight: 11,
    address: '1 Saint Anne’s Square',
    position: crossingNear([4.903, 52.3765]),
  },
  {
    name: 'Luma Pharmacies',
    slaHours: 48,
    weight: 11,
    address: '24 Tannery Row',
    position: crossingNear([4.888, 52.366]),
  },
  {
    name: 'Oakline Logistics',
    slaHours: 72,
    weight: 10,
    address: '200 Ring Road North',
    position: crossingNear([4.917, 52.4085]),
  },
  {
    name: 'Corvane Hotels',
    slaHours: 72,
    weight: 9,
    address: '9 Glass Street',
    position: crossingNear([4.9155, 52.3795]),
  },
  {
    name: 'Ferrin Rail',
    slaHours: 48,
    weight: 8,
    address: '2 Station Approach',
    position: crossingNear([4.871, 52.388]),
  },
  {
    name: 'Brightwell Clinics',
    slaHours: 48,
    weight: 8,
    address: '15 Orchard Walk',
    position: crossingNear([4.925, 52.3955]),
  },
  {
    name: 'Wexcombe Council',
    slaHours: 72,
    weight: 7,
    address: '40 Southmead Road',
    position: crossingNear([4.893, 52.3425]),
  },
  {
    name: 'Saltmarsh Foods',
    slaHours: 72,
    weight: 7,
    address: '77 South Quay',
    position: crossingNear([4.9225, 52.352]),
  },
  {
    name: 'Tollgate Motors',
    slaHours: 72,
    weight: 6,
    address: '118 Weir Street',
    position: crossingNear([4.8475, 52.3655]),
  },
  { name: 'Arden Dairy', slaHours: 72, weight: 5, address: '5 Meadow Lane', position: crossingNear([4.857, 52.341]) },
  {
    name: 'Quayside Cinemas',
    slaHours: 72,
    weight: 4,
    address: '31 Quay Street',
    position: crossingNear([4.932, 52.3715]),
  },
] as const;

/** `hours`: the median a batch stays there; `spread`: how unreliable that is. Two centers are slow, one is erratic. */
export const centers = [
  {
    name: 'Precisia Lab',
    phone: '+31 20 555 0127',
    street: '14 Tannery Row',
    hours: 27,
    spread: 0.35,
    position: crossingNear([4.912, 52.371]),
  },
  {
    name: 'Lindqvist Repair',
    phone: '+31 20 555 0136',
    street: '3 Canal Works',
    hours: 23,
    spread: 0.3,
    position: crossingNear([4.876, 52.357]),
  },
  {
    name: 'Castor Electronics',
    phone: '+31 20 555 0145',
    street: '88 Foundry Lane',
    hours: 36,
    spread: 0.3,
    position: crossingNear([4.944, 52.389]),
  },
  {
    name: 'Orbit Devices',
    phone: '+31 20 555 0163',
    street: '5 Ropewalk',
    hours: 22,
    spread: 0.55,
    position: crossingNear([4.838, 52.3835]),
  },
  {
    name: 'Halden Works',
    phone: '+31 20 555 0172',
    street: '41 Mill Street',
    hours: 25,
    spread: 0.3,
    position: crossingNear([4.925, 52.342]),
  },
  {
    name: 'Brookfield Service',
    phone: '+31 20 555 0181',
    street: '120 North Quay',
    hours: 33,
    spread: 0.4,
    position: crossingNear([4.901, 52.401]),
  },
] as const;

/** Days on which every center is closed, each year: month and day. */
export const holidays = [
  { day: '01-01', name: 'New Year’s Day' },
  { day: '04-27', name: 'King’s Day' },
  { day: '12-25', name: 'Christmas Day' },
  { day: '12-26', name: 'Boxing Day' },
] as const;

/** `branches`: indexes into {@link branchNames} that the person is limited to; absent means all. */
export const people: readonly {
  login: string;
  name: string;
  role: Role;
  branches?: readonly number[];
  phone?: string;
}[] = [
  { login: 'admin', name: 'Ruth Vandermeer', role: 'admin' },
  { login: 'ops', name: 'Ines Calder', role: 'operations_manager' },
  { login: 'team', name: 'Noor Haddad', role: 'team_member', branches: [0, 1] },
  { login: 'manager', name: 'Henrik Sande', role: 'manager' },
  ...[
    'Priya Nair',
    'Dele Adeyemi',
    'Tomas Riedl',
    'Lena Fischer',
    'Marek Havel',
    'Sofia Brandt',
    'Jonas Weir',
    'Ada Okafor',
  ].map((name, i) => ({ login: `driver${i + 1}`, name, role: 'driver' as const, phone: `+31 6 5550 01${10 + i}` })),
];

/** The address under which a demo person signs in. */
export const emailOf = (login: string): string => `${login}@demo.test`;
