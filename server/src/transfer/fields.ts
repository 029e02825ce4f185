import {
  createBranch,
  createCenter,
  createCustomer,
  createTeam,
  createVendor,
  createWarehouse,
} from '@opsboard/shared/directory/schema';
import { weekdays, weekdayWords } from '@opsboard/shared/time/weekdays';
import type { TransferKind } from '@opsboard/shared/transfer/columns';
import { transferColumns } from '@opsboard/shared/transfer/columns';
import type { CellProblem } from '@opsboard/shared/transfer/preview';
import type { z } from 'zod';
import type { Cell } from './csv.ts';
import type { NameBook } from './name-book.ts';
import { nameKey } from './names.ts';
import { readHolidays, readHours, writeHolidays, writeHours, type Hours } from './hours.ts';
import { readList, writeList } from './list.ts';

/** What cells come to: nothing was given, a value, or what is wrong. */
export type Read = undefined | { value: unknown } | { wrong: CellProblem[] };

/** A field of a record and the columns that hold it, for both ways. */
export type Field = {
  key: string;
  columns: readonly string[];
  /**
   * @param now the field's value on the record that is there already
   * @param book the names of what a field may point at
   */
  read(texts: readonly string[], now: unknown, book: NameBook): Read;
  write(value: unknown, book: NameBook): Cell[];
};

/** A cell as it is named in a sentence. */
export const quoted = (text: string): string => `“${text.length > 48 ? `${text.slice(0, 47)}…` : text}”`;

/** The sentence for a cell that is not what its column wants. */
export function notWanted(kind: TransferKind, column: string, text: string): CellProblem {
  const wants = transferColumns[kind].find(({ name }) => name === column)?.wants ?? 'possible here';
  return { column, message: `${quoted(text)} is not ${wants}.` };
}

/** A field in one column, by the schema that the command has for it. */
function single(
  kind: TransferKind,
  key: string,
  column: string,
  schema: z.ZodType,
  convert: (text: string) => unknown = (text) => text,
): Field {
  return {
    key,
    columns: [column],
    read: ([text = '']) => {
      if (text === '') return undefined;
      const parsed = schema.safeParse(convert(text));
      return parsed.success ? { value: parsed.data } : { wrong: [notWanted(kind, column, text)] };
    },
    write: (value) => [value as Cell],
  };
}

/** A number as people write it: with a unit of hours behind, or a decimal comma. */
const numberOf = (text: string): number => {
  const plain = text.replace(/\s*(h|hours?)$/i, '').replace(',', '.');
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : Number.NaN;
};

const position = (kind: TransferKind): Field => ({
  key: 'position',
  columns: ['Longitude', 'Latitude'],
  read: (texts, now) => {
    if (texts.every((text) => text === '')) return undefined;
    const was = now as readonly [number, number] | undefined;
    const wrong: CellProblem[] = [];
    const pair = texts.map((text, i) => {
      const column = ['Longitude', 'Latitude'][i]!;
      const value = text === '' ? was?.[i] : numberOf(text);
      if (value === undefined) wrong.push({ column, message: 'A position needs longitude and latitude. Give both.' });
      else if (Number.isNaN(value) || Math.abs(value) > (i === 0 ? 180 : 90)) wrong.push(notWanted(kind, column, text));
      return value;
    });
    return wrong.length > 0 ? { wrong } : { value: pair };
  },
  write: (value) => (value === undefined ? [undefined, undefined] : [...(value as [number, number])]),
});

const customer = createCustomer.shape;
export const customerFields: readonly Field[] = [
  single('customers', 'name', 'Name', customer.name),
  single('customers', 'slaHours', 'SLA hours', customer.slaHours, numberOf),
  single('customers', 'contactEmail', 'Contact e-mail', customer.contactEmail),
  single('customers', 'contactPhone', 'Contact phone', customer.contactPhone),
  single('customers', 'address', 'Address', customer.address),
  position('customers'),
  single('customers', 'language', 'Language', customer.language),
  single('customers', 'timeZone', 'Time zone', customer.timeZone),
];

const center = createCenter.shape;

const hours: Field = {
  key: 'hours',
  columns: weekdays.map((day) => weekdayWords[day]),
  read: (texts, now) => {
    if (texts.every((text) => text === '')) return undefined;
    const made: Hours = { ...(now as Hours | undefined) };
    const wrong: CellProblem[] = [];
    for (const [i, text] of texts.entries()) {
      // A day that is left empty stays as it was; a new center is closed on it.
      if (text === '') continue;
      const read = readHours(text);
      if (read === undefined) wrong.push(notWanted('centers', hours.columns[i]!, text));
      else if (read === 'closed') delete made[weekdays[i]!];
      else made[weekdays[i]!] = read;
    }
    return wrong.length > 0 ? { wrong } : { value: made };
  },
  write: (value) => weekdays.map((day) => (value === undefined ? undefined : writeHours((value as Hours)[day]))),
};

const holidays: Field = {
  key: 'holidays',
  columns: ['Holidays'],
  read: ([text = '']) => {
    if (text === '') return undefined;
    const parsed = center.holidays.safeParse(readHolidays(text) ?? null);
    return parsed.success ? { value: parsed.data } : { wrong: [notWanted('centers', 'Holidays', text)] };
  },
  write: (value) => [value === undefined ? undefined : writeHolidays(value as { date: string; name: string }[])],
};

export const centerFields: readonly Field[] = [
  single('centers', 'name', 'Name', center.name),
  single('centers', 'phone', 'Phone', center.phone),
  single('centers', 'address', 'Address', center.address),
  position('centers'),
  hours,
  holidays,
  single('centers', 'timeZone', 'Time zone', center.timeZone),
];

const branch = createBranch.shape;
export const branchFields: readonly Field[] = [
  single('branches', 'name', 'Name', branch.name),
  single('branches', 'phone', 'Phone', branch.phone),
  single('branches', 'address', 'Address', branch.address),
  position('branches'),
  single('branches', 'timeZone', 'Time zone', branch.timeZone),
];

/** A record that a cell names: one that is pointed at already, or one that may be chosen. */
function named(
  column: string,
  kind: 'branch' | 'person',
  name: string,
  now: readonly string[],
  book: NameBook,
): { id: string } | { wrong: CellProblem } {
  const same = now.find((id) => nameKey(book.nameOf(kind, id)) === nameKey(name));
  if (same !== undefined) return { id: same };
  const found = book.find(kind, name);
  const many = kind === 'branch' ? 'branches' : 'people';
  if (found === 'several') {
    const message = `Several ${many} are called ${quoted(name)}. Change it on the page of the directory instead.`;
    return { wrong: { column, message } };
  }
  return found === undefined
    ? {
        wrong: {
          column,
          message: `There is no ${kind} called ${quoted(name)}. Add it first, or correct the name.`,
        },
      }
    : { id: found };
}

const warehouse = createWarehouse.shape;
export const warehouseFields: readonly Field[] = [
  single('warehouses', 'name', 'Name', warehouse.name),
  {
    key: 'branch',
    columns: ['Branch'],
    read: ([text = ''], now, book) => {
      if (text === '') return undefined;
      const found = named('Branch', 'branch', text, now === undefined ? [] : [now as string], book);
      return 'wrong' in found ? { wrong: [found.wrong] } : { value: found.id };
    },
    write: (value, book) => [value === undefined ? undefined : book.nameOf('branch', value as string)],
  },
  single('warehouses', 'address', 'Address', warehouse.address),
  position('warehouses'),
  single('warehouses', 'timeZone', 'Time zone', warehouse.timeZone),
];

const vendor = createVendor.shape;
export const vendorFields: readonly Field[] = [
  single('vendors', 'name', 'Name', vendor.name),
  single('vendors', 'contactEmail', 'Contact e-mail', vendor.contactEmail),
  single('vendors', 'contactPhone', 'Contact phone', vendor.contactPhone),
  single('vendors', 'address', 'Address', vendor.address),
];

/** A list of names in one cell. */
function names(key: string, column: string, kind: 'branch' | 'person'): Field {
  return {
    key,
    columns: [column],
    read: ([text = ''], now, book) => {
      if (text === '') return undefined;
      const ids: string[] = [];
      const wrong: CellProblem[] = [];
      const before = [...((now as readonly string[] | undefined) ?? [])];
      for (const name of readList(text)) {
        const found = named(column, kind, name, before, book);
        if ('wrong' in found) wrong.push(found.wrong);
        else {
          // Two of one name: the second time it is the other one.
          if (before.includes(found.id)) before.splice(before.indexOf(found.id), 1);
          ids.push(found.id);
        }
      }
      if (wrong.length > 0) return { wrong };
      const was = (now as readonly string[] | undefined) ?? [];
      // The order of a list means nothing: the same ones are no change.
      const same = ids.length === was.length && ids.every((id) => was.includes(id));
      return { value: same ? [...was] : ids };
    },
    write: (value, book) => [
      value === undefined ? undefined : writeList((value as readonly string[]).map((id) => book.nameOf(kind, id))),
    ],
  };
}

export const teamFields: readonly Field[] = [
  single('teams', 'name', 'Name', createTeam.shape.name),
  names('members', 'Members', 'person'),
  names('branches', 'Branches', 'branch'),
];
