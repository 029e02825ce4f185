import type { Role } from '@opsboard/shared/people/roles';

/** The invented organization that `--demo` fills in: who and where. What happens there is `history.ts`. */
export const organizationName = 'Aldermoor Device Care';
export const timeZone = 'Europe/Amsterdam';
/** The password of every demo person. */
export const password = 'opsboard-demo';

export const branchNames = ['Harbour', 'Millfield', 'Northgate', 'Eastbank'] as const;

/** `weight`: how much of the work comes from this customer. */
export const customers = [
  { name: 'Vantor Retail', slaHours: 72, weight: 14 },
  { name: 'Pellworth Bank', slaHours: 48, weight: 11 },
  { name: 'Luma Pharmacies', slaHours: 48, weight: 11 },
  { name: 'Oakline Logistics', slaHours: 72, weight: 10 },
  { name: 'Corvane Hotels', slaHours: 72, weight: 9 },
  { name: 'Ferrin Rail', slaHours: 48, weight: 8 },
  { name: 'Brightwell Clinics', slaHours: 48, weight: 8 },
  { name: 'Wexcombe Council', slaHours: 72, weight: 7 },
  { name: 'Saltmarsh Foods', slaHours: 72, weight: 7 },
  { name: 'Tollgate Motors', slaHours: 72, weight: 6 },
  { name: 'Arden Dairy', slaHours: 72, weight: 5 },
  { name: 'Quayside Cinemas', slaHours: 72, weight: 4 },
] as const;

/** `hours`: the median a batch stays there; `spread`: how unreliable that is. Two centers are slow, one is erratic. */
export const centers = [
  {
    name: 'Precisia Lab',
    phone: '+31 20 555 0127',
    street: '14 Tannery Row',
    hours: 27,
    spread: 0.35,
    position: [4.912, 52.371],
  },
  {
    name: 'Lindqvist Repair',
    phone: '+31 20 555 0136',
    street: '3 Canal Works',
    hours: 23,
    spread: 0.3,
    position: [4.876, 52.357],
  },
  {
    name: 'Castor Electronics',
    phone: '+31 20 555 0145',
    street: '88 Foundry Lane',
    hours: 36,
    spread: 0.3,
    position: [4.944, 52.389],
  },
  {
    name: 'Orbit Devices',
    phone: '+31 20 555 0163',
    street: '5 Ropewalk',
    hours: 22,
    spread: 0.55,
    position: [4.838, 52.379],
  },
  {
    name: 'Halden Works',
    phone: '+31 20 555 0172',
    street: '41 Mill Street',
    hours: 25,
    spread: 0.3,
    position: [4.925, 52.342],
  },
  {
    name: 'Brookfield Service',
    phone: '+31 20 555 0181',
    street: '120 North Quay',
    hours: 33,
    spread: 0.4,
    position: [4.901, 52.401],
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
