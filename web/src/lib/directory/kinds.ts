import type { DirectoryKind } from '@opsboard/shared/directory/kinds';
import type { InView } from '@opsboard/shared/protocol/fold';
import type { TransferKind } from '@opsboard/shared/transfer/columns';
import { weekdays, weekdayWords, type Weekday } from '@opsboard/shared/time/weekdays';
import type { Hours } from '#lib/time/week.ts';
import type { FieldDef } from './fields.ts';

/** A record of the directory as it is held here. */
export type Entry = InView<DirectoryKind>;
type Of<K extends DirectoryKind> = InView<K>;

/** What columns look up. */
export type Look = { nameOf(kind: 'branch' | 'person', id: string): string };

/** A column of a list. `order`: what it is sorted by, where that is not the text. */
export type Column = {
  key: string;
  word: string;
  /** As a track of a grid. */
  width: string;
  text(entry: Entry, look: Look): string;
  order?(entry: Entry): number;
};

/** One kind of the directory: its page, its list and its form. */
export type KindPage = {
  kind: DirectoryKind;
  title: string;
  /** Inside a sentence. */
  one: string;
  transfer: TransferKind;
  /** What it is for, while there is none. */
  about: string;
  columns: readonly Column[];
  fields: readonly FieldDef[];
};

const name = (word: string): Column => ({
  key: 'name',
  word,
  width: 'minmax(180px, 2fr)',
  text: (entry) => entry.name,
});
const plain = (key: string, word: string, width: string): Column => ({
  key,
  word,
  width,
  text: (entry) => (entry as unknown as { [key: string]: string | undefined })[key] ?? '',
});
const nameField = (most: number, placeholder: string): FieldDef => ({
  key: 'name',
  label: 'Name',
  type: 'text',
  needed: true,
  most,
  placeholder,
});
const address: FieldDef = { key: 'address', label: 'Address', type: 'text', most: 200 };
const position: FieldDef = {
  key: 'position',
  label: 'Position on the map',
  type: 'position',
  hint: 'Two numbers, as a map gives them. A pasted “53.551, 9.993” fills both.',
};
const timeZone: FieldDef = {
  key: 'timeZone',
  label: 'Time zone',
  type: 'zone',
  hint: 'Where it is not the organization’s.',
};
const contacts: readonly FieldDef[] = [
  { key: 'contactEmail', label: 'Contact e-mail', type: 'email', most: 254 },
  { key: 'contactPhone', label: 'Contact phone', type: 'tel', most: 30 },
];

/** `Mon–Fri 08:00–17:00`, by the first open day; for a list. */
export function hoursInShort(hours: Hours | undefined): string {
  if (!hours) return '';
  const open = weekdays.filter((day) => hours[day]);
  const [first, last] = [open[0], open.at(-1)];
  if (!first || !last) return 'Closed';
  const run = weekdays.slice(weekdays.indexOf(first), weekdays.indexOf(last) + 1).length === open.length;
  const short = (day: Weekday) => weekdayWords[day].slice(0, 3);
  if (first === last) return short(first);
  return run ? `${short(first)}–${short(last)}` : open.map(short).join(', ');
}

/** Every page of the directory but that of the parts. */
export const kindPages: { readonly [K in DirectoryKind]: KindPage } = {
  branch: {
    kind: 'branch',
    title: 'Branches',
    one: 'branch',
    transfer: 'branches',
    about: 'Where batches are put together and come back to.',
    columns: [
      name('Branch'),
      plain('phone', 'Phone', '150px'),
      plain('address', 'Address', 'minmax(160px, 2fr)'),
      plain('timeZone', 'Time zone', '150px'),
    ],
    fields: [
      nameField(60, 'Harbour'),
      { key: 'phone', label: 'Phone', type: 'tel', most: 30 },
      address,
      position,
      timeZone,
    ],
  },
  warehouse: {
    kind: 'warehouse',
    title: 'Warehouses',
    one: 'warehouse',
    transfer: 'warehouses',
    about: 'Where goods are kept: of one branch, or of the whole organization.',
    columns: [
      name('Warehouse'),
      {
        key: 'branch',
        word: 'Branch',
        width: 'minmax(120px, 1fr)',
        text: (entry, { nameOf }) => {
          const { branch } = entry as Of<'warehouse'>;
          return branch === undefined ? '' : nameOf('branch', branch);
        },
      },
      plain('address', 'Address', 'minmax(160px, 2fr)'),
      plain('timeZone', 'Time zone', '150px'),
    ],
    fields: [
      nameField(80, 'Dock 4'),
      { key: 'branch', label: 'Branch', type: 'branch', hint: 'None: it is the whole organization’s.' },
      address,
      position,
      timeZone,
    ],
  },
  vendor: {
    kind: 'vendor',
    title: 'Vendors',
    one: 'vendor',
    transfer: 'vendors',
    about: 'Whom parts and goods are bought from, and how they are reached.',
    columns: [
      name('Vendor'),
      plain('contactEmail', 'E-mail', 'minmax(160px, 1.5fr)'),
      plain('contactPhone', 'Phone', '150px'),
      plain('address', 'Address', 'minmax(140px, 1.5fr)'),
    ],
    fields: [nameField(80, 'Ostrava Components'), ...contacts, address],
  },
  customer: {
    kind: 'customer',
    title: 'Customers',
    one: 'customer',
    transfer: 'customers',
    about: 'Whose parts they are, and the turnaround that was promised.',
    columns: [
      name('Customer'),
      {
        key: 'slaHours',
        word: 'SLA',
        width: '72px',
        text: (entry) => `${(entry as Of<'customer'>).slaHours}\u202fh`,
        order: (entry) => (entry as Of<'customer'>).slaHours,
      },
      plain('contactEmail', 'E-mail', 'minmax(160px, 1.5fr)'),
      plain('contactPhone', 'Phone', '150px'),
      plain('language', 'Language', '88px'),
      plain('timeZone', 'Time zone', '150px'),
    ],
    fields: [
      nameField(80, 'Vantor Retail'),
      {
        key: 'slaHours',
        label: 'SLA, hours',
        type: 'sla',
        needed: true,
        hint: 'The contracted turnaround. New batches are promised by it; those on the way keep their date.',
      },
      ...contacts,
      { ...address, hint: 'Where a driver picks up and brings back.' },
      position,
      { key: 'language', label: 'Language', type: 'language', hint: 'As en or pt-BR: what is written to them.' },
      timeZone,
    ],
  },
  center: {
    kind: 'center',
    title: 'Service centers',
    one: 'service center',
    transfer: 'centers',
    about: 'Where the parts go, and whom to call when it takes long.',
    columns: [
      name('Service center'),
      plain('phone', 'Phone', '150px'),
      plain('address', 'Address', 'minmax(160px, 2fr)'),
      {
        key: 'hours',
        word: 'Open',
        width: '120px',
        text: (entry) => hoursInShort((entry as Of<'center'>).hours as Hours | undefined),
      },
      plain('timeZone', 'Time zone', '150px'),
    ],
    fields: [
      nameField(80, 'Lindqvist Repair'),
      { key: 'phone', label: 'Phone', type: 'tel', most: 30, hint: 'Called first when a batch is late.' },
      address,
      position,
      timeZone,
      { key: 'hours', label: 'Opening hours', type: 'hours' },
      { key: 'holidays', label: 'Holidays', type: 'holidays', hint: 'Whole days on which it is closed.' },
    ],
  },
  team: {
    kind: 'team',
    title: 'Teams',
    one: 'team',
    transfer: 'teams',
    about: 'People of one or more branches who own work together.',
    columns: [
      name('Team'),
      {
        key: 'members',
        word: 'Members',
        width: 'minmax(180px, 3fr)',
        text: (entry, { nameOf }) => (entry as Of<'team'>).members.map((id) => nameOf('person', id)).join(', '),
        order: (entry) => (entry as Of<'team'>).members.length,
      },
      {
        key: 'branches',
        word: 'Branches',
        width: 'minmax(120px, 1fr)',
        text: (entry, { nameOf }) => {
          const { branches } = entry as Of<'team'>;
          return branches ? branches.map((id) => nameOf('branch', id)).join(', ') : 'All';
        },
      },
    ],
    fields: [
      nameField(60, 'Night desk'),
      { key: 'members', label: 'Members', type: 'people' },
      { key: 'branches', label: 'Branches', type: 'branches', hint: 'None chosen: all.' },
    ],
  },
};
