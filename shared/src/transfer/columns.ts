import { weekdays, weekdayWords } from '../time/weekdays.ts';

/** What can be imported from CSV and exported to it. */
export const transferKinds = [
  'customers',
  'centers',
  'branches',
  'warehouses',
  'vendors',
  'teams',
  'parts',
  'batches',
] as const;
export type TransferKind = (typeof transferKinds)[number];

/** The most rows of one import: it is one transaction. */
export const mostRows = 10_000;
/** The most text of one import, characters. */
export const mostText = 6_000_000;

/** One column of a file. `wants` completes the sentence "… is not …", `example` stands in the page's own help. */
export type TransferColumn = {
  name: string;
  /** Other names by which it is known; case, blanks and signs do not count. */
  aliases: readonly string[];
  required?: true;
  wants: string;
  example: string;
};

const column = (
  name: string,
  wants: string,
  example: string,
  more: { aliases?: readonly string[]; required?: true } = {},
): TransferColumn => ({ name, aliases: [], wants, example, ...more });

const timeZone = column('Time zone', 'an IANA time zone, as Europe/Berlin', 'Europe/Berlin', {
  aliases: ['zone', 'tz'],
});
const address = column('Address', 'an address of at most 200 characters on one line', '4 Dock Road, 20457 Hamburg');
const position = [
  column('Longitude', 'degrees from -180 to 180, as 9.993', '9.993', { aliases: ['lon', 'lng', 'long'] }),
  column('Latitude', 'degrees from -90 to 90, as 53.551', '53.551', { aliases: ['lat'] }),
];
const contacts = (example: string) => [
  column('Contact e-mail', 'an e-mail address, as desk@example.com', `desk@${example}.example`, {
    aliases: ['email', 'e-mail', 'mail', 'contact mail'],
  }),
  column('Contact phone', 'a telephone number, as +49 30 1234567', '+49 30 1234567', {
    aliases: ['phone', 'telephone', 'tel'],
  }),
];
const recordId = column('ID', 'the ID that an export gave it; leave it empty for a new one', '', {
  aliases: ['record id', 'identifier'],
});

/** The columns of each kind of file, in the order in which an export writes them. */
export const transferColumns: { readonly [K in TransferKind]: readonly TransferColumn[] } = {
  customers: [
    column('Name', 'a name of 1 to 80 characters on one line', 'Vantor Retail', {
      aliases: ['customer', 'customer name'],
      required: true,
    }),
    column('SLA hours', 'a whole number of hours from 1 to 2160, as 72', '72', {
      aliases: ['sla', 'hours', 'turnaround', 'turnaround hours', 'contracted sla'],
      required: true,
    }),
    ...contacts('vantor'),
    address,
    ...position,
    column('Language', 'a language tag, as en or pt-BR', 'en', { aliases: ['lang'] }),
    timeZone,
    recordId,
  ],
  centers: [
    column('Name', 'a name of 1 to 80 characters on one line', 'Lindqvist Repair', {
      aliases: ['center', 'service center', 'centre', 'service centre', 'center name'],
      required: true,
    }),
    column('Phone', 'a telephone number, as +49 30 1234567', '+49 30 7654321', { aliases: ['telephone', 'tel'] }),
    address,
    ...position,
    ...weekdays.map((day) =>
      column(
        weekdayWords[day],
        'opening hours, as 08:00-17:00, or closed',
        day === 'sat' || day === 'sun' ? 'closed' : '08:00-17:00',
        {
          aliases: [day, `hours ${day}`, `hours ${weekdayWords[day]}`],
        },
      ),
    ),
    column(
      'Holidays',
      'days with their names, as 2026-12-25 Christmas Day; 2026-12-26 Boxing Day',
      '2026-12-25 Christmas Day',
      {
        aliases: ['holiday', 'closed on'],
      },
    ),
    timeZone,
    recordId,
  ],
  branches: [
    column('Name', 'a name of 1 to 60 characters on one line', 'Harbour', {
      aliases: ['branch', 'branch name'],
      required: true,
    }),
    column('Phone', 'a telephone number, as +49 30 1234567', '+49 30 7654321', { aliases: ['telephone', 'tel'] }),
    address,
    ...position,
    timeZone,
    recordId,
  ],
  warehouses: [
    column('Name', 'a name of 1 to 80 characters on one line', 'Dock 4', {
      aliases: ['warehouse', 'warehouse name'],
      required: true,
    }),
    column('Branch', 'the name of a branch in the directory', 'Harbour', { aliases: ['branch name'] }),
    address,
    ...position,
    timeZone,
    recordId,
  ],
  vendors: [
    column('Name', 'a name of 1 to 80 characters on one line', 'Ostrava Components', {
      aliases: ['vendor', 'vendor name', 'supplier'],
      required: true,
    }),
    ...contacts('ostrava'),
    address,
    recordId,
  ],
  teams: [
    column('Name', 'a name of 1 to 60 characters on one line', 'Night desk', {
      aliases: ['team', 'team name'],
      required: true,
    }),
    column('Members', 'names of people, as Ada Novak; Tomas Riedl, or none', 'Ada Novak; Tomas Riedl', {
      aliases: ['people', 'member'],
    }),
    column('Branches', 'names of branches, as Harbour; Airport', 'Harbour; Airport', { aliases: ['branch'] }),
    recordId,
  ],
  parts: [
    column('Part ID', 'a part ID: 1 to 40 letters, digits, "-", "_" or "/"', 'P-40017', {
      aliases: ['part', 'id', 'part number', 'part no', 'serial', 'serial number'],
      required: true,
    }),
    column('Label', 'a label of 1 to 80 characters on one line', 'Card reader', {
      aliases: ['description', 'name', 'what'],
      required: true,
    }),
    column('Customer', 'the name of a customer in the directory', 'Vantor Retail', {
      aliases: ['customer name', 'owner'],
    }),
  ],
  batches: [
    column('Reference', 'the reference of a batch on record; leave it empty for a new one', '', {
      aliases: ['ref', 'batch', 'batch reference'],
    }),
    column('Branch', 'the name of a branch in the directory', 'Harbour', { aliases: ['branch name'], required: true }),
    column('Customer', 'the name of a customer in the directory', 'Vantor Retail', {
      aliases: ['customer name'],
      required: true,
    }),
    column('Service center', 'the name of a service center in the directory', 'Lindqvist Repair', {
      aliases: ['center', 'centre', 'service centre'],
      required: true,
    }),
    column('Driver', 'the name of an active driver', 'Tomas Riedl', { aliases: ['driver name'] }),
    column('Parts', 'part IDs, parted by blanks', 'P-40017 P-40018', { aliases: ['part ids', 'part list'] }),
    column('Expected return date', 'a date and time, as 2026-10-15 14:30', '2026-10-15 14:30', {
      aliases: ['due', 'due date', 'due at', 'expected return', 'return date'],
    }),
  ],
};

/** What an export writes for people to read: an import leaves it aside, because the board decides it. */
export const readOnlyColumns: { readonly [K in TransferKind]: readonly string[] } = {
  customers: [],
  centers: [],
  branches: [],
  warehouses: [],
  vendors: [],
  teams: [],
  parts: [],
  batches: [
    'Status',
    'Part count',
    'Lost or scrapped',
    'First promise',
    'SLA status',
    'Time to due (min)',
    'In status since',
    'Elapsed (min)',
    'Created',
    'Sealed',
    'Departed',
    'Arrived at center',
    'Departed back',
    'Completed',
    'Cancelled',
  ],
};

/** The words for one and for several of a kind. */
export const transferWords: { readonly [K in TransferKind]: { one: string; many: string } } = {
  customers: { one: 'customer', many: 'customers' },
  centers: { one: 'service center', many: 'service centers' },
  branches: { one: 'branch', many: 'branches' },
  warehouses: { one: 'warehouse', many: 'warehouses' },
  vendors: { one: 'vendor', many: 'vendors' },
  teams: { one: 'team', many: 'teams' },
  parts: { one: 'part', many: 'parts' },
  batches: { one: 'batch', many: 'batches' },
};
