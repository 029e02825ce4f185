import { createCenter, createCustomer } from '@opsboard/shared/directory/schema';
import type { TransferKind } from '@opsboard/shared/transfer/columns';
import { dayColumns, days, transferColumns } from '@opsboard/shared/transfer/columns';
import type { CellProblem } from '@opsboard/shared/transfer/preview';
import type { z } from 'zod';
import type { Cell } from './csv.ts';
import { readHolidays, readHours, writeHolidays, writeHours, type Hours } from './hours.ts';

/** What cells come to: nothing was given, a value, or what is wrong. */
export type Read = undefined | { value: unknown } | { wrong: CellProblem[] };

/** A field of a record and the columns that hold it, for both ways. */
export type Field = {
  key: string;
  columns: readonly string[];
  /** @param now the field's value on the record that is there already */
  read(texts: readonly string[], now: unknown): Read;
  write(value: unknown): Cell[];
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

const customer = createCustomer.shape;
export const customerFields: readonly Field[] = [
  single('customers', 'name', 'Name', customer.name),
  single('customers', 'slaHours', 'SLA hours', customer.slaHours, numberOf),
  single('customers', 'contactEmail', 'Contact e-mail', customer.contactEmail),
  single('customers', 'contactPhone', 'Contact phone', customer.contactPhone),
  single('customers', 'language', 'Language', customer.language),
  single('customers', 'timeZone', 'Time zone', customer.timeZone),
];

const center = createCenter.shape;

const position: Field = {
  key: 'position',
  columns: ['Longitude', 'Latitude'],
  read: (texts, now) => {
    if (texts.every((text) => text === '')) return undefined;
    const was = now as readonly [number, number] | undefined;
    const wrong: CellProblem[] = [];
    const pair = texts.map((text, i) => {
      const column = position.columns[i]!;
      const value = text === '' ? was?.[i] : numberOf(text);
      if (value === undefined) wrong.push({ column, message: 'A position needs longitude and latitude. Give both.' });
      else if (Number.isNaN(value) || Math.abs(value) > (i === 0 ? 180 : 90))
        wrong.push(notWanted('centers', column, text));
      return value;
    });
    return wrong.length > 0 ? { wrong } : { value: pair };
  },
  write: (value) => (value === undefined ? [undefined, undefined] : [...(value as [number, number])]),
};

const hours: Field = {
  key: 'hours',
  columns: days.map((day) => dayColumns[day]),
  read: (texts, now) => {
    if (texts.every((text) => text === '')) return undefined;
    const made: Hours = { ...(now as Hours | undefined) };
    const wrong: CellProblem[] = [];
    for (const [i, text] of texts.entries()) {
      // A day that is left empty stays as it was; a new center is closed on it.
      if (text === '') continue;
      const read = readHours(text);
      if (read === undefined) wrong.push(notWanted('centers', hours.columns[i]!, text));
      else if (read === 'closed') delete made[days[i]!];
      else made[days[i]!] = read;
    }
    return wrong.length > 0 ? { wrong } : { value: made };
  },
  write: (value) => days.map((day) => (value === undefined ? undefined : writeHours((value as Hours)[day]))),
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
  position,
  hours,
  holidays,
  single('centers', 'timeZone', 'Time zone', center.timeZone),
];
